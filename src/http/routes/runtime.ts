/** The actor tree of the process. Design: docs/operations.md. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { ReadSeriesId, seriesIdOf } from "../wire-schemas.js";

const TreeQuery = Type.Object({ series_id: Type.Optional(ReadSeriesId) });
type TreeQuery = Static<typeof TreeQuery>;

export function runtimeRoutes(app: FastifyInstance, { gates, runtime, clock }: HttpContext): void {
  app.get<{ Querystring: TreeQuery }>(
    "/api/runtime/tree",
    { schema: { querystring: TreeQuery } },
    async ({ query: { series_id: series } }) => {
      if (!gates.debugApi) throw new HttpError("http.gate_closed");
      const scope = series === undefined ? {} : { series: seriesIdOf(series).text };
      return { schema_version: 1, now_ms: Math.round(clock.now()), root: runtime.tree(scope) };
    },
  );
}
