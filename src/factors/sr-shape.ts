/** Line, band and tolerance of a level, from the wicks of its two pivots. Spec: factors §12.2, §12.3 (1, 2). */
import type { PivotDirection } from "./pivot.js";

/** The range of a pivot's candle, and the average true range there. */
export interface Wick {
  readonly low: number;
  readonly high: number;
  readonly atr: number;
}

/** The band in which pivots touch a level. */
export interface Band {
  readonly low: number;
  readonly high: number;
  readonly widthAtr: number;
}

const TOLERANCE_ATR = 0.5;
const TOLERANCE_OF_PRICE = 0.002;
const RANGE_OF_PRICE = 0.02;
const LEAST_RANGE = 1e-9;
const NARROWEST_ATR = 0.5;
const WIDEST_ATR = 3;
const SAME_LEVEL_OF_PRICE = 0.001;
const SAME_LEVEL_OF_TOLERANCE = 0.5;

/** @param lowest the higher one of the two lows. @param highest the lower one of the two highs. */
export function lineOf(side: PivotDirection, lowest: number, highest: number): number {
  return side === "resistance" ? highest : lowest;
}

/** @param firstAtr average true range at the first pivot, @param lastAtr at the last; 0 where there is none. */
export function bandOf(lowest: number, highest: number, line: number, firstAtr: number, lastAtr: number): Band {
  const range = meanOfPositive(firstAtr, lastAtr) ?? rangeOfPrice(line);
  const overlap = Math.max(lowest, highest) - Math.min(lowest, highest);
  const wanted = Math.max(overlap <= 0 ? NARROWEST_ATR * range : overlap, NARROWEST_ATR * range);
  const width = Math.min(wanted, WIDEST_ATR * range);
  const middle = (lowest + highest) / 2;
  return { low: middle - width / 2, high: middle + width / 2, widthAtr: width / range };
}

/** Whether the wick of a pivot reaches the band from `low` to `high`. */
export function isTouching(wick: Wick, low: number, high: number): boolean {
  const tolerance = toleranceOf(wick.atr, wick.atr, (low + high) / 2);
  return wick.high >= low - tolerance && wick.low <= high + tolerance;
}

/** How far from each other two wicks may lie that share a level. */
export function toleranceOf(firstAtr: number, lastAtr: number, reference: number): number {
  const mean = meanOfPositive(firstAtr, lastAtr);
  const tolerance = mean === undefined ? 0 : mean * TOLERANCE_ATR;
  return tolerance > 0 ? tolerance : TOLERANCE_OF_PRICE * (reference > 0 ? reference : 1);
}

/** How far the line of another level may lie from this one for the two to be the same. Spec: factors §12.3 (5). */
export function sameWithin(line: number, tolerance: number): number {
  return Math.max(Math.abs(line) * SAME_LEVEL_OF_PRICE, SAME_LEVEL_OF_TOLERANCE * tolerance);
}

/** What stands in for the average true range where there is none. */
export function rangeOfPrice(line: number): number {
  const range = line * RANGE_OF_PRICE;
  return range > 0 ? range : Math.max(Math.abs(line) * RANGE_OF_PRICE, LEAST_RANGE);
}

function meanOfPositive(a: number, b: number): number | undefined {
  if (a > 0 && b > 0) return (a + b) / 2;
  if (a > 0) return a;
  return b > 0 ? b : undefined;
}
