/**
 * Whether candles of two timeframes of one symbol agree: those of the longer one are what those of the shorter one make
 * of a bucket. Exchanges have had days on which they did not. Spec: binance-protocol F35.
 */
import type { Candle } from "./candle.js";
import { rollUp } from "./roll-up.js";

/** What of a candle can differ; the first that does names the difference. */
const FIELDS = ["open", "high", "low", "close", "volume"] as const;

/** Sums of volumes are not exact: a difference below this part of the larger one is none. */
const VOLUME_TOLERANCE = 1e-9;

export interface BucketDifference {
  /** Open time of the bucket in seconds. */
  readonly time: number;
  readonly field: (typeof FIELDS)[number];
  /** Of the candle of the longer timeframe, and of what the shorter ones make. */
  readonly stored: number;
  readonly rolledUp: number;
}

export interface CrossCheck {
  /** Buckets that both have whole. */
  readonly compared: number;
  readonly differences: readonly BucketDifference[];
}

/**
 * @param base candles of the shorter timeframe, `baseS` seconds long, ascending.
 * @param longer candles of the longer one, `longerS` seconds long, ascending.
 * @throws RangeError when `longerS` is no proper multiple of `baseS`.
 */
export function crossCheck(
  base: readonly Candle[],
  baseS: number,
  longer: readonly Candle[],
  longerS: number,
): CrossCheck {
  const made = new Map(rollUp(base, baseS, longerS).map((candle) => [candle.time, candle]));
  const pairs = longer.flatMap((candle) => {
    const other = made.get(candle.time);
    return other === undefined ? [] : [{ candle, other }];
  });
  const differences = pairs.flatMap(({ candle, other }) => differenceOf(candle, other) ?? []);
  return { compared: pairs.length, differences };
}

/** The first value in which two candles of one bucket differ, but for the inexactness of sums. */
export function differingField(candle: Candle, other: Candle): BucketDifference["field"] | undefined {
  return FIELDS.find((name) => !isSame(name, candle[name], other[name]));
}

function differenceOf(candle: Candle, other: Candle): BucketDifference | undefined {
  const field = differingField(candle, other);
  return field && { time: candle.time, field, stored: candle[field], rolledUp: other[field] };
}

function isSame(field: string, a: number, b: number): boolean {
  return a === b || (field === "volume" && Math.abs(a - b) <= VOLUME_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)));
}
