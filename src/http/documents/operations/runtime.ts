/** The process, as operators and its supervisor look at it. Spec: http-api §4; docs/operations.md. */
import { AsyncApiAnswer, MetricsAnswer, OpenApiAnswer } from "../../answers/development.js";
import { IngestStateAnswer } from "../../answers/feed.js";
import { SeriesHealthAnswer } from "../../answers/market.js";
import { AliveAnswer, FreshAnswer, PrometheusText, ReadyAnswer, RuntimeTreeAnswer } from "../../answers/runtime.js";
import type { Operations } from "../operation.js";

const DEBUG = [["TRADE_CANVAS_ENABLE_DEBUG_API"]];

export const RUNTIME_OPERATIONS: Operations = {
  "GET /healthz": {
    id: "alive",
    tag: "operation",
    summary: "Whether the process is alive. Answered until its end.",
    answer: AliveAnswer,
    errors: [],
  },
  "GET /readyz": {
    id: "ready",
    tag: "operation",
    summary: "Whether all parts of the process run.",
    answer: ReadyAnswer,
    errors: ["http.not_ready"],
  },
  "GET /freshz": {
    id: "fresh",
    tag: "operation",
    summary: "Whether every series of the whitelist is fed as it should be.",
    answer: FreshAnswer,
    errors: ["http.not_fresh"],
  },
  "GET /metrics": {
    id: "prometheusMetrics",
    tag: "operation",
    summary: "Metrics in the text format of Prometheus.",
    answer: PrometheusText,
    contentType: "text/plain",
    errors: [],
    opensWith: [["TRADE_CANVAS_ENABLE_RUNTIME_METRICS"]],
  },
  "GET /api/runtime/tree": {
    id: "runtimeTree",
    tag: "operation",
    summary: "The actor tree: what runs, what has crashed and how often, and how many messages wait.",
    answer: RuntimeTreeAnswer,
    errors: ["market.bad_series_id"],
    opensWith: DEBUG,
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
