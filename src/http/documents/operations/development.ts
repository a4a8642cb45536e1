/** Routes for development and for operators' hands. Spec: http-api §9; docs/backfill.md. */
import {
  BackfillAnswer,
  BackfillsAnswer,
  IngestBatchAnswer,
  ReconcileAsked,
  RepairOverlayAnswer,
  StopBackfillAnswer,
} from "../../answers/development.js";
import { BreakerAnswer } from "../../answers/feed.js";
import type { Operations } from "../operation.js";
import { RUN_ERRORS } from "./market.js";

const DEV = [["TRADE_CANVAS_ENABLE_DEV_API"]];

export const DEVELOPMENT_OPERATIONS: Operations = {
  "POST /api/dev/market/ingest/candles_closed_batch": {
    id: "devIngestBatch",
    tag: "development",
    summary: "Stores many closed candles of one series in one run.",
    answer: IngestBatchAnswer,
    errors: RUN_ERRORS,
    opensWith: DEV,
  },
  "POST /api/dev/repair/overlay": {
    id: "devRepairOverlay",
    tag: "development",
    summary: "Makes the drawing of a series anew.",
    answer: RepairOverlayAnswer,
    errors: ["ledger.no_data", "ledger.factor_out_of_sync", "ledger.overlay_out_of_sync", "ledger.repair_failed"],
    opensWith: [["TRADE_CANVAS_ENABLE_DEV_API", "TRADE_CANVAS_ENABLE_READ_REPAIR_API"]],
  },
  "POST /api/dev/breakers/isolate": {
    id: "devIsolateBreaker",
    tag: "development",
    summary: "Holds a circuit breaker open until it is reset.",
    answer: BreakerAnswer,
    errors: ["feed.unknown_breaker"],
    opensWith: DEV,
  },
  "POST /api/dev/breakers/reset": {
    id: "devResetBreaker",
    tag: "development",
    summary: "Closes a circuit breaker and forgets its failures.",
    answer: BreakerAnswer,
    errors: ["feed.unknown_breaker"],
    opensWith: DEV,
  },
  "POST /api/dev/backfill": {
    id: "devBackfill",
    tag: "development",
    summary: "Has a range of a series fetched from the exchange, in the background.",
    answer: BackfillAnswer,
    errors: ["feed.bad_backfill", "feed.too_many_backfills"],
    opensWith: DEV,
  },
  "GET /api/dev/backfill": {
    id: "devBackfills",
    tag: "development",
    summary: "The backfills that wait, run, or ended lately.",
    answer: BackfillsAnswer,
    errors: [],
    opensWith: DEV,
  },
  "POST /api/dev/stop_backfill": {
    id: "devStopBackfill",
    tag: "development",
    summary: "Ends a backfill.",
    answer: StopBackfillAnswer,
    errors: [],
    opensWith: DEV,
  },
  "POST /api/dev/reconcile": {
    id: "devReconcile",
    tag: "development",
    summary: "Has a range of a derived series compared with the exchange's own candles.",
    answer: ReconcileAsked,
    errors: ["market.bad_series_id", "feed.bad_reconcile"],
    opensWith: DEV,
  },
};
