/** What a supervisor of the process asks: does it live, does it run, are its series fed. Design: docs/operations.md. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { MarketRuntime } from "../../actors/market-runtime.js";
import type { HttpContext } from "../context.js";
import { HttpError, type HttpErrorCode } from "../errors.js";

/** The one route that is answered until the end: a process that stops is alive. */
export const LIVENESS_PATH = "/healthz";

/** Names that an answer lists at most; of more it says how many. */
const MAX_NAMED = 20;

/** A part or a series that is not as it should be. */
interface Lacking {
  readonly name: string;
  readonly state: string;
}

export function probeRoutes(app: FastifyInstance, { runtime }: HttpContext): void {
  app.get(LIVENESS_PATH, async () => ({ status: "alive" }));

  app.get("/readyz", async (_request, reply) => {
    const lacking = runtime.parts().filter(({ state }) => state !== "running");
    if (lacking.length > 0) {
      const named = lacking.map(({ id, state }) => ({ name: id, state }));
      return refuse(reply, "http.not_ready", "not_ready", named);
    }
    return { status: "ready" };
  });

  app.get("/freshz", async (_request, reply) => {
    const lacking = notFresh(runtime);
    if (lacking.length > 0) return refuse(reply, "http.not_fresh", "not_fresh", lacking);
    return { status: "fresh", series: runtime.whitelist.length };
  });
}

/** Series of the whitelist whose feed is neither live nor quiet; a derived one has the feed of its base. */
function notFresh(runtime: MarketRuntime): readonly Lacking[] {
  const states = new Map(runtime.feedStates().series.map(({ series_id, state }) => [series_id, state]));
  return runtime.whitelist.flatMap((name) => {
    const state = states.get(runtime.fedBy(name)) ?? "not_followed";
    return state === "live" || state === "quiet" ? [] : [{ name, state }];
  });
}

/** Answered here instead of being thrown: what is asked every few seconds is not logged each time. */
function refuse(reply: FastifyReply, code: HttpErrorCode, what: string, lacking: readonly Lacking[]): FastifyReply {
  const named = lacking.slice(0, MAX_NAMED).map(({ name, state }) => `${name}=${state}`);
  const more = lacking.length > MAX_NAMED ? [`and ${lacking.length - MAX_NAMED} more`] : [];
  const error = new HttpError(code, `${what}:${[...named, ...more].join(", ")}`);
  return reply.code(error.status).send({ detail: error.detail });
}
