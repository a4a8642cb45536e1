/** The feed as operators see it: which series live, stall, repair, and why. Spec: binance-protocol §8 item 10. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { ReadSeriesId, seriesIdOf } from "../wire-schemas.js";

const StateQuery = Type.Object({ series_id: Type.Optional(ReadSeriesId) });
type StateQuery = Static<typeof StateQuery>;

export function feedRoutes(app: FastifyInstance, { gates, runtime }: HttpContext): void {
  app.get<{ Querystring: StateQuery }>(
    "/api/feed/state",
    { schema: { querystring: StateQuery } },
    async ({ query: { series_id: series } }) => {
      if (!gates.klineHealth && !gates.debugApi) throw new HttpError("http.gate_closed");
      return runtime.feedStates(series === undefined ? undefined : seriesIdOf(series).text);
    },
  );
}
