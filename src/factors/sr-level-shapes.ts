/**
 * The shapes of the levels of one side, which stay as they are for as long as both pivots are kept. They can be told from
 * the pivots at any time: having them at hand only saves work.
 */
import type { PivotDirection } from "./pivot.js";
import { NO_PARTNER, type PivotColumns } from "./sr-columns.js";
import { bandOf, lineOf, sameWithin, toleranceOf } from "./sr-shape.js";

/** By the slot of a level's later pivot. */
export interface LevelShapes {
  readonly line: Float64Array;
  /** Levels whose lines are no farther away are the same. */
  readonly near: Float64Array;
  readonly bandLow: Float64Array;
  readonly bandHigh: Float64Array;
  readonly bandWidthAtr: Float64Array;
}

export function shapesOf(side: PivotDirection, columns: PivotColumns, room: number): LevelShapes {
  const column = (): Float64Array => new Float64Array(room);
  const shapes = { line: column(), near: column(), bandLow: column(), bandHigh: column(), bandWidthAtr: column() };
  for (let slot = 0; slot < columns.partner.length; slot += 1) {
    if (columns.partner[slot] !== NO_PARTNER) shapeLevel(shapes, side, columns, slot);
  }
  return shapes;
}

/** The level of a pivot that has found its partner. */
export function shapeLevel(shapes: LevelShapes, side: PivotDirection, columns: PivotColumns, slot: number): void {
  const { low, high, atr, partner } = columns;
  const first = partner[slot] as number;
  const lowest = Math.max(low[first] as number, low[slot] as number);
  const highest = Math.min(high[first] as number, high[slot] as number);
  const [firstAtr, lastAtr] = [atr[first] as number, atr[slot] as number];
  const line = lineOf(side, lowest, highest);
  const band = bandOf(lowest, highest, line, firstAtr, lastAtr);
  shapes.line[slot] = line;
  shapes.near[slot] = sameWithin(line, toleranceOf(firstAtr, lastAtr, line));
  shapes.bandLow[slot] = band.low;
  shapes.bandHigh[slot] = band.high;
  shapes.bandWidthAtr[slot] = band.widthAtr;
}
