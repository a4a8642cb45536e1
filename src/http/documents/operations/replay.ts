/** Replay: coverage, packages and their windows. Spec: replay; http-api §8. */
import {
  CoverageStatusAnswer,
  EnsureCoverageAnswer,
  OverlayReadOnlyAnswer,
  OverlayStatusAnswer,
  OverlayWindowAnswer,
  PackageBuildAnswer,
  ReplayPrepareAnswer,
  ReplayStatusAnswer,
  ReplayWindowAnswer,
} from "../../answers/replay.js";
import type { Operations } from "../operation.js";

const REPLAY = [["TRADE_CANVAS_ENABLE_REPLAY_V1"]];
const COVERAGE = [["TRADE_CANVAS_ENABLE_REPLAY_V1", "TRADE_CANVAS_ENABLE_REPLAY_ENSURE_COVERAGE"]];
const OVERLAY = [["TRADE_CANVAS_ENABLE_REPLAY_PACKAGE"]];

export const REPLAY_OPERATIONS: Operations = {
  "POST /api/replay/prepare": {
    id: "replayPrepare",
    tag: "replay",
    summary: "Brings factors and drawing up to the candle at which a replay ends.",
    answer: ReplayPrepareAnswer,
    errors: [
      "ledger.no_data",
      "ledger.factor_out_of_sync",
      "ledger.overlay_out_of_sync",
      "market.ingest_busy",
      "market.too_many_series",
    ],
  },
  "POST /api/replay/ensure_coverage": {
    id: "replayEnsureCoverage",
    tag: "replay",
    summary: "Has the candles that a replay needs brought in, in the background.",
    answer: EnsureCoverageAnswer,
    errors: ["market.bad_series_id", "replay.too_many_jobs"],
    opensWith: COVERAGE,
  },
  "GET /api/replay/coverage_status": {
    id: "replayCoverageStatus",
    tag: "replay",
    summary: "How far a coverage is, and what came of it.",
    answer: CoverageStatusAnswer,
    errors: ["replay.not_found"],
    opensWith: COVERAGE,
  },
  "POST /api/replay/build": {
    id: "replayBuild",
    tag: "replay",
    summary: "Has a replay package made in the background, unless it is there.",
    answer: PackageBuildAnswer,
    errors: ["ledger.no_data", "replay.coverage_missing", "replay.out_of_sync", "replay.too_many_jobs"],
    opensWith: REPLAY,
  },
  "GET /api/replay/status": {
    id: "replayStatus",
    tag: "replay",
    summary: "Whether a replay package is there, what it holds, and why it is not.",
    answer: ReplayStatusAnswer,
    errors: ["replay.not_found"],
    opensWith: REPLAY,
  },
  "GET /api/replay/window": {
    id: "replayWindow",
    tag: "replay",
    summary: "A window of a replay package: all that a chart needs to play its candles back.",
    answer: ReplayWindowAnswer,
    errors: ["replay.not_found", "replay.target_idx_out_of_range", "replay.window_index_out_of_range"],
    opensWith: REPLAY,
  },
  "GET /api/replay/overlay_package/read_only": {
    id: "overlayPackageReadOnly",
    tag: "replay",
    summary: "Whether the overlay package of a request is there. Begins nothing.",
    answer: OverlayReadOnlyAnswer,
    errors: ["ledger.no_data", "ledger.overlay_out_of_sync"],
    opensWith: OVERLAY,
  },
  "POST /api/replay/overlay_package/build": {
    id: "overlayPackageBuild",
    tag: "replay",
    summary: "Has an overlay package made in the background, unless it is there.",
    answer: PackageBuildAnswer,
    errors: ["ledger.no_data", "ledger.overlay_out_of_sync", "replay.too_many_jobs"],
    opensWith: OVERLAY,
  },
  "GET /api/replay/overlay_package/status": {
    id: "overlayPackageStatus",
    tag: "replay",
    summary: "Whether an overlay package is there, and what it holds; on request with all of its bars.",
    answer: OverlayStatusAnswer,
    errors: [],
    opensWith: OVERLAY,
  },
  "GET /api/replay/overlay_package/window": {
    id: "overlayPackageWindow",
    tag: "replay",
    summary: "A window of an overlay package.",
    answer: OverlayWindowAnswer,
    errors: ["replay.not_found", "replay.target_idx_out_of_range", "replay.window_index_out_of_range"],
    opensWith: OVERLAY,
  },
};
