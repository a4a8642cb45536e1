/** Routes for development and tests, behind their own switch. Spec: http-api §9.1. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { type IngestNames, runIngest } from "../ingest-run.js";
import { candleOf, IngestSeriesId, WireCandle } from "../wire-schemas.js";

const BatchBody = Type.Object({
  series_id: IngestSeriesId,
  candles: Type.Array(WireCandle, { minItems: 1, maxItems: 20_000 }),
  publish_ws: Type.Boolean({ default: false }),
});
type BatchBody = Static<typeof BatchBody>;

const BATCH: IngestNames = { metric: "market_ingest_closed_batch", event: "write.http.ingest_candles_closed_batch" };

export function devRoutes(app: FastifyInstance, context: HttpContext): void {
  app.post<{ Body: BatchBody }>(
    "/api/dev/market/ingest/candles_closed_batch",
    {
      schema: { body: BatchBody },
      // The gate comes before the body is read: a closed route says nothing about it.
      onRequest: async () => {
        if (!context.gates.devApi) throw new HttpError("http.gate_closed");
      },
    },
    async ({ body }) => {
      const { series_id: seriesId, publish_ws } = body;
      const { policies } = context.runtime;
      const candles = body.candles.map(candleOf);
      const times = candles.map((candle) => candle.time);
      const count = candles.length;
      const first_candle_time = times.reduce((a, b) => Math.min(a, b));
      const last_candle_time = times.reduce((a, b) => Math.max(a, b));
      await runIngest(context, {
        seriesId,
        candles,
        policy: publish_ws ? policies.batchPublished : policies.batchSilent,
        names: BATCH,
        startData: { count, publish_ws },
        doneData: () => ({ count, first_candle_time, last_candle_time, publish_ws }),
      });
      return { ok: true, series_id: seriesId, count, first_candle_time, last_candle_time };
    },
  );
}
