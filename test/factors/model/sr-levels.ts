/** Levels of one side: where the wicks of two pivots overlap. Spec: factors §12.3. */
import type { Candle } from "../../../src/market/candle.js";
import { closingTolerance, rangeAt, tolerance } from "./sr-atr.js";
import type { PivotDirection } from "./types.js";

const MAX_CROSSES_BETWEEN = 3;
const BROKEN_AFTER_CROSSES = 3;
const LEAST_TOUCHES = 2;
const FULL_SCORE_TOUCHES = 4;
const LEAST_BAND_ATR = 0.5;
const MOST_BAND_ATR = 3;
const SAME_LEVEL_PRICE_PART = 0.001;
const SAME_LEVEL_TOLERANCE_PART = 0.5;

/** A major pivot as sr sees it: its position and the wick of its candle. */
export interface WickPivot {
  readonly idx: number;
  readonly low: number;
  readonly high: number;
}

export interface RawLevel {
  readonly line: number;
  readonly side: PivotDirection;
  readonly status: "active" | "flip" | "broken";
  readonly firstIdx: number;
  readonly lastIdx: number;
  readonly count: number;
  readonly score: number;
  readonly bandLow: number;
  readonly bandHigh: number;
  readonly bandWidthAtr: number;
  readonly flipDir: "up" | "down" | null;
  readonly deathIdx: number | null;
}

/** @param pivots of this side, ascending by index. */
export function levelsOfSide(
  candles: readonly Candle[],
  atr: readonly number[],
  side: PivotDirection,
  pivots: readonly WickPivot[],
): RawLevel[] {
  const kept: RawLevel[] = [];
  for (const start of pivots.toReversed()) {
    const pair = choosePair(candles, atr, side, pivots, start);
    if (pair === null) continue;
    keep(kept, levelOf(candles, atr, side, pivots, pair), pair.tol);
  }
  return kept;
}

interface Pair {
  readonly start: WickPivot;
  readonly chosen: WickPivot;
  readonly lo: number;
  readonly hi: number;
  readonly line: number;
  readonly tol: number;
}

/** Step 1: the nearest earlier pivot whose wick overlaps, with few crosses of the line in between. */
function choosePair(
  candles: readonly Candle[],
  atr: readonly number[],
  side: PivotDirection,
  pivots: readonly WickPivot[],
  start: WickPivot,
): Pair | null {
  const earlier = pivots.filter((pivot) => pivot.idx < start.idx).reverse();
  for (const chosen of earlier) {
    const lo = Math.max(start.low, chosen.low);
    const hi = Math.min(start.high, chosen.high);
    const line = side === "resistance" ? hi : lo;
    const tol = tolerance(atr, start.idx, chosen.idx, line);
    if (lo > hi + tol) continue;
    const crosses = crossesOf(candles, chosen.idx + 1, start.idx, line, tol);
    if (crosses.length <= MAX_CROSSES_BETWEEN) return { start, chosen, lo, hi, line, tol };
  }
  return null;
}

/** The indices in [from, to) at which the close has changed sides of the line; closes within the tolerance have no side. */
function crossesOf(candles: readonly Candle[], from: number, to: number, line: number, tol: number): number[] {
  const crosses: number[] = [];
  let side = 0;
  for (let index = from; index < to; index += 1) {
    const now = sideOf(candles[index]!.close, line, tol);
    if (now === 0) continue;
    if (side !== 0 && now !== side) crosses.push(index);
    side = now;
  }
  return crosses;
}

function sideOf(close: number, line: number, tol: number): 1 | 0 | -1 {
  if (close > line + tol) return 1;
  return close < line - tol ? -1 : 0;
}

function levelOf(
  candles: readonly Candle[],
  atr: readonly number[],
  side: PivotDirection,
  pivots: readonly WickPivot[],
  { start, chosen, lo, hi, line }: Pair,
): RawLevel {
  const { bandLow, bandHigh, bandWidthAtr } = bandOf(atr, chosen.idx, start.idx, lo, hi, line);
  const touches = pivots.filter((pivot) => {
    const reach = tolerance(atr, pivot.idx, pivot.idx, (bandLow + bandHigh) / 2);
    return pivot.high >= bandLow - reach && pivot.low <= bandHigh + reach;
  }).length;
  return {
    line,
    side,
    firstIdx: chosen.idx,
    lastIdx: start.idx,
    count: Math.max(LEAST_TOUCHES, touches),
    score: 0.5 * Math.min(1, touches / FULL_SCORE_TOUCHES) + 0.5 * (touches > 0 ? 1 : 0),
    bandLow,
    bandHigh,
    bandWidthAtr,
    ...statusOf(candles, start.idx + 1, line, closingTolerance(atr, line)),
  };
}

/** Step 2: the overlap of the wicks, made neither too thin nor too wide for the range at that time. */
function bandOf(
  atr: readonly number[],
  chosenIdx: number,
  startIdx: number,
  lo: number,
  hi: number,
  line: number,
): Pick<RawLevel, "bandLow" | "bandHigh" | "bandWidthAtr"> {
  const range = rangeAt(atr, chosenIdx, startIdx, line);
  const overlap = Math.max(hi, lo) - Math.min(hi, lo);
  const width = Math.min(Math.max(overlap, LEAST_BAND_ATR * range), MOST_BAND_ATR * range);
  const mid = (lo + hi) / 2;
  return { bandLow: mid - width / 2, bandHigh: mid + width / 2, bandWidthAtr: width / range };
}

/** Step 4: what the closes after the level's last pivot have made of it. */
function statusOf(
  candles: readonly Candle[],
  from: number,
  line: number,
  tol: number,
): Pick<RawLevel, "status" | "flipDir" | "deathIdx"> {
  const crosses = crossesOf(candles, from, candles.length, line, tol);
  const breaking = crosses[BROKEN_AFTER_CROSSES - 1];
  if (breaking !== undefined) return { status: "broken", flipDir: null, deathIdx: breaking };
  const lastCross = crosses.at(-1);
  if (lastCross === undefined) return { status: "active", flipDir: null, deathIdx: null };
  const ends = sideOf(candles.at(-1)!.close, line, tol);
  const flipDir = ends === 0 ? null : ends === 1 ? "up" : "down";
  return { status: "flip", flipDir, deathIdx: lastCross };
}

/** Step 5: of levels at one price one is kept, in the place of the first; a living one before a broken one, else the later. */
function keep(kept: RawLevel[], level: RawLevel, tol: number): void {
  const near = Math.max(Math.abs(level.line) * SAME_LEVEL_PRICE_PART, SAME_LEVEL_TOLERANCE_PART * tol);
  const place = kept.findIndex((other) => Math.abs(other.line - level.line) <= near);
  const other = kept[place];
  if (other === undefined) {
    kept.push(level);
    return;
  }
  const revives = other.status === "broken" && level.status !== "broken";
  const isNewer = level.status !== "broken" && level.lastIdx > other.lastIdx;
  if (revives || isNewer) kept[place] = level;
}
