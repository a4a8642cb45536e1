/** The closed candles as a reader may see them: HTTP reads and WebSocket catch-up alike. Spec: http-api §3.1. */
import { nowSeconds, type WallClock } from "../clock/clock.js";
import { clampSince, hiddenAfter, latestClosedTime } from "../market/closed-window.js";
import type { CandleRun } from "../storage/candle-run.js";
import type { StoreReader } from "../storage/store.js";

export interface CandleQuery {
  readonly series: string;
  /** Length of the series' timeframe in seconds. */
  readonly timeframeSeconds: number;
  /** Only candles later than this, in seconds; absent: the newest ones. */
  readonly since?: number | undefined;
  /** `since` is the time of a candle that this reader has got, and not pulled back. */
  readonly sinceWasSent?: boolean;
  readonly limit: number;
}

export interface CandleAnswer {
  readonly run: CandleRun;
  /** `since` after it was pulled back to the newest closed candle; undefined when none was given. */
  readonly effectiveSince: number | undefined;
  /** Newest stored time, not clamped; null for an empty series. */
  readonly headTime: number | null;
}

/**
 * Reads candles, leaving out those whose interval has not ended yet unless the series is far ahead of the clock.
 * @param clock by which the series' candles close: the exchange's, not a machine's that may be wrong (F24).
 */
export function readClosedCandles(store: StoreReader, clock: WallClock, query: CandleQuery): CandleAnswer {
  const { series, timeframeSeconds, limit } = query;
  const latestClosed = latestClosedTime(nowSeconds(clock), timeframeSeconds);
  const effectiveSince =
    query.since === undefined || query.sinceWasSent === true
      ? query.since
      : clampSince(query.since, latestClosed, timeframeSeconds);
  const run = store.read(series, { since: effectiveSince, limit });
  const headTime = store.head(series).lastTime;
  const hidden = run.lastTime === null ? undefined : hiddenAfter(run.lastTime, latestClosed, timeframeSeconds);
  return { run: hidden === undefined ? run : run.upTo(hidden), effectiveSince, headTime };
}
