/**
 * The legs that price draws after an effective pivot, followed candle by candle: the extreme after it, the opposite
 * extreme after that one, and the extreme to the other side. Of equal extremes the earliest counts. Spec: factors §9.2, §9.3.
 */
import type { CandleHistory } from "./candle-history.js";
import type { Direction, EffectivePivot, Pen } from "./pen.js";

/** A leg as clients get it. Times in seconds. */
export interface Leg {
  readonly start_time: number;
  readonly end_time: number;
  readonly start_price: number;
  readonly end_price: number;
  readonly direction: Direction;
}

/** A price and the time (seconds) of the candle that reached it first. */
interface Extreme {
  readonly time: number;
  readonly price: number;
}

/** What price did after a pivot. Replaced members, never changed ones: facts refer to them. */
export interface LegTracker {
  /** Which way price goes from the pivot: up from a support. */
  readonly direction: Direction;
  reach: Extreme | null;
  /** The opposite extreme after `reach`. */
  retreat: Extreme | null;
  /** The extreme against `direction` since the pivot. */
  against: Extreme | null;
  /** Legs made of the above, kept while they hold. */
  extending: Leg | null;
  candidate: Leg | null;
}

/** Begins to follow what happened after a pivot that has just become known; its window is among the recent candles. */
export function track(pivot: EffectivePivot, history: CandleHistory): LegTracker {
  const direction = pivot.direction === "support" ? 1 : -1;
  const legs: LegTracker = { direction, reach: null, retreat: null, against: null, extending: null, candidate: null };
  for (let index = pivot.idx + 1; index < history.count; index += 1) {
    follow(legs, history.recentTime(index), history.recentHigh(index), history.recentLow(index));
  }
  return legs;
}

/** Takes in one more candle. @param time its open time in seconds. */
export function follow(legs: LegTracker, time: number, high: number, low: number): void {
  const { direction, reach, retreat, against } = legs;
  const ahead = direction === 1 ? high : low;
  const behind = direction === 1 ? low : high;
  if (against === null || (direction === 1 ? behind < against.price : behind > against.price)) {
    legs.against = { time, price: behind };
  }
  if (reach === null || (direction === 1 ? ahead > reach.price : ahead < reach.price)) {
    legs.reach = { time, price: ahead };
    legs.retreat = null;
    legs.extending = null;
    legs.candidate = null;
  } else if (retreat === null || (direction === 1 ? behind < retreat.price : behind > retreat.price)) {
    legs.retreat = { time, price: behind };
    legs.candidate = null;
  }
}

export function extendingOf(from: EffectivePivot, legs: LegTracker): Leg | null {
  const { reach, direction } = legs;
  if (reach === null || reach.price === from.price) return null;
  legs.extending ??= legBetween(from, reach, direction);
  return legs.extending;
}

export function candidateOf(extending: Leg, legs: LegTracker): Leg | null {
  const { retreat, direction } = legs;
  if (retreat === null || retreat.price === extending.end_price) return null;
  const from = { time: extending.end_time, price: extending.end_price };
  legs.candidate ??= legBetween(from, retreat, direction === 1 ? -1 : 1);
  return legs.candidate;
}

/** The leg from a confirmed pen's end, against the pen's direction. @param legs what happened after that end. */
export function trailingOf(pen: Pen, legs: LegTracker): Leg | null {
  const direction = pen.direction === 1 ? -1 : 1;
  const to = direction === legs.direction ? legs.reach : legs.against;
  return to && legBetween({ time: pen.end_time, price: pen.end_price }, to, direction);
}

function legBetween(from: Extreme, to: Extreme, direction: Direction): Leg {
  return { start_time: from.time, end_time: to.time, start_price: from.price, end_price: to.price, direction };
}
