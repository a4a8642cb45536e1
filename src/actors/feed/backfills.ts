/** What a daemon does about missing history besides the feeds themselves, in one object. */
import type { SeriesId } from "../../market/series-id.js";
import type { BackfillBoard } from "./backfill-board.js";
import type { ProgressBoard } from "./progress-board.js";
import type { ReadCoverage } from "./read-coverage.js";
import type { StartupSyncOptions } from "./startup-sync.js";
import type { Coverage } from "./tail-coverage.js";

/** The newest candles of a series. */
export interface CoverQuery {
  /** Candles. */
  readonly target: number;
  /** Open time of the last one in seconds; up to now when left out. */
  readonly toS?: number;
  /** The coverage takes no longer than this, in milliseconds, and leaves it at what it has brought by then. */
  readonly limitMs: number;
  /** Ends it after the page at hand. */
  readonly signal?: AbortSignal;
}

export interface Backfills {
  readonly progress: ProgressBoard;
  /** How long after its last change a backfill counts as recent, in seconds. */
  readonly recentSeconds: number;
  readonly jobs: BackfillBoard;
  /** Undefined when reads have nothing covered. */
  readonly reads: ReadCoverage | undefined;
  /** What the sync at the start has covered: the newest `target` candles of a series up to the one at `toS`, in seconds. */
  readonly coverAtStart: StartupSyncOptions["cover"];
  /** Brings in what is missing of the newest candles, as far as it can be had. */
  cover(series: SeriesId, query: CoverQuery): Promise<Coverage>;
  /** Ends what is under way. Resolves when nothing is written any more. */
  stop(): Promise<void>;
}
