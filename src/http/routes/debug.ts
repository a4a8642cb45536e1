/** What the process is doing, for operators. Spec: http-api §4.1–4.3. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { nowSeconds } from "../../clock/clock.js";
import { SeriesHealthReader, TooManyScansError } from "../../ledger/series-health.js";
import type { SeriesId } from "../../market/series-id.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { ReadSeriesId, seriesIdOf } from "../wire-schemas.js";

const HealthQuery = Type.Object({
  series_id: ReadSeriesId,
  max_recent_gaps: Type.Integer({ minimum: 1, maximum: 50, default: 5, description: "Gaps that are listed at most." }),
  recent_base_buckets: Type.Integer({
    minimum: 1,
    maximum: 48,
    default: 8,
    description: "Candles whose minutes are counted.",
  }),
});
type HealthQuery = Static<typeof HealthQuery>;

export function debugRoutes(app: FastifyInstance, context: HttpContext): void {
  const { gates, runtime, metrics, store, clock } = context;
  const reader = new SeriesHealthReader(store, clock);

  app.get("/api/market/debug/ingest_state", async () => {
    if (!gates.debugApi) throw new HttpError("http.gate_closed");
    return runtime.ingestState();
  });

  app.get("/api/market/debug/metrics", async () => {
    if (!gates.debugApi || !gates.runtimeMetrics) throw new HttpError("http.gate_closed");
    return metrics.snapshot();
  });

  app.get<{ Querystring: HealthQuery }>(
    "/api/market/debug/series_health",
    { schema: { querystring: HealthQuery } },
    async ({ query }) => {
      if (!gates.debugApi) throw new HttpError("http.gate_closed");
      return seriesHealth(reader, seriesIdOf(query.series_id), query, nowSeconds(clock));
    },
  );
}

async function seriesHealth(reader: SeriesHealthReader, series: SeriesId, query: HealthQuery, nowS: number) {
  const wanted = { maxRecentGaps: query.max_recent_gaps, recentBaseBuckets: query.recent_base_buckets };
  const health = await reader.read(series, wanted).catch((error: unknown) => {
    throw error instanceof TooManyScansError ? new HttpError("market.too_many_scans") : error;
  });
  const { firstTime, lastTime, candles, gaps, longestS, recent, baseSeries, buckets } = health;
  return {
    series_id: series.text,
    timeframe_seconds: series.timeframeSeconds,
    now_time: nowS,
    first_time: firstTime,
    head_time: lastTime,
    lag_seconds: lastTime === null ? null : Math.max(0, nowS - lastTime),
    candle_count: candles,
    gap_count: gaps,
    max_gap_seconds: longestS,
    recent_gaps: recent,
    base_series_id: baseSeries,
    base_bucket_completeness: buckets,
  };
}
