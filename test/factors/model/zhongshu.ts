/** Zhongshu: the zone that an entry pen and the three pens after it share, until a pen leaves it. Spec: factors §10. */
import type { AliveZone, Bar, ConfirmedLeg, DeadZone, FormedReason, Leg, LegDirection } from "./types.js";

const TAIL_PENS = 4;

type Range = readonly [low: number, high: number];

/** Three pens in a row, waiting for the third leg after the entry to make a zone. */
export interface PendingZone {
  readonly kind: "pending";
  readonly entry: ConfirmedLeg;
  readonly p1: ConfirmedLeg;
  readonly p2: ConfirmedLeg;
  readonly dir3: LegDirection;
  readonly t3: number;
  readonly x0: number;
  readonly extreme: number;
  /** When the extreme was reached, seconds. No rule reads it; the computed examples show it. */
  readonly extremeTime: number;
  readonly trigger: number;
  /** The first candle that reached the trigger, seconds; it sticks. */
  readonly crossTime: number | null;
}

export interface LivingZone {
  readonly kind: "alive";
  readonly startTime: number;
  readonly endTime: number;
  readonly zg: number;
  readonly zd: number;
  readonly entryDirection: LegDirection;
  readonly formedTime: number;
  readonly formedReason: FormedReason;
  readonly lastSeen: number;
  readonly awaitingP3: boolean;
  readonly t3: number;
}

export interface ZhongshuState {
  /** The newest pens, at most four, oldest first. */
  readonly tail: readonly ConfirmedLeg[];
  readonly zone: { readonly kind: "none" } | PendingZone | LivingZone;
  /** No zone may be entered before this time, seconds; null while no zone has died. */
  readonly floor: number | null;
}

export interface ZhongshuStep {
  readonly state: ZhongshuState;
  readonly dead: DeadZone | null;
  /** The entry pen of the zone that formed in this step. */
  readonly formedEntry: ConfirmedLeg | null;
}

export const NO_ZHONGSHU: ZhongshuState = { tail: [], zone: { kind: "none" }, floor: null };

/** A confirmed pen more. Spec: factors §10.2. */
export function zhongshuPen(before: ZhongshuState, pen: ConfirmedLeg): ZhongshuStep {
  const state: ZhongshuState = { ...before, tail: [...before.tail, pen].slice(-TAIL_PENS) };
  return before.zone.kind === "alive" ? penOnZone(state, before.zone, pen) : penWithoutZone(state, pen);
}

function penWithoutZone(state: ZhongshuState, pen: ConfirmedLeg): ZhongshuStep {
  const { zone } = state;
  if (zone.kind === "pending" && pen.start_time !== zone.t3) return { state, dead: null, formedEntry: null };
  if (zone.kind === "pending") {
    const formed = form(zone, rangeOf(pen), {
      endTime: pen.end_time,
      formedTime: pen.visible_time,
      formedReason: "pen_confirmed",
      lastSeen: pen.visible_time,
      awaitingP3: false,
    });
    if (formed !== null) return { state: { ...state, zone: formed }, dead: null, formedEntry: zone.entry };
  }
  return { state: { ...state, zone: pendingAfter(state.tail, state.floor) }, dead: null, formedEntry: null };
}

function penOnZone(state: ZhongshuState, zone: LivingZone, pen: ConfirmedLeg): ZhongshuStep {
  const [low, high] = rangeOf(pen);
  const seen = { ...zone, endTime: Math.max(zone.endTime, pen.end_time), lastSeen: pen.visible_time };
  if (zone.awaitingP3 && pen.start_time === zone.t3) {
    return { state: { ...state, zone: { ...seen, awaitingP3: false } }, dead: null, formedEntry: null };
  }
  const leaves = high < zone.zd || low > zone.zg;
  if (!leaves) return { state: { ...state, zone: seen }, dead: null, formedEntry: null };
  const floor = (state.tail.at(-2) ?? pen).start_time;
  const after: ZhongshuState = { tail: state.tail, zone: pendingAfter(state.tail, floor), floor };
  return { state: after, dead: deadZone(zone, pen.visible_time), formedEntry: null };
}

/** The tick's closed candle, after the pens of the same tick. Spec: factors §10.3. */
export function zhongshuCandle(state: ZhongshuState, { time, high, low }: Bar): ZhongshuStep {
  const { zone } = state;
  if (zone.kind === "alive") {
    const seen = { ...zone, endTime: Math.max(zone.endTime, time), lastSeen: time };
    return { state: { ...state, zone: seen }, dead: null, formedEntry: null };
  }
  if (zone.kind === "none" || time <= zone.t3) return { state, dead: null, formedEntry: null };
  const price = zone.dir3 === -1 ? low : high;
  const farther = zone.dir3 === -1 ? price < zone.extreme : price > zone.extreme;
  const crossed = zone.dir3 === -1 ? price <= zone.trigger : price >= zone.trigger;
  const extreme = farther ? price : zone.extreme;
  const extremeTime = farther ? time : zone.extremeTime;
  const crossTime = zone.crossTime ?? (crossed ? time : null);
  const pending: PendingZone = { ...zone, extreme, extremeTime, crossTime };
  const formed =
    crossTime === null
      ? null
      : form(pending, [Math.min(zone.x0, extreme), Math.max(zone.x0, extreme)], {
          endTime: time,
          formedTime: crossTime,
          formedReason: "price_cross",
          lastSeen: time,
          awaitingP3: true,
        });
  if (formed === null) return { state: { ...state, zone: pending }, dead: null, formedEntry: null };
  return { state: { ...state, zone: formed }, dead: null, formedEntry: zone.entry };
}

/** The living zone as the head shows it at time `t`, or null. Spec: factors §10.5. */
export function aliveZone({ zone }: ZhongshuState, t: number): AliveZone | null {
  if (zone.kind !== "alive") return null;
  return {
    start_time: zone.startTime,
    end_time: zone.endTime,
    zg: zone.zg,
    zd: zone.zd,
    entry_direction: zone.entryDirection,
    formed_time: zone.formedTime,
    formed_reason: zone.formedReason,
    death_time: null,
    visible_time: t,
  };
}

function deadZone(zone: LivingZone, deathTime: number): DeadZone {
  return {
    start_time: zone.startTime,
    end_time: zone.endTime,
    zg: zone.zg,
    zd: zone.zd,
    entry_direction: zone.entryDirection,
    formed_time: zone.formedTime,
    death_time: deathTime,
    visible_time: deathTime,
    formed_reason: zone.formedReason,
  };
}

/** A zone of the four ranges, if they have a price in common; its bounds come from the last three. */
function form(
  { entry, p1, p2, t3 }: PendingZone,
  r3: Range,
  birth: Pick<LivingZone, "endTime" | "formedTime" | "formedReason" | "lastSeen" | "awaitingP3">,
): LivingZone | null {
  const three = [rangeOf(p1), rangeOf(p2), r3];
  const four = [rangeOf(entry), ...three];
  const highestLow = Math.max(...four.map(([low]) => low));
  const lowestHigh = Math.min(...four.map(([, high]) => high));
  if (highestLow > lowestHigh) return null;
  const zd = Math.max(...three.map(([low]) => low));
  const zg = Math.min(...three.map(([, high]) => high));
  return { kind: "alive", startTime: entry.start_time, zg, zd, entryDirection: entry.direction, t3, ...birth };
}

function pendingAfter(tail: readonly ConfirmedLeg[], floor: number | null): ZhongshuState["zone"] {
  const [entry, p1, p2] = tail.slice(-3);
  if (entry === undefined || p1 === undefined || p2 === undefined) return { kind: "none" };
  if (floor !== null && entry.start_time < floor) return { kind: "none" };
  return {
    kind: "pending",
    entry,
    p1,
    p2,
    dir3: p2.direction === 1 ? -1 : 1,
    t3: p2.end_time,
    x0: p2.end_price,
    extreme: p2.end_price,
    extremeTime: p2.end_time,
    trigger: p1.end_price,
    crossTime: null,
  };
}

function rangeOf({ start_price, end_price }: Leg): Range {
  return [Math.min(start_price, end_price), Math.max(start_price, end_price)];
}
