/** How a zone forms, lives and dies, as a state that takes confirmed pens and closed candles. Spec: factors §10.1–10.3. */
import type { Direction, Pen } from "./pen.js";

/** What of a zone never changes once it has formed. Times in seconds. */
export interface Zone {
  readonly start_time: number;
  readonly zg: number;
  readonly zd: number;
  readonly entry_direction: Direction;
  readonly formed_time: number;
  readonly formed_reason: "pen_confirmed" | "price_cross";
  /** Start of the third pen, if the zone formed before it was confirmed: that pen will not be asked whether it leaves. */
  readonly awaits: number | null;
}

/** Three pens that will be a zone if a fourth comes back into the price range of the middle two. */
interface Pending {
  readonly entry: Pen;
  readonly first: Pen;
  readonly second: Pen;
  /** How far price went after the second pen's end. */
  extreme: number;
  /** Time of the candle that first touched the trigger price; it stays although later candles do not touch it. */
  crossTime: number | null;
}

export interface ZhongshuState {
  /** The last pens, four at most. */
  tail: Pen[];
  pending: Pending | null;
  alive: Zone | null;
  /** How far the alive zone reaches, in seconds. */
  aliveUntil: number;
  /** After a death no zone may begin with a pen that started before this, in seconds; 0: no floor. */
  floor: number;
  /** Whether any zone has died. */
  died: boolean;
}

export type PenOutcome =
  | { readonly type: "formed"; readonly entry: Pen }
  | { readonly type: "died"; readonly zone: Zone; readonly until: number };

/** Takes one more confirmed pen. */
export function applyPen(state: ZhongshuState, pen: Pen): PenOutcome | undefined {
  state.tail = [...state.tail.slice(-3), pen];
  const { alive } = state;
  if (alive === null) return applyToPending(state, pen);
  const { low, high } = range(pen.start_price, pen.end_price);
  if (alive.awaits === pen.start_time) {
    state.alive = { ...alive, awaits: null };
  } else if (high < alive.zd || low > alive.zg) {
    const outcome = { type: "died", zone: alive, until: state.aliveUntil } as const;
    state.floor = (state.tail.at(-2) ?? pen).start_time;
    state.alive = null;
    state.died = true;
    state.pending = makePending(state);
    return outcome;
  }
  state.aliveUntil = Math.max(state.aliveUntil, pen.end_time);
  return undefined;
}

function applyToPending(state: ZhongshuState, pen: Pen): PenOutcome | undefined {
  const { pending } = state;
  if (pending !== null && pen.start_time === pending.second.end_time) {
    const zone = form(pending, pen.start_price, pen.end_price, pen.visible_time, "pen_confirmed");
    state.pending = null;
    if (zone !== undefined) {
      state.alive = zone;
      state.aliveUntil = pen.end_time;
      return { type: "formed", entry: pending.entry };
    }
  }
  state.pending ??= makePending(state);
  return undefined;
}

/** Takes one more closed candle, after the pens it confirmed. @returns the entry pen of a zone that it forms. */
export function applyCandle(state: ZhongshuState, time: number, high: number, low: number): Pen | undefined {
  const { alive, pending } = state;
  if (alive !== null) {
    state.aliveUntil = Math.max(state.aliveUntil, time);
    return undefined;
  }
  if (pending === null || time <= pending.second.end_time) return undefined;
  const { entry, first, second } = pending;
  const price = second.direction === 1 ? low : high;
  const farther = second.direction === 1 ? price < pending.extreme : price > pending.extreme;
  if (farther) pending.extreme = price;
  const crossed = second.direction === 1 ? price <= first.end_price : price >= first.end_price;
  if (crossed) pending.crossTime ??= time;
  if (pending.crossTime === null) return undefined;
  const zone = form(pending, second.end_price, pending.extreme, pending.crossTime, "price_cross");
  if (zone === undefined) return undefined;
  state.alive = zone;
  state.aliveUntil = time;
  state.pending = null;
  return entry;
}

/** The zone of the pending pens and a third one between two prices, if all four have a price in common. */
function form(
  { entry, first, second }: Pending,
  thirdStart: number,
  thirdEnd: number,
  formedTime: number,
  reason: Zone["formed_reason"],
): Zone | undefined {
  const inner = [
    range(first.start_price, first.end_price),
    range(second.start_price, second.end_price),
    range(thirdStart, thirdEnd),
  ];
  const zd = Math.max(...inner.map(({ low }) => low));
  const zg = Math.min(...inner.map(({ high }) => high));
  const outer = range(entry.start_price, entry.end_price);
  if (Math.max(zd, outer.low) > Math.min(zg, outer.high)) return undefined;
  return {
    start_time: entry.start_time,
    zg,
    zd,
    entry_direction: entry.direction,
    formed_time: formedTime,
    formed_reason: reason,
    awaits: reason === "price_cross" ? second.end_time : null,
  };
}

function makePending({ tail, floor }: ZhongshuState): Pending | null {
  const [entry, first, second] = tail.slice(-3);
  if (entry === undefined || first === undefined || second === undefined || entry.start_time < floor) return null;
  return { entry, first, second, extreme: second.end_price, crossTime: null };
}

function range(a: number, b: number): { low: number; high: number } {
  return { low: Math.min(a, b), high: Math.max(a, b) };
}
