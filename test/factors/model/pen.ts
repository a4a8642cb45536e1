/** Pens: legs between alternating major pivots, and the legs that are still moving. Spec: factors §9. */
import type { Bar, IndexedPivot, Leg, LegDirection, PenHead, PenPayload, PivotPoint } from "./types.js";

/** The effective pivots after one more major: of neighbours in one direction only the most extreme, the first on ties. */
export function acceptPivot<P extends PivotPoint>(effective: readonly P[], pivot: P): readonly P[] {
  const last = effective.at(-1);
  if (last === undefined || last.direction !== pivot.direction) return [...effective, pivot];
  const moreExtreme =
    pivot.direction === "resistance" ? pivot.pivot_price > last.pivot_price : pivot.pivot_price < last.pivot_price;
  return moreExtreme ? [...effective.slice(0, -1), pivot] : effective;
}

export interface PenStep<P extends IndexedPivot> {
  readonly effective: readonly P[];
  readonly confirmed: PenPayload | null;
}

/** One major pivot more: the next opposite one confirms the pen before it. Spec: factors §9.1. */
export function penStep<P extends IndexedPivot>(before: readonly P[], pivot: P): PenStep<P> {
  const effective = acceptPivot(before, pivot);
  const [start, end] = effective.slice(-3);
  const confirms = effective.length > before.length && effective.length >= 3;
  if (!confirms || start === undefined || end === undefined) return { effective, confirmed: null };
  const confirmed: PenPayload = {
    start_time: start.pivot_time,
    end_time: end.pivot_time,
    start_price: start.pivot_price,
    end_price: end.pivot_price,
    direction: end.pivot_price > start.pivot_price ? 1 : -1,
    visible_time: pivot.visible_time,
    start_idx: start.pivot_idx,
    end_idx: end.pivot_idx,
  };
  return { effective, confirmed };
}

/** All pens that majors confirm, in the order of their arrival. */
export function confirmPens(majors: readonly IndexedPivot[]): PenPayload[] {
  const pens: PenPayload[] = [];
  let effective: readonly IndexedPivot[] = [];
  for (const major of majors) {
    const step = penStep(effective, major);
    effective = step.effective;
    if (step.confirmed !== null) pens.push(step.confirmed);
  }
  return pens;
}

/** The legs that are not confirmed yet, as seen at time `t`: the head of the pen slice. Spec: factors §9.2. */
export function preview(candles: readonly Bar[], majors: readonly PivotPoint[], t: number): PenHead {
  const seen = candles.filter((candle) => candle.time <= t);
  const known = majors
    .filter((pivot) => pivot.pivot_time <= t)
    .sort((a, b) => a.visible_time - b.visible_time || a.pivot_time - b.pivot_time);
  const start = known.reduce<readonly PivotPoint[]>(acceptPivot, []).at(-2);
  if (start === undefined) return {};
  const direction = start.direction === "support" ? 1 : -1;
  const extending = legTo(seen, { time: start.pivot_time, price: start.pivot_price }, direction);
  if (extending === null || extending.end_price === start.pivot_price) return {};
  const turn = { time: extending.end_time, price: extending.end_price };
  const candidate = legTo(seen, turn, direction === 1 ? -1 : 1);
  if (candidate === null || candidate.end_price === turn.price) return { extending };
  return { extending, candidate };
}

/** The leg that runs against the last confirmed pen since its end, as seen at time `t`. Spec: factors §9.3. */
export function trailing(
  candles: readonly Bar[],
  lastPen: Pick<Leg, "end_time" | "end_price" | "direction"> | null,
  t: number,
): Leg | null {
  if (lastPen === null) return null;
  const seen = candles.filter((candle) => candle.time <= t);
  return legTo(seen, { time: lastPen.end_time, price: lastPen.end_price }, lastPen.direction === 1 ? -1 : 1);
}

/** The leg from a point to the farthest price after it in one direction, the earliest on ties; null with no candle after it. */
function legTo(
  candles: readonly Bar[],
  from: { readonly time: number; readonly price: number },
  direction: LegDirection,
): Leg | null {
  let farthest: { time: number; price: number } | null = null;
  for (const { time, high, low } of candles) {
    if (time <= from.time) continue;
    const price = direction === 1 ? high : low;
    if (farthest === null || (direction === 1 ? price > farthest.price : price < farthest.price)) {
      farthest = { time, price };
    }
  }
  if (farthest === null) return null;
  const { time: end_time, price: end_price } = farthest;
  return { start_time: from.time, end_time, start_price: from.price, end_price, direction };
}
