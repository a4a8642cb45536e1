/**
 * Where candles may be missing, and what is to be made of a hole after all that exists has been fetched. Pure.
 * Feed bounds: B5–B7.
 */
import { SETTLE_MS } from "../../exchange/binance/history.js";
import type { SeriesId } from "../../market/series-id.js";
import type { StoreReader } from "../../storage/store.js";
import { ABSENT_AFTER_MS, ASK_AGAIN_MS, NEXT_ROUND_MS, newestClosed, sinceCloseMs } from "./feed-clock.js";
import type { Hole } from "./sequencer.js";

/** How far a series has come, and when that is looked at. Candle times in seconds, others in Unix milliseconds. */
export interface HoleFacts {
  readonly timeframeSeconds: number;
  readonly releasedTime: number | null;
  /** All final candles up to this exchange time have been handed over. */
  readonly finalUpToMs: number;
  /** The exchange's time now. */
  readonly nowMs: number;
}

export type HoleVerdict =
  | { readonly type: "filled"; readonly upTo: number }
  /** What is missing up to here the exchange does not have. */
  | { readonly type: "absent"; readonly upTo: number }
  /** Too fresh to tell, or not asked for yet. */
  | { readonly type: "again"; readonly inMs: number };

/** Is the hole filled, empty at the source, or too fresh to tell? */
export function judgeHole(hole: Hole, facts: HoleFacts): HoleVerdict {
  const { timeframeSeconds, finalUpToMs, nowMs } = facts;
  const released = facts.releasedTime ?? hole.afterTime;
  const upTo = hole.beforeTime === null ? newestClosed(nowMs, timeframeSeconds) : hole.beforeTime - timeframeSeconds;
  // What the answer says of a candle, it says of the time at which it was asked, however long the answer took.
  const askedAtAgeMs = sinceCloseMs(upTo, timeframeSeconds, finalUpToMs);
  if (askedAtAgeMs < SETTLE_MS) {
    const settlesInMs = SETTLE_MS - sinceCloseMs(upTo, timeframeSeconds, nowMs);
    return { type: "again", inMs: Math.min(Math.max(settlesInMs, NEXT_ROUND_MS), ASK_AGAIN_MS) };
  }
  if (released >= upTo) return { type: "filled", upTo: released };
  if (askedAtAgeMs < ABSENT_AFTER_MS) return { type: "again", inMs: ASK_AGAIN_MS };
  return { type: "absent", upTo };
}

/**
 * After what time, in seconds, candles are missing when a feed starts; undefined when none can be.
 * @param newest the newest candle that is closed.
 * @param historyCandles how many candles up to `newest` are wanted; 0 for none but those since `released`.
 */
export function missingAfter(
  store: Pick<StoreReader, "count">,
  series: SeriesId,
  historyCandles: number,
  released: number | null,
  newest: number,
): number | undefined {
  const from = Math.max(0, newest - (historyCandles - 1) * series.timeframeSeconds);
  const isShort = historyCandles > 0 && store.count(series.text, from, newest) < historyCandles;
  if (isShort && (released === null || released >= from)) return from - 1;
  return released !== null && released < newest ? released : undefined;
}
