/** Support and resistance: the snapshot taken at every new major pivot. Spec: factors §12. */
import { createHash } from "node:crypto";
import type { Candle } from "../../../src/market/candle.js";
import { fixed8 } from "./fixed-decimal.js";
import { averageTrueRanges } from "./sr-atr.js";
import { levelsOfSide, type RawLevel, type WickPivot } from "./sr-levels.js";
import type { IndexedPivot, PivotDirection, SrLevel, SrPivot, SrSnapshot } from "./types.js";

const MIN_CANDLES = 5;
const PIVOTS_PER_SIDE = 200;
const MAX_LIVE_LEVELS = 10;
const KEY_LEVELS = 10;

const EMPTY: SrSnapshot = { algorithm: "", levels: [], pivots: [] };

/**
 * The levels that these candles and majors make; the last candle is the tick.
 * @param candles all candles since the first one folded: `pivot_idx` is a position in them.
 */
export function srSnapshot(candles: readonly Candle[], majors: readonly IndexedPivot[]): SrSnapshot {
  if (candles.length < MIN_CANDLES) return EMPTY;
  const atr = averageTrueRanges(candles);
  const levels = [
    ...levelsOfSide(candles, atr, "resistance", pivotsOfSide(candles, majors, "resistance")),
    ...levelsOfSide(candles, atr, "support", pivotsOfSide(candles, majors, "support")),
  ];
  if (levels.length === 0) return EMPTY;
  const lastClose = candles.at(-1)!.close;
  const byDistance = levels.sort((a, b) => Math.abs(a.line - lastClose) - Math.abs(b.line - lastClose));
  const live = byDistance.filter((level) => level.status !== "broken").slice(0, MAX_LIVE_LEVELS);
  const broken = byDistance.filter((level) => level.status === "broken");
  const shown = [...live, ...broken].map((level) => wireLevel(level, candles));
  return { algorithm: "pivot_wick_overlap", levels: shown, pivots: pivotsOf(shown) };
}

/** `snapshot:<visible time>:<number of levels>:<digest of the first ten>`. Spec: factors §12.6. */
export function srEventKey(visibleTime: number, { levels }: Pick<SrSnapshot, "levels">): string {
  const token = levels
    .slice(0, KEY_LEVELS)
    .map(({ status, type, price, last_time }) => `${status}:${type}:${fixed8(price)}:${last_time}`)
    .join(";");
  const digest = token === "" ? "none" : createHash("sha1").update(token, "utf8").digest("hex").slice(0, 12);
  return `snapshot:${visibleTime}:${levels.length}:${digest}`;
}

function pivotsOfSide(
  candles: readonly Candle[],
  majors: readonly IndexedPivot[],
  side: PivotDirection,
): readonly WickPivot[] {
  return majors
    .filter((pivot) => pivot.direction === side && pivot.pivot_price > 0)
    .flatMap((pivot) => {
      const candle = candles[pivot.pivot_idx];
      return candle === undefined ? [] : [{ idx: pivot.pivot_idx, low: candle.low, high: candle.high }];
    })
    .sort((a, b) => a.idx - b.idx)
    .slice(-PIVOTS_PER_SIDE);
}

function wireLevel(level: RawLevel, candles: readonly Candle[]): SrLevel {
  const timeAt = (idx: number): number => candles[idx]!.time;
  const { line, side, status, firstIdx, lastIdx, deathIdx } = level;
  return {
    price: line,
    type: status === "flip" ? "flip" : side,
    level_type: side,
    status,
    first_idx: firstIdx,
    second_idx: lastIdx,
    last_idx: lastIdx,
    first_time: timeAt(firstIdx),
    second_time: timeAt(lastIdx),
    last_time: timeAt(lastIdx),
    count: level.count,
    flip_dir: level.flipDir,
    touch_indices: [firstIdx, lastIdx],
    touch_times: [timeAt(firstIdx), timeAt(lastIdx)],
    level_score: level.score,
    band_low: level.bandLow,
    band_high: level.bandHigh,
    band_width_atr: level.bandWidthAtr,
    death_idx: deathIdx,
    death_time: deathIdx === null ? null : timeAt(deathIdx),
    death_price: deathIdx === null ? null : line,
  };
}

function pivotsOf(levels: readonly SrLevel[]): SrPivot[] {
  return levels
    .flatMap(({ price, type, touch_indices, touch_times }) =>
      touch_indices.map((idx, nth): SrPivot => {
        return { idx, time: touch_times[nth]!, price, type, source_window: "major" };
      }),
    )
    .sort((a, b) => a.idx - b.idx || a.price - b.price);
}
