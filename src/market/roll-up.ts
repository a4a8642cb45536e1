/**
 * Candles of a longer timeframe made of those of a shorter one. A bucket is made when every candle that belongs into it is
 * there, and never of a part of them. Spec: ingest §7.1, §7.3.
 */
import type { Candle } from "./candle.js";

/** Length of a base candle and of a bucket, in seconds. */
export interface RollUpSizes {
  readonly baseS: number;
  readonly timeframeS: number;
}

/** A bucket whose candles have come without a hole, up to now. */
export interface OpenBucket {
  /** What its candles make so far; opens when the bucket does. */
  readonly candle: Candle;
  /** Open time in seconds of the candle that has to come next. */
  readonly nextS: number;
}

/** Open time in seconds of the bucket that holds `timeS`. */
export function bucketTime(timeS: number, timeframeS: number): number {
  return Math.floor(timeS / timeframeS) * timeframeS;
}

/** Whether candles of `timeframeS` can be made of candles of `baseS`; both in seconds. */
export function canRollUp(baseS: number, timeframeS: number): boolean {
  return timeframeS > baseS && timeframeS % baseS === 0;
}

/** Two candles in one, which opens with the first and closes with the second. */
export function merged(first: Candle, second: Candle): Candle {
  return {
    time: first.time,
    open: first.open,
    high: Math.max(first.high, second.high),
    low: Math.min(first.low, second.low),
    close: second.close,
    volume: decimalSum(first.volume, second.volume),
  };
}

/** Decimals of the exchange's volumes at most. */
const VOLUME_DECIMALS = 8;

/** Part of a sum that binary numbers are off by at most. */
const DUST = 2 ** -48;

/** The sum as decimals add up: 430.686 and not 430.68600000000004. One that really has more decimals is left as it is. */
function decimalSum(a: number, b: number): number {
  const sum = a + b;
  const rounded = Number(sum.toFixed(VOLUME_DECIMALS));
  return Math.abs(rounded - sum) <= DUST * Math.abs(sum) ? rounded : sum;
}

/**
 * The bucket with one more candle; undefined while none is open. Candles are given ascending. One off the grid of its own
 * timeframe belongs to no bucket; one after a hole leaves the bucket as it is, and it is never complete.
 */
export function extended(
  bucket: OpenBucket | undefined,
  candle: Candle,
  { baseS, timeframeS }: RollUpSizes,
): OpenBucket | undefined {
  if (candle.time % baseS !== 0) return bucket;
  const open = bucketTime(candle.time, timeframeS);
  const nextS = candle.time + baseS;
  if (bucket?.candle.time !== open) return candle.time === open ? { candle, nextS } : undefined;
  return candle.time === bucket.nextS ? { candle: merged(bucket.candle, candle), nextS } : bucket;
}

/** Whether the last candle of the bucket has come. */
export function isComplete(bucket: OpenBucket, timeframeS: number): boolean {
  return bucket.nextS === bucket.candle.time + timeframeS;
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
  let bucket: OpenBucket | undefined;
  for (const candle of base) {
    bucket = extended(bucket, candle, { baseS, timeframeS });
    if (bucket === undefined || !isComplete(bucket, timeframeS)) continue;
    buckets.push(bucket.candle);
    bucket = undefined;
  }
  return buckets;
}
