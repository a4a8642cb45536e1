/** Counts what a run has drawn, for those who watch the pipeline. Spec: http-api §4, `write.overlay.ingest_done`. */
import type { Instruction } from "../overlays/instruction.js";

/** The polyline whose points are counted apart. */
const PENS = "pen.confirmed";

export interface DrawingTally {
  /** Factor events that were drawn from. */
  readonly factorRows: number;
  /** Instructions by kind: lasting ones that the run added, and live ones as they are after it. */
  readonly markers: number;
  readonly polylines: number;
  /** Points of the line of pens. */
  readonly penPoints: number;
}

export const NO_TALLY: DrawingTally = { factorRows: 0, markers: 0, polylines: 0, penPoints: 0 };

export function tallyOf(factorRows: number, instructions: Iterable<Instruction>): DrawingTally {
  const tally = { ...NO_TALLY, factorRows };
  for (const { definition } of instructions) {
    if (definition.type === "marker") tally.markers += 1;
    else {
      tally.polylines += 1;
      if (definition.feature === PENS) tally.penPoints = definition.points.length;
    }
  }
  return tally;
}
