/**
 * Candles of a longer timeframe made of those of a shorter one. A bucket is made when every candle that belongs into it is
 * there, and never of a part of them. Spec: ingest §7.1, §7.3.
 */
import type { Candle } from "./candle.js";

/** Open time in seconds of the bucket that holds `timeS`. */
export function bucketTime(timeS: number, timeframeS: number): number {
  return Math.floor(timeS / timeframeS) * timeframeS;
}

/** Whether candles of `timeframeS` can be made of candles of `baseS`; both in seconds. */
export function canRollUp(baseS: number, timeframeS: number): boolean {
  return timeframeS > baseS && timeframeS % baseS === 0;
}

/**
 * The complete buckets of a run, ascending. Candles off the grid of their own timeframe belong to no bucket.
 * @param base candles of one series, ascending, one per time.
 * @param baseS length of their timeframe in seconds.
 * @param timeframeS length of a bucket in seconds.
 * @throws RangeError when `timeframeS` is no proper multiple of `baseS`.
 */
export function rollUp(base: readonly Candle[], baseS: number, timeframeS: number): readonly Candle[] {
  if (!canRollUp(baseS, timeframeS)) {
    throw new RangeError(`a timeframe of ${timeframeS} s is no multiple of ${baseS} s: choose one that is`);
  }
  const buckets: Candle[] = [];
  let parts: Candle[] = [];
  for (const candle of base) {
    if (candle.time % baseS !== 0) continue;
    const open = bucketTime(candle.time, timeframeS);
    if (parts[0]?.time !== open) parts = [];
    // What does not follow the part before it would leave a hole in the bucket.
    if (candle.time !== open + parts.length * baseS) continue;
    parts.push(candle);
    if (parts.length * baseS === timeframeS) buckets.push(merged(parts, open));
  }
  return buckets;
}

/** @param parts at least one, ascending. */
function merged(parts: readonly Candle[], time: number): Candle {
  const [first] = parts as readonly [Candle];
  let { high, low, close } = first;
  let volume = 0;
  for (const part of parts) {
    high = Math.max(high, part.high);
    low = Math.min(low, part.low);
    volume += part.volume;
    close = part.close;
  }
  return { time, open: first.open, high, low, close, volume };
}
