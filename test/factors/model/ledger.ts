/**
 * The factor ledger read slowly: at every tick all candles up to it are looked at anew. What is carried from tick to
 * tick is only what the rules themselves carry. Spec: factors §5.2, §8–§13.
 */
import type { Candle } from "../../../src/market/candle.js";
import { type AnchorState, anchorHead, anchorTick } from "./anchor.js";
import { deadEvent, majorEvent, minorEvent, penEvent, srEvent, switchEvent } from "./events.js";
import { penStep, preview, trailing } from "./pen.js";
import { majorPivots, minorPivots } from "./pivot.js";
import { srSnapshot } from "./sr.js";
import type * as Wire from "./types.js";
import { aliveZone, NO_ZHONGSHU, type ZhongshuState, zhongshuCandle, zhongshuPen } from "./zhongshu.js";

/** The heads that the slices show; a factor that is not present has none. */
export interface ModelHeads {
  readonly pivot?: Record<string, never>;
  readonly pen?: Wire.PenHead;
  readonly zhongshu?: { readonly alive: readonly Wire.AliveZone[] };
  readonly anchor?: { readonly current_anchor_ref: Wire.AnchorRef | null };
  readonly sr?: Wire.SrSnapshot;
}

/** What is known at one candle. */
export interface ModelView {
  /** Open time in seconds of the candle that the view is of. */
  readonly time: number;
  /** The heads of the factors that are present, in the fixed order of factors. */
  readonly heads: ModelHeads;
  /** The legs in motion, also before a pen is confirmed. */
  readonly preview: Wire.PenHead;
  readonly trailing: Wire.Leg | null;
  readonly alive: Wire.AliveZone | null;
  /** The anchor as the fold carries it; `heads.anchor` names what the reader sees. */
  readonly anchor: AnchorState;
}

export interface ModelLedger {
  /** In the order of emission. */
  readonly events: readonly Wire.ModelEvent[];
  /** What is known at the newest candle at or before `t` (seconds); null before the first candle. */
  headsAt(t: number): ModelView | null;
}

/** What one tick leaves behind for the next. */
interface Carried {
  readonly majors: readonly Wire.PivotPayload[];
  readonly effective: readonly Wire.PivotPayload[];
  readonly pens: readonly Wire.PenPayload[];
  readonly zhongshu: ZhongshuState;
  readonly hasDeadZone: boolean;
  readonly anchor: AnchorState;
  readonly snapshot: Wire.SrSnapshot | null;
}

const NOTHING: Carried = {
  majors: [],
  effective: [],
  pens: [],
  zhongshu: NO_ZHONGSHU,
  hasDeadZone: false,
  anchor: null,
  snapshot: null,
};

/** @param candles closed, ascending by time, one per time; the first has index 0. */
export function modelLedger(candles: readonly Candle[], settings: Wire.ModelSettings): ModelLedger {
  const events: Wire.ModelEvent[] = [];
  const states: Carried[] = [];
  for (const [index] of candles.entries()) {
    const tick = tickOf(states.at(-1) ?? NOTHING, candles.slice(0, index + 1), settings);
    events.push(...tick.events);
    states.push(tick.state);
  }
  return {
    events,
    headsAt(t) {
      const index = candles.findLastIndex((candle) => candle.time <= t);
      const state = states[index];
      return state === undefined ? null : viewOf(state, candles.slice(0, index + 1));
    },
  };
}

/** One tick: pivots, pens, zones, anchor, levels, in this order. @param seen all candles up to the tick's, inclusive. */
function tickOf(
  before: Carried,
  seen: readonly Candle[],
  settings: Wire.ModelSettings,
): { readonly state: Carried; readonly events: readonly Wire.ModelEvent[] } {
  const candle = seen.at(-1)!;
  const t = candle.time;
  const newMajors = majorPivots(seen, settings);
  const majors = [...before.majors, ...newMajors];
  const newMinors = minorPivots(seen, settings, majors.at(-1)?.pivot_idx ?? null);

  const newPens: Wire.PenPayload[] = [];
  let effective = before.effective;
  for (const major of newMajors) {
    const step = penStep(effective, major);
    effective = step.effective;
    if (step.confirmed !== null) newPens.push(step.confirmed);
  }
  const pens = [...before.pens, ...newPens];

  const zones = zhongshuTick(before.zhongshu, newPens, candle);
  const anchor = anchorTick(before.anchor, {
    t,
    formedEntries: zones.formedEntries,
    newPens,
    trailing: trailing(seen, pens.at(-1) ?? null, t),
  });
  const snapshot = newMajors.length === 0 ? null : srSnapshot(seen, majors);
  return {
    state: {
      majors,
      effective,
      pens,
      zhongshu: zones.state,
      hasDeadZone: before.hasDeadZone || zones.dead.length > 0,
      anchor: anchor.state,
      snapshot: snapshot ?? before.snapshot,
    },
    events: [
      ...newMajors.map(majorEvent),
      ...newMinors.map(minorEvent),
      ...newPens.map(penEvent),
      ...zones.dead.map(deadEvent),
      ...anchor.switches.map(switchEvent),
      ...(snapshot === null ? [] : [srEvent(t, snapshot)]),
    ],
  };
}

function zhongshuTick(
  before: ZhongshuState,
  newPens: readonly Wire.PenPayload[],
  candle: Candle,
): { state: ZhongshuState; dead: Wire.DeadZone[]; formedEntries: Wire.ConfirmedLeg[] } {
  const tick = { state: before, dead: [] as Wire.DeadZone[], formedEntries: [] as Wire.ConfirmedLeg[] };
  const steps = [
    ...newPens.map((pen) => (state: ZhongshuState) => zhongshuPen(state, pen)),
    (state: ZhongshuState) => zhongshuCandle(state, candle),
  ];
  for (const step of steps) {
    const { state, dead, formedEntry } = step(tick.state);
    tick.state = state;
    if (dead !== null) tick.dead.push(dead);
    if (formedEntry !== null) tick.formedEntries.push(formedEntry);
  }
  return tick;
}

function viewOf(state: Carried, seen: readonly Candle[]): ModelView {
  const t = seen.at(-1)!.time;
  const moving = preview(seen, state.majors, t);
  const alive = aliveZone(state.zhongshu, t);
  const penHead = state.pens.length > 0 ? moving : {};
  const hasAnchor = state.pens.length > 0 || state.anchor !== null;
  const ref = anchorHead(state.anchor?.ref ?? null, penHead, state.pens);
  return {
    time: t,
    heads: {
      ...(state.majors.length > 0 ? { pivot: {} } : {}),
      ...(state.pens.length > 0 ? { pen: penHead } : {}),
      ...(state.hasDeadZone || alive !== null ? { zhongshu: { alive: alive === null ? [] : [alive] } } : {}),
      ...(hasAnchor ? { anchor: { current_anchor_ref: ref } } : {}),
      ...(state.snapshot === null ? {} : { sr: state.snapshot }),
    },
    preview: moving,
    trailing: trailing(seen, state.pens.at(-1) ?? null, t),
    alive,
    anchor: state.anchor,
  };
}
