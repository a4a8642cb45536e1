/** The circuit breakers of the process: what they show, and what is done to them by hand. Design: docs/feed.md. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { BREAKER_KINDS, type VisibleBreaker } from "../../actors/breaker/breaker-view.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";

const BreakerBody = Type.Object({
  kind: Type.String({ description: "series, endpoint or rest." }),
  name: Type.String({ description: "As it is called in `GET /api/feed/breakers`." }),
});
type BreakerBody = Static<typeof BreakerBody>;

export function breakerRoutes(app: FastifyInstance, context: HttpContext): void {
  app.get("/api/feed/breakers", async () => ({
    schema_version: 1,
    now_ms: Math.round(context.clock.now()),
    series: context.breakers.views("series"),
    endpoints: context.breakers.views("endpoint"),
    rest: context.breakers.views("rest"),
  }));

  const act = (path: string, by: (breaker: VisibleBreaker) => void): void => {
    app.post<{ Body: BreakerBody }>(
      path,
      {
        schema: { body: BreakerBody },
        onRequest: async () => {
          if (!context.gates.devApi) throw new HttpError("http.gate_closed");
        },
      },
      async ({ body }) => {
        const breaker = breakerOf(context, body);
        by(breaker);
        return { ok: true, breaker: breaker.view() };
      },
    );
  };
  act("/api/dev/breakers/isolate", (breaker) => breaker.isolate());
  act("/api/dev/breakers/reset", (breaker) => breaker.reset());
}

function breakerOf({ breakers }: HttpContext, { kind, name }: BreakerBody): VisibleBreaker {
  const known = BREAKER_KINDS.find((one) => one === kind);
  const breaker = known === undefined ? undefined : breakers.find(known, name);
  if (breaker === undefined) throw new HttpError("feed.unknown_breaker");
  return breaker;
}
