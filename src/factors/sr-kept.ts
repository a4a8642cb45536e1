/** The levels of one side that differ from each other. Spec: factors §12.3 (5). */
import { NO_PARTNER } from "./sr-columns.js";
import type { Ground, LevelJudge } from "./sr-judge.js";
import type { PivotSide } from "./sr-pivots.js";

/** The pivots of one side, and how their levels stand. */
export interface SrSide {
  readonly pivots: PivotSide;
  readonly judge: LevelJudge;
}

/** A level that is not the same as a newer one. */
export interface Kept {
  readonly side: SrSide;
  /** Of its later pivot. */
  readonly slot: number;
  readonly line: number;
  readonly isStanding: boolean;
  /** Between the line and the close at which levels are judged. */
  readonly distance: number;
}

/** Newest first. Of levels nearly alike only one is kept: the newest, or if that is broken the newest standing one. */
export function keptLevels(side: SrSide, ground: Ground): readonly Kept[] {
  const { pivots, judge } = side;
  const { partner } = pivots.columns;
  const { line: lineOf, near: nearOf } = pivots.shapes;
  const kept: Kept[] = [];
  const lines: number[] = [];
  for (let position = pivots.count - 1; position > 0; position -= 1) {
    const slot = pivots.slotAt(position);
    if (partner[slot] === NO_PARTNER) continue;
    const line = lineOf[slot] as number;
    const near = nearOf[slot] as number;
    let at = 0;
    while (at < lines.length && Math.abs((lines[at] as number) - line) > near) at += 1;
    if (at < lines.length && (kept[at] as Kept).isStanding) continue;
    const isStanding = judge.isStanding(slot, line, ground);
    if (at < lines.length && !isStanding) continue;
    lines[at] = line;
    kept[at] = { side, slot, line, isStanding, distance: Math.abs(line - ground.close) };
  }
  return kept;
}
