/** Deadlines of a feed, pure: when the next final is overdue, and how old a missing candle is. Feed bounds: B5, B6. */
import { latestClosedTime } from "../../market/closed-window.js";

/** A final that has not come this long after its close is asked from REST. Milliseconds. */
export const FINAL_GRACE_MS = 10_000;

/** A candle that REST still lacks this long after its close is absent at the source. Milliseconds. */
export const ABSENT_AFTER_MS = 30_000;

/** Pause between two questions for a candle that is not old enough to be absent. Milliseconds. */
export const ASK_AGAIN_MS = 4_000;

/**
 * Pause between two rounds of a repair that has not come to its end. Not zero: what is still missing may be a candle that
 * only the uncertainty about the exchange's clock makes look closed. Milliseconds.
 */
export const NEXT_ROUND_MS = 100;

/** Open time in seconds of the newest candle closed at `nowMs` (Unix ms). */
export function newestClosed(nowMs: number, timeframeSeconds: number): number {
  return latestClosedTime(Math.floor(nowMs / 1000), timeframeSeconds);
}

/** Milliseconds from `nowMs` until the final of the candle that is open now would be overdue. */
export function untilOverdueMs(nowMs: number, timeframeSeconds: number): number {
  const timeframeMs = timeframeSeconds * 1000;
  const sinceDueMs = (nowMs - FINAL_GRACE_MS) % timeframeMs;
  return timeframeMs - sinceDueMs;
}

/** Milliseconds since the candle opening at `timeS` closed. */
export function sinceCloseMs(timeS: number, timeframeSeconds: number, nowMs: number): number {
  return nowMs - (timeS + timeframeSeconds) * 1000;
}
