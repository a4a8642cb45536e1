/** A job: one series that follows the exchange's stream, and what is remembered of it across restarts. Spec: ingest §4.1. */
import type { RetryPolicy } from "../breaker/retry-policy.js";

export interface FeedJob {
  readonly series: string;
  /** On the whitelist: never reaped, never evicted, not counted against capacity. */
  readonly pinned: boolean;
  /** The breaker, or the fixed pause; survives restarts of the series. */
  readonly retry: RetryPolicy;
  /** Candles of history to fetch when the feed starts; 0 for none. */
  readonly historyCandles: number;
  /** The first attempt may be made from this monotonic time on, in milliseconds; set by a crash. */
  notBeforeMs: number;
  /** What an empty series begins after, in seconds: the newest candle closed when it was first subscribed to. */
  beganAfterS: number | null;
}
