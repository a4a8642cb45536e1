/** The gap ledger of a series. Spec: docs/feed.md, "The gap ledger". */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { toWireGap } from "../../market/gap.js";
import type { HttpContext } from "../context.js";
import { ReadSeriesId } from "../wire-schemas.js";

const GapsQuery = Type.Object({
  series_id: ReadSeriesId,
  since: Type.Optional(Type.Integer({ minimum: 0, description: "Only gaps detected after this, Unix milliseconds." })),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: "Gaps at most." }),
});
type GapsQuery = Static<typeof GapsQuery>;

export function feedGapRoutes(app: FastifyInstance, { store, log }: HttpContext): void {
  app.get<{ Querystring: GapsQuery }>(
    "/api/feed/gaps",
    { schema: { querystring: GapsQuery } },
    async ({ query: { series_id, since, limit } }) => {
      const { gaps, damaged } = store.gaps(series_id, { sinceMs: since, limit });
      if (damaged.length > 0) log.error("gap.record_damaged", { series_id, ids: damaged });
      return { schema_version: 1, series_id, gaps: gaps.map(toWireGap) };
    },
  );
}
