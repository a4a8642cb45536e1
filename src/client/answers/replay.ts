/** Replay: preparing, coverage, packages and their windows, as docs/api has them. */
import type { Instruction } from "./drawing.js";
import type { FactorName, FactorSlice } from "./factors.js";

export interface ReplayPrepareBody {
  readonly series_id: string;
  /** The last candle is the one at or before this time, Unix seconds; left out or null: the newest. */
  readonly to_time?: number | null | undefined;
  readonly window_candles?: number | null | undefined;
}

/** POST /api/replay/prepare */
export interface ReplayPrepareAnswer {
  readonly ok: true;
  readonly series_id: string;
  readonly requested_time: number;
  readonly aligned_time: number;
  readonly window_candles: number;
  readonly factor_head_time: number | null;
  readonly overlay_head_time: number | null;
  readonly computed: boolean;
}

export interface EnsureCoverageBody {
  readonly series_id: string;
  /** 1 to 5,000; 2,000 by default. */
  readonly target_candles?: number | undefined;
  readonly to_time?: number | null | undefined;
}

/** POST /api/replay/ensure_coverage */
export interface EnsureCoverageAnswer {
  readonly status: "building" | "done";
  readonly job_id: string;
  readonly error: string | null;
}

export interface JobQuery {
  readonly job_id: string;
}

/** GET /api/replay/coverage_status */
export interface CoverageStatusAnswer {
  readonly status: "building" | "done" | "error";
  readonly job_id: string;
  readonly candles_ready: number;
  readonly required_candles: number;
  readonly head_time: number | null;
  readonly error: string | null;
}

/** What a package is to be; null is as good as nothing. */
export interface PackageBody {
  readonly series_id: string;
  /** It ends with the candle at or before this time, Unix seconds; left out: with the newest. */
  readonly to_time?: number | null | undefined;
  /** Candles of the package: 2,000 by default. */
  readonly window_candles?: number | null | undefined;
  /** Candles of a window: up to 2,000; 500 by default. */
  readonly window_size?: number | null | undefined;
  /** Candles from one full list of what is drawn to the next: up to 200; 25 by default. */
  readonly snapshot_interval?: number | null | undefined;
}

/** POST /api/replay/build and /api/replay/overlay_package/build */
export interface PackageBuildAnswer {
  readonly status: "building" | "done";
  readonly job_id: string;
  readonly cache_key: string;
}

/** A candle of a package. */
export interface Bar {
  /** Open time, Unix seconds. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Candles of a window, counted through the whole package from 0. */
export interface WindowPlace {
  readonly window_index: number;
  readonly start_idx: number;
  readonly end_idx: number;
}

/** All that is drawn at a candle. */
export interface ActiveCheckpoint {
  readonly at_idx: number;
  readonly active_ids: readonly string[];
}

/** What begins and ends being drawn at a candle. */
export interface ActiveDiff {
  readonly at_idx: number;
  readonly add_ids: readonly string[];
  readonly remove_ids: readonly string[];
}

export interface ReplayWindow extends WindowPlace {
  readonly kline: readonly Bar[];
  readonly draw_catalog_base: readonly Instruction[];
  readonly draw_catalog_patch: readonly Instruction[];
  readonly draw_active_checkpoints: readonly ActiveCheckpoint[];
  readonly draw_active_diffs: readonly ActiveDiff[];
}

export interface PackageExtent {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly total_candles: number;
  readonly from_candle_time: number;
  readonly to_candle_time: number;
  readonly window_size: number;
  readonly snapshot_interval: number;
}

export interface ReplayMetadata extends PackageExtent {
  readonly timeframe_s: number;
  readonly preload_offset: 0;
  readonly idx_to_time: string;
  readonly factor_schema: readonly {
    readonly factor_name: FactorName;
    readonly history_keys: readonly string[];
    readonly head_keys: readonly string[];
  }[];
}

export interface ReplayStatusQuery extends JobQuery {
  /** 1: with the window that holds the last candle. */
  readonly include_preload?: 0 | 1 | undefined;
}

/** GET /api/replay/status */
export interface ReplayStatusAnswer extends JobQuery {
  readonly status: "building" | "done" | "error";
  readonly cache_key: string;
  readonly error: string | null;
  /** Null unless it is done. */
  readonly metadata: ReplayMetadata | null;
  readonly preload_window: ReplayWindow | null;
}

export interface WindowQuery extends JobQuery {
  /** The window that holds this candle of the package. */
  readonly target_idx: number;
}

/** What one factor said at one candle of a window. */
export type FactorSnapshot = {
  readonly [Name in FactorName]: {
    readonly factor_name: Name;
    readonly candle_time: number;
    readonly snapshot: FactorSlice<Name>;
  };
}[FactorName];

/** GET /api/replay/window */
export interface ReplayWindowAnswer extends JobQuery {
  readonly window: ReplayWindow;
  readonly factor_snapshots: readonly FactorSnapshot[];
}

/** A window of an overlay package. */
export interface OverlayWindow extends WindowPlace {
  readonly kline: readonly Bar[];
  readonly catalog_base: readonly Instruction[];
  readonly catalog_patch: readonly Instruction[];
  readonly checkpoints: readonly ActiveCheckpoint[];
  readonly diffs: readonly ActiveDiff[];
  readonly event_catalog: null;
}

export interface OverlayMetadata extends PackageExtent {
  readonly windows: readonly (WindowPlace & { readonly start_time: number; readonly end_time: number })[];
  readonly overlay_store_last_version_id: number;
}

/** GET /api/replay/overlay_package/read_only */
export interface OverlayReadOnlyAnswer extends JobQuery {
  readonly status: "done" | "build_required";
  readonly cache_key: string;
  readonly delta_meta: OverlayMetadata | null;
  readonly compute_hint: string | null;
}

export interface OverlayStatusQuery extends JobQuery {
  /** 1: with candles and the last window. */
  readonly include_delta_package?: 0 | 1 | undefined;
}

/** GET /api/replay/overlay_package/status */
export interface OverlayStatusAnswer extends JobQuery {
  readonly status: "building" | "done" | "build_required" | "error";
  readonly cache_key: string;
  readonly error: string | null;
  readonly delta_meta: OverlayMetadata | null;
  readonly kline: readonly Bar[] | null;
  readonly preload_window: OverlayWindow | null;
}

/** GET /api/replay/overlay_package/window */
export interface OverlayWindowAnswer extends JobQuery {
  readonly window: OverlayWindow;
}
