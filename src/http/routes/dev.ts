/** Routes for development and tests, behind their own switch. Spec: http-api §9.1. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { errorText } from "../../actors/runtime/errors.js";
import { LedgerError } from "../../ledger/ledger-errors.js";
import { debugNote, type HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { type IngestNames, runIngest } from "../ingest-run.js";
import { candleOf, IngestSeriesId, ReadSeriesId, readSeriesOf, Time, WireCandle } from "../wire-schemas.js";

const BatchBody = Type.Object({
  series_id: IngestSeriesId,
  candles: Type.Array(WireCandle, { minItems: 1, maxItems: 20_000, description: "In any order." }),
  publish_ws: Type.Boolean({ default: false, description: "Tell subscribers of the live feed." }),
});
type BatchBody = Static<typeof BatchBody>;

const BATCH: IngestNames = { metric: "market_ingest_closed_batch", event: "write.http.ingest_candles_closed_batch" };

const RepairBody = Type.Object({
  series_id: ReadSeriesId,
  to_time: Type.Optional(Type.Union([Time, Type.Null()])),
});
type RepairBody = Static<typeof RepairBody>;

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

  app.post<{ Body: RepairBody }>("/api/dev/repair/overlay", { schema: { body: RepairBody } }, async ({ body }) => {
    const { devApi, readRepairApi } = context.gates;
    if (!devApi || !readRepairApi) throw new HttpError("http.gate_closed");
    return repairOverlay(context, body);
  });
}

/** Makes the drawing anew. Spec: ingest §8.2. */
async function repairOverlay(context: HttpContext, { series_id: series, to_time: toTime }: RepairBody) {
  const { sync } = context.ledgers;
  const id = readSeriesOf(series);
  try {
    const { requestedTime, alignedTime } = sync.resolveAlignedPoint(id, toTime ?? null);
    const steps = await sync.redraw(id);
    const heads = sync.requireHeadsReady(id, alignedTime);
    const data = {
      requested_time: requestedTime,
      aligned_time: alignedTime,
      steps,
      factor_head_time: heads.factor,
      overlay_head_time: heads.overlay,
    };
    debugNote(context, { pipe: "read", event: "read.http.overlay_repair", series, data });
    return {
      ok: true,
      series_id: series,
      requested_time: requestedTime,
      aligned_time: alignedTime,
      factor_head_time: heads.factor,
      overlay_head_time: heads.overlay,
      refreshed: true,
      steps,
    };
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw new HttpError("ledger.repair_failed", `overlay_repair_failed:${errorText(error)}`, { cause: error });
  }
}
