/** Factor catalog, slices and health. Spec: http-api §5. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { ledgerHealth } from "../../market/ledger-health.js";
import type { HttpContext } from "../context.js";
import { answerJson } from "../json-answer.js";
import { ReadSeriesId, readSeriesOf, seriesIdOf, Time, WindowCandles } from "../wire-schemas.js";

const SlicesQuery = Type.Object({ series_id: ReadSeriesId, at_time: Time, window_candles: WindowCandles });
type SlicesQuery = Static<typeof SlicesQuery>;

const HealthQuery = Type.Object({ series_id: ReadSeriesId });
type HealthQuery = Static<typeof HealthQuery>;

export function factorRoutes(app: FastifyInstance, { ledgers, store }: HttpContext): void {
  app.get("/api/factor/catalog", async (_request, reply) => answerJson(reply, ledgers.reader.catalogText()));

  app.get<{ Querystring: SlicesQuery }>(
    "/api/factor/slices",
    { schema: { querystring: SlicesQuery } },
    async ({ query }, reply) => {
      const json = await ledgers.slices(readSeriesOf(query.series_id), query.at_time, query.window_candles);
      return answerJson(reply, json);
    },
  );

  app.get<{ Querystring: HealthQuery }>(
    "/api/factor/health",
    { schema: { querystring: HealthQuery } },
    async ({ query }) => {
      const { text, timeframeSeconds } = seriesIdOf(query.series_id);
      const heads = { store: store.head(text).lastTime, ...ledgers.reader.heads(text) };
      const health = ledgerHealth(heads, timeframeSeconds);
      return {
        series_id: text,
        timeframe_seconds: timeframeSeconds,
        store_head_time: heads.store,
        factor_head_time: heads.factor,
        overlay_head_time: heads.overlay,
        factor_delay_seconds: health.factor.seconds,
        factor_delay_candles: health.factor.candles,
        overlay_delay_seconds: health.overlay.seconds,
        overlay_delay_candles: health.overlay.candles,
        max_delay_seconds: health.max.seconds,
        max_delay_candles: health.max.candles,
        status: health.status,
        status_reason: health.reason,
      };
    },
  );
}
