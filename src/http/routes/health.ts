/** Whether a series is up to date. Spec: http-api §3.5. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { nowSeconds } from "../../clock/clock.js";
import { backfillView } from "../../market/backfill-progress.js";
import { seriesLag } from "../../market/health.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { ReadSeriesId, seriesIdOf } from "../wire-schemas.js";

const HealthQuery = Type.Object({
  series_id: ReadSeriesId,
  now_time: Type.Optional(Type.Integer({ minimum: 0, description: "Judge as if this were the time, Unix seconds." })),
});
type HealthQuery = Static<typeof HealthQuery>;

export function healthRoutes(app: FastifyInstance, { gates, store, clock, backfills, runtime }: HttpContext): void {
  app.get<{ Querystring: HealthQuery }>(
    "/api/market/health",
    { schema: { querystring: HealthQuery } },
    async ({ query }) => {
      if (!gates.klineHealth && !gates.debugApi) throw new HttpError("http.gate_closed");
      const id = seriesIdOf(query.series_id);
      const nowTime = query.now_time ?? nowSeconds(clock);
      const headTime = store.head(id.text).lastTime;
      // What fills a derived series is a backfill of its base.
      const progress = backfills.progress.of(id.text) ?? backfills.progress.of(runtime.fedBy(id.text));
      const backfill = backfillView(progress, nowTime, backfills.recentSeconds);
      const lag = seriesLag(headTime, nowTime, id.timeframeSeconds, backfill);
      return {
        series_id: id.text,
        timeframe_seconds: id.timeframeSeconds,
        now_time: nowTime,
        expected_latest_closed_time: lag.expectedTime,
        head_time: headTime,
        lag_seconds: lag.lagSeconds,
        missing_seconds: lag.missingSeconds,
        missing_candles: lag.missingCandles,
        status: lag.status,
        status_reason: lag.reason,
        backfill,
      };
    },
  );
}
