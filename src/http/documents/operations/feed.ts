/** The feed and the process, as operators look at them. Spec: http-api §4; docs/feed.md. */
import { AsyncApiAnswer, MetricsAnswer, OpenApiAnswer } from "../../answers/development.js";
import { BreakersAnswer, FeedStateAnswer, GapsAnswer, IngestStateAnswer, ReconcileAnswer } from "../../answers/feed.js";
import { SeriesHealthAnswer } from "../../answers/market.js";
import type { Operations } from "../operation.js";

const DEBUG = [["TRADE_CANVAS_ENABLE_DEBUG_API"]];

export const FEED_OPERATIONS: Operations = {
  "GET /api/feed/gaps": {
    id: "gaps",
    tag: "feed",
    summary: "Where candles of a series are or were missing, and what became of it.",
    answer: GapsAnswer,
    errors: [],
  },
  "GET /api/feed/state": {
    id: "feedState",
    tag: "feed",
    summary: "Which series are fed as they should be, and why not.",
    answer: FeedStateAnswer,
    errors: ["market.bad_series_id"],
    opensWith: [["TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2"], ...DEBUG],
  },
  "GET /api/feed/breakers": {
    id: "breakers",
    tag: "feed",
    summary: "Every circuit breaker of the process.",
    answer: BreakersAnswer,
    errors: [],
  },
  "GET /api/feed/reconcile": {
    id: "reconcile",
    tag: "feed",
    summary: "Whether derived candles agree with the exchange's own.",
    answer: ReconcileAnswer,
    errors: ["market.bad_series_id"],
  },
  "GET /api/market/debug/ingest_state": {
    id: "ingestState",
    tag: "operation",
    summary: "Which series follow a stream of the exchange, for whom, and how their breakers stand.",
    answer: IngestStateAnswer,
    errors: [],
    opensWith: DEBUG,
  },
  "GET /api/market/debug/metrics": {
    id: "metrics",
    tag: "operation",
    summary: "Counters, gauges and timers of the running process.",
    answer: MetricsAnswer,
    errors: [],
    opensWith: [["TRADE_CANVAS_ENABLE_DEBUG_API", "TRADE_CANVAS_ENABLE_RUNTIME_METRICS"]],
  },
  "GET /api/market/debug/series_health": {
    id: "seriesHealth",
    tag: "operation",
    summary: "Whether a stored series is whole: every candle of it is looked at.",
    answer: SeriesHealthAnswer,
    errors: ["market.bad_series_id", "market.too_many_scans", "market.store_damaged"],
    opensWith: DEBUG,
  },
  "GET /openapi.json": {
    id: "openApi",
    tag: "operation",
    summary: "This document.",
    answer: OpenApiAnswer,
    errors: [],
  },
  "GET /asyncapi.json": {
    id: "asyncApi",
    tag: "operation",
    summary: "The messages of both WebSockets, in AsyncAPI.",
    answer: AsyncApiAnswer,
    errors: [],
  },
};
