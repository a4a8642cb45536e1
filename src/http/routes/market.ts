/** Closed and forming candles over HTTP. Spec: http-api §3.1–3.4. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { type Static, Type } from "typebox";
import { nowSeconds } from "../../clock/clock.js";
import { readClosedCandles } from "../../ledger/candle-view.js";
import { timeframeAtEnd } from "../../market/series-id.js";
import { debugNote, type HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { type IngestNames, runIngest } from "../ingest-run.js";
import { candleOf, IngestSeriesId, ReadSeriesId, readSeriesOf, seriesIdOf, WireCandle } from "../wire-schemas.js";
import { seriesNamed } from "../ws/client-message.js";

const CandlesQuery = Type.Object({
  series_id: ReadSeriesId,
  since: Type.Optional(Type.Integer({ minimum: 0, description: "Only candles later than this, Unix seconds." })),
  limit: Type.Integer({ minimum: 1, maximum: 5000, default: 500, description: "Candles at most." }),
});
type CandlesQuery = Static<typeof CandlesQuery>;

const CandleBody = Type.Object({ series_id: IngestSeriesId, candle: WireCandle });
type CandleBody = Static<typeof CandleBody>;

/** A series whose timeframe cannot be parsed cannot have been stored: any length does for reading nothing. */
const ANY_TIMEFRAME_S = 1;

const CLOSED: IngestNames = { metric: "market_ingest_closed", event: "write.http.ingest_candle_closed" };

export function marketRoutes(app: FastifyInstance, context: HttpContext): void {
  app.get<{ Querystring: CandlesQuery }>(
    "/api/market/candles",
    { schema: { querystring: CandlesQuery }, onResponse: followUp(context) },
    (request, reply) => {
      void reply.type("application/json");
      return reply.send(candlesAnswer(context, request.query));
    },
  );

  app.post<{ Body: CandleBody }>(
    "/api/market/ingest/candle_closed",
    { schema: { body: CandleBody } },
    async ({ body }) => {
      const { series_id: seriesId } = body;
      const candle = candleOf(body.candle);
      await runIngest(context, {
        seriesId,
        candles: [candle],
        policy: context.runtime.policies.http,
        names: CLOSED,
        startData: { candle_time: candle.time },
        doneData: ({ rebuilt, steps }) => ({
          candle_time: candle.time,
          factor_rebuilt: rebuilt,
          steps: steps.map(({ name, ok, durationMs }) => ({ name, ok, duration_ms: durationMs })),
        }),
      });
      return { ok: true, series_id: seriesId, candle_time: candle.time };
    },
  );

  app.post<{ Body: CandleBody }>(
    "/api/market/ingest/candle_forming",
    { schema: { body: CandleBody } },
    async ({ body }) => {
      if (!context.gates.debugApi) throw new HttpError("http.gate_closed");
      const candle = candleOf(body.candle);
      context.runtime.publishForming(seriesIdOf(body.series_id), candle);
      return { ok: true, series_id: body.series_id, candle_time: candle.time };
    },
  );

  app.get("/api/market/whitelist", async () => ({ series_ids: context.runtime.whitelist }));
}

/**
 * Has the tail of what was read covered, and its ledgers warmed up, when the answer is out, so that no read waits for what
 * another one brings.
 */
function followUp({ backfills, warmup, store }: HttpContext) {
  return async ({ query }: { readonly query: CandlesQuery }, { statusCode }: FastifyReply): Promise<void> => {
    if (statusCode !== 200) return;
    const { series_id: series, since, limit } = query;
    const id = readSeriesOf(series);
    if (since === undefined) backfills.reads?.read(id, limit);
    warmup?.read(id, store.head(series).lastTime);
  };
}

/** The answer, with the metrics and the debug event of the read. */
function candlesAnswer(context: HttpContext, query: CandlesQuery): Buffer {
  const { clock, metrics } = context;
  const startedMs = clock.monotonic();
  let result = "error";
  try {
    const answer = readCandles(context, query);
    result = "ok";
    return answer;
  } finally {
    metrics.count("market_query_candles_requests_total", { result });
    metrics.time("market_query_candles_duration_ms", clock.monotonic() - startedMs, { result });
  }
}

/** The answer's JSON, put together from the encoded chunks of the store instead of from objects. */
function readCandles(context: HttpContext, { series_id: series, since, limit }: CandlesQuery): Buffer {
  const { store, clock, metrics, runtime } = context;
  const id = seriesNamed(series);
  const query = { series, timeframeSeconds: timeframeAtEnd(series) ?? ANY_TIMEFRAME_S, since, limit };
  const { run, headTime } = readClosedCandles(store, id === undefined ? clock : runtime.clockOf(id), query);
  const head = `{"series_id":${JSON.stringify(series)},"server_head_time":${headTime},"candles":[`;
  const answer = run.json(head, "]}");
  // Only of series that exist: anyone can ask for any text.
  if (headTime !== null) {
    metrics.gauge("market_query_candles_result_count", run.count, { series_id: series });
    metrics.gauge("market_query_head_time", headTime, { series_id: series });
    metrics.gauge("market_query_head_lag_seconds", Math.max(0, nowSeconds(clock) - headTime), { series_id: series });
  }
  if (run.count > 0) {
    const data = { since: since ?? null, limit, count: run.count, last_time: run.lastTime, server_head_time: headTime };
    debugNote(context, { pipe: "read", event: "read.http.market_candles", series, data });
  }
  return answer;
}
