/**
 * The current anchor, and those that were current before. What is drawn as the current one is what the anchor slice
 * names; an earlier one is drawn from the moment it is no longer current. Spec: overlays §4, §5.4; design C-6, C-6a.
 */
import { type AnchorFacts, type AnchorRef, type AnchorSegment, anchorFactor, sameLeg } from "../factors/anchor.js";
import type { FactorFrame } from "../factors/engine.js";
import { penFactor } from "../factors/pen.js";
import type { Leg } from "../factors/pen-legs.js";
import { type Instruction, instruction, line, type Polyline } from "./instruction.js";
import { equalLegs } from "./legs.js";
import type { Pencil, Renderer, Version } from "./renderer.js";

/** The switch that first led to an anchor: its line is named after it. */
interface Stint {
  readonly switchTime: number;
  readonly ref: AnchorRef;
}

interface Drawn {
  readonly leg: Leg;
  readonly dashed: boolean;
  readonly version: Version;
}

interface AnchorPicture {
  current: Drawn | null;
  /** Shape of the held anchor at the last candle, and of its line while another one is shown as current. */
  held: Leg | null;
  eclipsed: Drawn | null;
  /** Stints of the newest anchors: a return to one of them goes by its first name. */
  stints: Stint[];
}

/** A return leads to a pen among the last few; older anchors need not be remembered. */
const REMEMBERED_STINTS = 8;

const CURRENT_COLOR = "#f59e0b";
const HISTORY_COLOR = "rgba(59,130,246,0.55)";

export const anchorRenderer: Renderer<AnchorPicture> = {
  name: "anchor",
  initial: (): AnchorPicture => ({ current: null, held: null, eclipsed: null, stints: [] }),
  draw(state, frame, pencil) {
    const facts = frame.factsOf(anchorFactor);
    const { extending, candidate } = frame.factsOf(penFactor);
    const live = [extending, candidate];
    state.current = redrawn(state.current, facts.shown && shapeOf(facts.shown, facts, live), pencil);
    const { held } = facts;
    if (held === null) return;
    const left = state.held;
    if (left !== null && left.start_time !== held.start_time) {
      pencil.lasting(idOf(stintOf(state, left)), historyLine(left));
      state.eclipsed = null;
    }
    remember(state, facts);
    const shape = shapeOf(held, facts, live);
    state.held = shape.leg;
    const isCurrent = facts.shown?.start_time === held.start_time;
    state.eclipsed = isCurrent ? null : redrawn(state.eclipsed, shape, pencil);
  },
  renew(state, later) {
    const { current, eclipsed } = state;
    state.current = current && { ...current, version: later(current.version) };
    state.eclipsed = eclipsed && { ...eclipsed, version: later(eclipsed.version) };
  },
  live(state) {
    const { current, eclipsed } = state;
    const instructions: Instruction[] = [];
    if (current !== null) instructions.push(instruction("anchor.current", ...current.version, currentLine(current)));
    if (eclipsed !== null) {
      const id = idOf(stintOf(state, eclipsed.leg));
      instructions.push(instruction(id, ...eclipsed.version, historyLine(eclipsed.leg)));
    }
    return instructions;
  },
};

/** Starts of the anchors that are not history at this candle, in seconds. */
export function presentAnchorStarts(frame: FactorFrame): ReadonlySet<number> {
  const { shown, held } = frame.factsOf(anchorFactor);
  return new Set([shown, held].flatMap((segment) => (segment === null ? [] : [segment.start_time])));
}

/** A segment that is a live leg is dashed; one whose pen is confirmed has that pen's shape. */
function shapeOf(
  segment: AnchorSegment,
  { held, heldPen }: AnchorFacts,
  live: readonly (Leg | null)[],
): Omit<Drawn, "version"> {
  const leg = segment.kind === "candidate" ? live.find((one) => one !== null && sameLeg(one, segment)) : undefined;
  if (leg) return { leg, dashed: true };
  if (segment === held && heldPen !== null) return { leg: heldPen, dashed: false };
  return { leg: segment, dashed: segment.kind === "candidate" };
}

function redrawn(drawn: Drawn | null, shape: Omit<Drawn, "version"> | null, pencil: Pencil): Drawn | null {
  if (shape === null) return null;
  if (drawn !== null && drawn.dashed === shape.dashed && equalLegs(drawn.leg, shape.leg)) return drawn;
  return { ...shape, version: pencil.version() };
}

function remember(state: AnchorPicture, { switches }: AnchorFacts): void {
  const last = switches.at(-1);
  if (last === undefined || state.stints.some(({ ref }) => ref.start_time === last.new_anchor.start_time)) return;
  const stint = { switchTime: last.switch_time, ref: last.new_anchor };
  state.stints = [...state.stints, stint].slice(-REMEMBERED_STINTS);
}

function stintOf({ stints }: AnchorPicture, leg: Leg): Stint {
  const stint = stints.find(({ ref }) => ref.start_time === leg.start_time);
  if (stint === undefined) throw new Error(`no switch is known that led to the anchor from ${leg.start_time}`);
  return stint;
}

function idOf({ switchTime, ref }: Stint): string {
  return `anchor.history:${switchTime}:${ref.start_time}:${ref.end_time}:${ref.direction}`;
}

function currentLine({ leg, dashed }: Drawn): Polyline {
  const style = { color: CURRENT_COLOR, lineWidth: 2, ...(dashed && { lineStyle: "dashed" as const }) };
  return line("anchor.current", start(leg), end(leg), style);
}

function historyLine(leg: Leg): Polyline {
  return line("anchor.history", start(leg), end(leg), { color: HISTORY_COLOR, lineWidth: 1 });
}

const start = (leg: Leg) => ({ time: leg.start_time, value: leg.start_price });
const end = (leg: Leg) => ({ time: leg.end_time, value: leg.end_price });

/** Whether an instruction is the line of an earlier anchor that is not history at this candle. @param from its start. */
export function isHistoryOfPresent(id: string, from: number, frame: FactorFrame): boolean {
  return isAnchorHistory(id) && presentAnchorStarts(frame).has(from);
}

/** Whether an instruction is the line of an earlier anchor. */
export function isAnchorHistory(id: string): boolean {
  return id.startsWith("anchor.history:");
}
