/**
 * Replay packages as the services of replay see them: built off the event loop, kept whole or not at all, read by the window.
 * Design: docs/replay.md, "Packages". Spec: replay §3, §4, §5, §7.
 */
import type { JsonText } from "../../ledger/json-parts.js";
import type { SeriesId } from "../../market/series-id.js";

/** `replay`: bars, drawing and factor snapshots. `overlay`: bars and drawing. */
export type PackageKind = "replay" | "overlay";

/** What a package is built from. The same request upon the same ledgers gives the same bytes. */
export interface PackageRequest {
  readonly kind: PackageKind;
  /** Names the package among those of its kind: hexadecimal digits, opaque to clients. */
  readonly key: string;
  readonly id: SeriesId;
  /** Seconds: the newest candle of the package. */
  readonly alignedTime: number;
  /** Candles of the package, and of the history of its factor slices. */
  readonly windowCandles: number;
  /** Candles of a window of the package. */
  readonly windowSize: number;
  /** Candles from one full list of active ids to the next. */
  readonly snapshotInterval: number;
}

/** Metadata of a replay package as it is sent. Spec: replay §4. */
export interface ReplayMeta {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly timeframe_s: number;
  readonly total_candles: number;
  /** Seconds. */
  readonly from_candle_time: number;
  readonly to_candle_time: number;
  readonly window_size: number;
  readonly snapshot_interval: number;
  readonly preload_offset: 0;
  readonly idx_to_time: "windows[*].kline[idx].time";
  /** Every known factor, by name. */
  readonly factor_schema: readonly FactorSchema[];
}

/** Names of the members of a factor's slice, ascending. */
export interface FactorSchema {
  readonly factor_name: string;
  readonly history_keys: readonly string[];
  readonly head_keys: readonly string[];
}

/** Metadata of an overlay package as it is sent. Spec: replay §7. */
export interface DeltaMeta {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly total_candles: number;
  /** Seconds; 0 when there is no candle. */
  readonly from_candle_time: number;
  readonly to_candle_time: number;
  readonly window_size: number;
  readonly snapshot_interval: number;
  readonly windows: readonly WindowSpan[];
  readonly overlay_store_last_version_id: number;
}

/** Where a window lies among the package's candles; `end_idx` is exclusive, times are seconds. */
export interface WindowSpan {
  readonly window_index: number;
  readonly start_idx: number;
  readonly end_idx: number;
  readonly start_time: number;
  readonly end_time: number;
}

export type PackageMeta =
  | { readonly kind: "replay"; readonly meta: ReplayMeta }
  | { readonly kind: "overlay"; readonly meta: DeltaMeta };

/** One window. The texts are JSON arrays; an answer puts them under the names of its route. */
export interface PackageWindow {
  readonly windowIndex: number;
  /** Index of its first candle, and behind its last, among the package's. */
  readonly startIdx: number;
  readonly endIdx: number;
  readonly kline: JsonText;
  readonly catalogBase: JsonText;
  readonly catalogPatch: JsonText;
  readonly checkpoints: JsonText;
  readonly diffs: JsonText;
  /** Rows of the window, and before them each factor's newest row before it; empty for an overlay package. */
  readonly factorSnapshots: JsonText;
}

export interface PackageArchive {
  /** Whether a whole package is stored. */
  has(kind: PackageKind, key: string): boolean;
  /**
   * Builds off the event loop and stores atomically; a package that is there already is left as it is.
   * @param signal ends the build, or takes it out of the queue.
   * @throws ReplayBuildError
   */
  build(request: PackageRequest, signal: AbortSignal): Promise<void>;
  /** Metadata as the wire shows it; undefined when there is no such package. */
  meta(kind: PackageKind, key: string): Promise<PackageMeta | undefined>;
  /** A window by its index; undefined when there is no such window, or no such package. */
  window(kind: PackageKind, key: string, index: number): Promise<PackageWindow | undefined>;
  /** All bars as a JSON array; undefined when there is no such package. */
  bars(kind: PackageKind, key: string): Promise<Buffer | undefined>;
  /** Ends builds and reads. Nothing is to be called afterwards. Idempotent. */
  close(): Promise<void>;
}

export type ReplayBuildErrorCode =
  /** There is no candle in the range of the package. */
  | "no_candles"
  /** A ledger does not reach the newest candle, or was computed anew since the build was asked for: ask again. */
  | "ledger_moved"
  /** A record of a ledger cannot be read. */
  | "ledger_damaged"
  /** A window would hold more than a package may. */
  | "package_too_large"
  /** More builds wait than may wait: ask again. */
  | "build_queue_full"
  | "build_timed_out"
  | "build_aborted"
  /** The package cannot be written. */
  | "not_stored"
  /** The build ended for a reason of its own; the message says which. */
  | "build_failed";

/** Why a package was not built. The code is what clients are told. */
export class ReplayBuildError extends Error {
  override readonly name = "ReplayBuildError";
  readonly code: ReplayBuildErrorCode;

  constructor(code: ReplayBuildErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
