/** The live legs, dashed: from the last turn to the extreme, and back. Spec: overlays §4, §5.2. */
import { penFactor } from "../factors/pen.js";
import type { Leg } from "../factors/pen-legs.js";
import { type Instruction, instruction, line } from "./instruction.js";
import type { Pencil, Renderer, Version } from "./renderer.js";

interface DrawnLeg {
  readonly leg: Leg;
  readonly version: Version;
}

interface LegsPicture {
  extending: DrawnLeg | null;
  candidate: DrawnLeg | null;
}

export const legsRenderer: Renderer<LegsPicture> = {
  name: "legs",
  initial: (): LegsPicture => ({ extending: null, candidate: null }),
  draw(state, frame, pencil) {
    const { extending, candidate, trailing } = frame.factsOf(penFactor);
    state.extending = redrawn(state.extending, extending, pencil);
    state.candidate = redrawn(state.candidate, candidate ?? trailing, pencil);
  },
  renew(state, later) {
    const { extending, candidate } = state;
    state.extending = extending && { ...extending, version: later(extending.version) };
    state.candidate = candidate && { ...candidate, version: later(candidate.version) };
  },
  live({ extending, candidate }) {
    return [...legLine("pen.extending", extending), ...legLine("pen.candidate", candidate)];
  },
};

function redrawn(drawn: DrawnLeg | null, leg: Leg | null, pencil: Pencil): DrawnLeg | null {
  if (leg === null) return null;
  if (drawn !== null && equalLegs(drawn.leg, leg)) return drawn;
  return { leg, version: pencil.version() };
}

/** Whether two legs look the same. */
export function equalLegs(a: Leg, b: Leg): boolean {
  return (
    a.start_time === b.start_time &&
    a.end_time === b.end_time &&
    a.start_price === b.start_price &&
    a.end_price === b.end_price
  );
}

function legLine(id: string, drawn: DrawnLeg | null): readonly Instruction[] {
  if (drawn === null) return [];
  const { leg, version } = drawn;
  const from = { time: leg.start_time, value: leg.start_price };
  const to = { time: leg.end_time, value: leg.end_price };
  const style = { color: "#ffffff", lineWidth: 2, lineStyle: "dashed" } as const;
  return [instruction(id, ...version, line(id, from, to, style))];
}
