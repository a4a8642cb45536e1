/** Candles and markets. Spec: http-api §3. */
import {
  CandlesAnswer,
  IngestAnswer,
  MarketHealthAnswer,
  TopMarketsAnswer,
  WhitelistAnswer,
} from "../../answers/market.js";
import type { HttpErrorCode } from "../../errors.js";
import type { Operations } from "../operation.js";

/** A run that fails, or is not taken up. */
export const RUN_ERRORS: readonly HttpErrorCode[] = [
  "market.bad_series_id",
  "market.ingest_pipeline_failed",
  "market.publish_failed",
  "market.ingest_busy",
  "market.too_many_series",
];

export const MARKET_OPERATIONS: Operations = {
  "GET /api/market/candles": {
    id: "candles",
    tag: "market",
    summary: "Closed candles of one series.",
    description:
      "Without `since` the newest, with it the first after that time. An unknown series is an empty one, and so is one " +
      "whose id cannot be parsed.",
    answer: CandlesAnswer,
    errors: ["market.store_damaged"],
  },
  "POST /api/market/ingest/candle_closed": {
    id: "ingestClosed",
    tag: "market",
    summary: "Stores and publishes a closed candle.",
    description: "Answered when the candle is durable, its ledgers are level with it, and subscribers were offered it.",
    answer: IngestAnswer,
    errors: RUN_ERRORS,
  },
  "POST /api/market/ingest/candle_forming": {
    id: "ingestForming",
    tag: "market",
    summary: "Shows a candle as forming to whoever follows its series. It is never stored.",
    answer: IngestAnswer,
    errors: ["market.bad_series_id"],
    opensWith: [["TRADE_CANVAS_ENABLE_DEBUG_API"]],
  },
  "GET /api/market/whitelist": {
    id: "whitelist",
    tag: "market",
    summary: "The series that are always ingested.",
    answer: WhitelistAnswer,
    errors: [],
  },
  "GET /api/market/top_markets": {
    id: "topMarkets",
    tag: "market",
    summary: "The markets that trade most, by the volume of the last 24 hours.",
    answer: TopMarketsAnswer,
    errors: ["market.unsupported_exchange", "market.rate_limited", "market.upstream_failed"],
  },
  "GET /api/market/top_markets/stream": {
    id: "topMarketsStream",
    tag: "market",
    summary: "The markets that trade most, whenever they have changed, as server-sent events.",
    description:
      "Events are called `top_markets`; their data is described here. What goes wrong while the stream is open is an " +
      'event `error` with `{"at_ms", "message", "type": "error"}`. After each look follows a comment.',
    answer: TopMarketsAnswer,
    contentType: "text/event-stream",
    errors: ["market.unsupported_exchange", "http.too_many_streams"],
  },
  "GET /api/market/health": {
    id: "marketHealth",
    tag: "market",
    summary: "Whether a series is up to date.",
    answer: MarketHealthAnswer,
    errors: ["market.bad_series_id"],
    opensWith: [["TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2"], ["TRADE_CANVAS_ENABLE_DEBUG_API"]],
  },
};
