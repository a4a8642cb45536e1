/** Average true range, and the tolerances made of it. Spec: factors §12.2. */
import type { Candle } from "../../../src/market/candle.js";

const PERIOD_CANDLES = 14;
const TOLERANCE_ATR = 0.5;
/** Part of the price that serves as tolerance where nothing has moved yet. */
const STILL_TOLERANCE = 0.002;
/** Part of the price that serves as range where nothing has moved yet, and the least range of a price not above zero. */
const STILL_RANGE = 0.02;
const LEAST_RANGE = 1e-9;

/** ATR at every candle. The sum is carried on in this order of operations, so that every bit is the same everywhere. */
export function averageTrueRanges(candles: readonly Candle[]): number[] {
  const ranges = candles.map((candle, k) => trueRange(candle, candles[k - 1]?.close ?? candle.close));
  let sum = 0;
  return ranges.map((range, k) => {
    sum += range;
    sum -= ranges[k - PERIOD_CANDLES] ?? 0;
    return sum / Math.min(k + 1, PERIOD_CANDLES);
  });
}

function trueRange({ high, low }: Candle, before: number): number {
  return Math.max(high - low, Math.abs(high - before), Math.abs(low - before), 0);
}

/** How far from each other two prices may be to count as one: by the ATR at two candles, else by a reference price. */
export function tolerance(atr: readonly number[], a: number, b: number, reference: number): number {
  const half = meanOfPositive(atr[a]!, atr[b]!) * TOLERANCE_ATR;
  return half > 0 ? half : STILL_TOLERANCE * (reference > 0 ? reference : 1);
}

/** The range at two candles, else a part of the line's price. */
export function rangeAt(atr: readonly number[], a: number, b: number, line: number): number {
  const range = meanOfPositive(atr[a]!, atr[b]!);
  const partOfPrice = line * STILL_RANGE;
  if (range > 0) return range;
  return partOfPrice > 0 ? partOfPrice : Math.max(Math.abs(line) * STILL_RANGE, LEAST_RANGE);
}

/** How far from a level a close must be to lie on a side of it at the end of the series. */
export function closingTolerance(atr: readonly number[], line: number): number {
  const last = atr.length - 1;
  return rangeAt(atr, last, last, line) * TOLERANCE_ATR;
}

/** The mean of those of two values that are above zero; zero if neither is. */
function meanOfPositive(a: number, b: number): number {
  if (a > 0 && b > 0) return (a + b) / 2;
  return Math.max(a, b, 0);
}
