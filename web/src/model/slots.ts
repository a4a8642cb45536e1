/**
 * The places of a chart, side by side: one for each candle, and empty ones where candles are missing, so that a hole takes the
 * room that it takes in time. Pure.
 */
import type { WireCandle } from "../../../src/client/answers/market.js";
import type { Hole } from "./picture.js";

/** A hole of more candles than this is shown as one wide mark. */
export const MAX_HOLE_SLOTS = 500;

/** So wide, in places. */
export const WIDE_MARK_SLOTS = 40;

/** A place: a candle, or none. `time` is Unix seconds, ascending. */
export interface Slot {
  readonly time: number;
  readonly candle: WireCandle | null;
}

/** @param forming stands behind the candles. @param stepSeconds the timeframe. */
export function slotsOf(
  candles: readonly WireCandle[],
  forming: WireCandle | null,
  stepSeconds: number,
): readonly Slot[] {
  const slots: Slot[] = [];
  for (const candle of candles) push(slots, candle, stepSeconds);
  if (forming !== null) push(slots, forming, stepSeconds);
  return slots;
}

function push(slots: Slot[], candle: WireCandle, step: number): void {
  const last = slots.at(-1);
  const { candle_time: time } = candle;
  if (last !== undefined) {
    const missing = Math.ceil((time - last.time) / step) - 1;
    const empty = missing > MAX_HOLE_SLOTS ? WIDE_MARK_SLOTS : missing;
    for (let i = 1; i <= empty; i++) {
      slots.push({ time: last.time + Math.round((i * (time - last.time)) / (empty + 1)), candle: null });
    }
  }
  slots.push({ time, candle });
}

/** What has to be done so that a chart of some slots shows others. */
export type SlotChange =
  | { readonly kind: "none" }
  /** Only slots at the end are new or different. */
  | { readonly kind: "tail"; readonly from: number }
  | { readonly kind: "all" };

/** So many slots are shown one by one; more are quicker at once. */
const MAX_TAIL = 200;

/** @param before what is shown, @param after what is to be shown. */
export function changeOf(before: readonly Slot[], after: readonly Slot[]): SlotChange {
  const shared = Math.min(before.length, after.length);
  let same = 0;
  while (same < shared && isSame(before[same], after[same])) same++;
  if (same === before.length && same === after.length) return { kind: "none" };
  // A chart replaces its last slot and takes later ones; everything else is made anew.
  const replacesLast = same === before.length - 1 && before[same]?.time === after[same]?.time;
  const isTail = before.length > 0 && (same === before.length || replacesLast) && after.length - same <= MAX_TAIL;
  return isTail ? { kind: "tail", from: same } : { kind: "all" };
}

function isSame(a: Slot | undefined, b: Slot | undefined): boolean {
  if (a?.time !== b?.time) return false;
  return a?.candle === b?.candle;
}

/**
 * Where a time stands among slots, as a position that need not be whole; before the first and behind the last it goes on by the
 * timeframe.
 */
export function positionOf(slots: readonly Slot[], time: number, stepSeconds: number): number {
  const first = slots[0];
  const last = slots.at(-1);
  if (first === undefined || last === undefined) return 0;
  if (time <= first.time) return (time - first.time) / stepSeconds;
  if (time >= last.time) return slots.length - 1 + (time - last.time) / stepSeconds;
  const above = firstAbove(slots, time);
  const [left, right] = [slots[above - 1], slots[above]];
  if (left === undefined || right === undefined) return above;
  return above - 1 + (time - left.time) / (right.time - left.time);
}

/** Index of the first slot that is later than a time. */
function firstAbove(slots: readonly Slot[], time: number): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((slots[middle]?.time ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Holes between candles that nobody has told of. @param known ranges that somebody has. */
export function holesIn(
  candles: readonly WireCandle[],
  stepSeconds: number,
  known: readonly { readonly from_time: number; readonly to_time: number | null }[],
): readonly Hole[] {
  const holes: Hole[] = [];
  for (let i = 1; i < candles.length; i++) {
    const [from, to] = [candles[i - 1]?.candle_time ?? 0, candles[i]?.candle_time ?? 0];
    if (to - from <= stepSeconds) continue;
    if (known.some(({ from_time, to_time }) => from_time < to && (to_time ?? Infinity) > from)) continue;
    holes.push({ from_time: from + stepSeconds, to_time: to - stepSeconds, text: "No candles, and no record of why." });
  }
  return holes;
}
