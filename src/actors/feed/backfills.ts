/** What a daemon does about missing history besides the feeds themselves, in one object. */
import type { BackfillBoard } from "./backfill-board.js";
import type { ProgressBoard } from "./progress-board.js";
import type { ReadCoverage } from "./read-coverage.js";
import type { StartupSyncOptions } from "./startup-sync.js";

export interface Backfills {
  readonly progress: ProgressBoard;
  /** How long after its last change a backfill counts as recent, in seconds. */
  readonly recentSeconds: number;
  readonly jobs: BackfillBoard;
  /** Undefined when reads have nothing covered. */
  readonly reads: ReadCoverage | undefined;
  /** What the sync at the start has covered: the newest `target` candles of a series up to the one at `toS`, in seconds. */
  readonly coverAtStart: StartupSyncOptions["cover"];
  /** Ends what is under way. Resolves when nothing is written any more. */
  stop(): Promise<void>;
}
