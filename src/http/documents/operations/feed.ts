/** The feed, as operators look at it. Design: docs/feed.md. */
import { BreakersAnswer, FeedStateAnswer, GapsAnswer, ReconcileAnswer } from "../../answers/feed.js";
import type { Operations } from "../operation.js";

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
    opensWith: [["TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2"], ["TRADE_CANVAS_ENABLE_DEBUG_API"]],
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
};
