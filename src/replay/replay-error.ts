/** Why something about replay cannot be answered, by stable code. Spec: replay §3, §5–7; http-api §11. */

export type ReplayErrorCode =
  /** Fewer candles are stored than the package is to have. */
  | "coverage_missing"
  /** A ledger has not come as far as the newest candle of the package. */
  | "out_of_sync"
  /** There is no job and no package of that id. */
  | "not_found"
  /** The package has no candle of that index. */
  | "target_idx_out_of_range"
  /** The package lacks the window that the candle lies in. */
  | "window_index_out_of_range"
  /** The bound on background work is reached, or the process is stopping. */
  | "too_many_jobs";

export class ReplayError extends Error {
  override readonly name = "ReplayError";
  readonly code: ReplayErrorCode;

  constructor(code: ReplayErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
