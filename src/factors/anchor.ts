/**
 * Anchor: the one pen or leg that stands for the present move, and the switches from one to the next.
 * Spec: factors §11, §13; design C-1, C-3, C-6.
 */
import { healSwitches } from "./anchor-history.js";
import type { FactorDefinition } from "./definition.js";
import { type Direction, type Pen, penFactor } from "./pen.js";
import type { Leg } from "./pen-legs.js";
import { zhongshuFactor } from "./zhongshu.js";

/** Names a pen or a leg. Two refs with one start name the same anchor. Times in seconds. */
export interface AnchorRef {
  readonly kind: "confirmed" | "candidate";
  readonly start_time: number;
  readonly end_time: number;
  readonly direction: Direction;
}

export interface AnchorSwitch {
  readonly switch_time: number;
  readonly reason: "zhongshu_entry" | "strong_pen";
  readonly old_anchor: AnchorRef | null;
  readonly new_anchor: AnchorRef;
  readonly visible_time: number;
}

/** A ref with the prices of its ends. */
export interface AnchorSegment extends Leg {
  readonly kind: AnchorRef["kind"];
}

export interface AnchorFacts {
  readonly switches: readonly AnchorSwitch[];
  /** The anchor that the switches lead to; null before the first. */
  readonly held: AnchorSegment | null;
  /** The anchor that the slice names: the held one, or a live leg that has outgrown it. */
  readonly shown: AnchorSegment | null;
  /** The newest confirmed pen that begins and goes like the held anchor, if any: its final shape. */
  readonly heldPen: Pen | null;
}

interface AnchorState {
  held: AnchorSegment | null;
  heldPen: Pen | null;
  /** The newest pens, as many as lie between a zone's entry and its forming. */
  pens: readonly Pen[];
}

/** A zone forms at the third pen after its entry at the latest. */
const REMEMBERED_PENS = 4;

const NO_SWITCHES: readonly AnchorSwitch[] = [];

export const anchorFactor: FactorDefinition<AnchorState, AnchorFacts> = {
  name: "anchor",
  dependsOn: ["pen", "zhongshu"],
  logic: 1,
  catalog: {
    label: "Anchor",
    visible: true,
    subFeatures: [
      { key: "anchor.current", label: "Current", visible: true },
      { key: "anchor.history", label: "History", visible: true },
      { key: "anchor.switch", label: "Switches", visible: true },
    ],
  },
  events: [{ kind: "anchor.switch", bucket: "switches", key: (payload) => switchKey(payload as AnchorSwitch) }],
  initial: (): AnchorState => ({ held: null, heldPen: null, pens: [] }),
  step(state, context) {
    const { confirmed, trailing, extending, candidate } = context.factsOf(penFactor);
    const baseline = state.held === null ? null : strength(state.held);
    let switches = NO_SWITCHES;
    const pens = confirmed.length === 0 ? state.pens : [...state.pens, ...confirmed];
    const take = (segment: AnchorSegment, reason: AnchorSwitch["reason"]): void => {
      if (state.held === null || state.held.start_time !== segment.start_time) {
        const event = switchTo(segment, state.held, reason, context.candle.time);
        context.emit("anchor.switch", event);
        switches = [...switches, event];
      }
      if (!sameWay(state.heldPen, segment)) state.heldPen = null;
      state.held = segment;
    };
    for (const entry of context.factsOf(zhongshuFactor).formed) {
      take(segmentOf(entry, "confirmed"), "zhongshu_entry");
    }
    const best = strongest(confirmed, trailing, baseline);
    if (best !== undefined) take(best, "strong_pen");
    for (const pen of pens) if (state.held !== null && sameWay(pen, state.held)) state.heldPen = pen;
    if (confirmed.length > 0) state.pens = pens.slice(-REMEMBERED_PENS);
    const { held, heldPen } = state;
    return { switches, held, heldPen, shown: shownAnchor(held, heldPen, extending, candidate) };
  },
  present: (state) => state.held !== null,
  head: ({ shown }) => ({ current_anchor_ref: shown && refOf(shown) }),
  history: (buckets) => healSwitches(buckets.get("switches") ?? []),
};

export function strength(segment: Pick<Leg, "start_price" | "end_price">): number {
  return Math.abs(segment.end_price - segment.start_price);
}

export function refOf({ kind, start_time, end_time, direction }: AnchorSegment): AnchorRef {
  return { kind, start_time, end_time, direction };
}

/** The strongest of what this candle offers, if it beats the anchor's strength at its start; ties keep the earlier. */
function strongest(pens: readonly Pen[], trailing: Leg | null, baseline: number | null): AnchorSegment | undefined {
  let best: AnchorSegment | undefined;
  let bar = baseline ?? Number.NEGATIVE_INFINITY;
  for (const pen of pens) {
    if (strength(pen) <= bar) continue;
    best = segmentOf(pen, "confirmed");
    bar = strength(pen);
  }
  if (trailing !== null && strength(trailing) > bar) best = segmentOf(trailing, "candidate");
  return best;
}

/**
 * The anchor that a reader is shown. A live leg takes the held one's place when it is its continuation, or stronger than
 * the held one is known to be: by the live legs, or by a confirmed pen.
 */
function shownAnchor(
  held: AnchorSegment | null,
  heldPen: Pen | null,
  extending: Leg | null,
  candidate: Leg | null,
): AnchorSegment | null {
  if (candidate === null) return held;
  const outgrown =
    held === null ||
    held.start_time === candidate.start_time ||
    strength(candidate) > knownStrength(held, heldPen, extending, candidate);
  return outgrown ? segmentOf(candidate, "candidate") : held;
}

function knownStrength(held: AnchorSegment, heldPen: Pen | null, extending: Leg | null, candidate: Leg): number {
  const live = [extending, candidate].find((leg) => leg !== null && sameLeg(leg, held));
  if (live) return strength(live);
  return heldPen === null ? -1 : strength(heldPen);
}

export function sameLeg(a: Leg, b: Leg): boolean {
  return a.start_time === b.start_time && a.end_time === b.end_time && a.direction === b.direction;
}

function sameWay(pen: Pen | null, segment: AnchorSegment): boolean {
  return pen !== null && pen.start_time === segment.start_time && pen.direction === segment.direction;
}

function segmentOf(leg: Leg, kind: AnchorRef["kind"]): AnchorSegment {
  const { start_time, end_time, start_price, end_price, direction } = leg;
  return { kind, start_time, end_time, start_price, end_price, direction };
}

function switchTo(
  segment: AnchorSegment,
  old: AnchorSegment | null,
  reason: AnchorSwitch["reason"],
  time: number,
): AnchorSwitch {
  return {
    switch_time: time,
    reason,
    old_anchor: old && refOf(old),
    new_anchor: refOf(segment),
    visible_time: time,
  };
}

function switchKey({ reason, switch_time, new_anchor }: AnchorSwitch): string {
  const { kind, start_time, end_time, direction } = new_anchor;
  const named = reason === "strong_pen" ? `${kind}:` : "";
  return `${reason}:${switch_time}:${named}${start_time}:${end_time}:${direction}`;
}
