/** Which candles count as closed at a given moment. Spec: ingest §1.4, http-api §3.1 rule 3. */

/** Candles this many timeframes ahead of the newest closed one belong to a simulated series, which is never clamped. */
const SIMULATED_AHEAD_TIMEFRAMES = 2;

/** Open time in seconds of the newest candle that is closed at `nowS`, by the grid of the timeframe; never below 0. */
export function latestClosedTime(nowS: number, timeframeS: number): number {
  const step = Math.max(1, timeframeS);
  return Math.max(0, Math.floor(nowS / step) * step - step);
}

/** Pulls a reader's `since` back to the newest closed candle, so that what closes next is not skipped. */
export function clampSince(since: number, latestClosedS: number, timeframeS: number): number {
  return isSimulated(since, latestClosedS, timeframeS) ? since : Math.min(since, latestClosedS);
}

/**
 * The time after which candles must not be shown as closed yet, judged by the newest candle of a read; undefined when
 * nothing is to be hidden.
 */
export function hiddenAfter(newestS: number, latestClosedS: number, timeframeS: number): number | undefined {
  return isSimulated(newestS, latestClosedS, timeframeS) ? undefined : latestClosedS;
}

function isSimulated(timeS: number, latestClosedS: number, timeframeS: number): boolean {
  return timeS > latestClosedS + SIMULATED_AHEAD_TIMEFRAMES * timeframeS;
}
