/** The levels of one side that differ from each other. Spec: factors §12.3 (5). */
import { NO_PARTNER } from "./sr-columns.js";
import type { Ground, LevelJudge } from "./sr-judge.js";
import type { PivotSide } from "./sr-pivots.js";

/** The pivots of one side, and how their levels stand. */
export interface SrSide {
  readonly pivots: PivotSide;
  readonly judge: LevelJudge;
}

/** Levels that are not the same as a newer one. Numbers side by side: an object for each would take half of the time. */
export interface KeptLevels {
  readonly side: SrSide;
  /** Of the later pivots. */
  readonly slots: readonly number[];
  readonly lines: readonly number[];
  readonly standing: readonly boolean[];
}

/** Newest first. Of levels nearly alike only one is kept: the newest, or if that is broken the newest standing one. */
export function keptLevels(side: SrSide, ground: Ground): KeptLevels {
  const { pivots, judge } = side;
  const { partner } = pivots.columns;
  const { line: lineOf, near: nearOf } = pivots.shapes;
  const slots: number[] = [];
  const lines: number[] = [];
  const standing: boolean[] = [];
  for (let position = pivots.count - 1; position > 0; position -= 1) {
    const slot = pivots.slotAt(position);
    if (partner[slot] === NO_PARTNER) continue;
    const line = lineOf[slot] as number;
    const near = nearOf[slot] as number;
    let at = 0;
    while (at < lines.length && Math.abs((lines[at] as number) - line) > near) at += 1;
    if (at < lines.length && standing[at]) continue;
    const isStanding = judge.isStanding(slot, line, ground);
    if (at < lines.length && !isStanding) continue;
    slots[at] = slot;
    lines[at] = line;
    standing[at] = isStanding;
  }
  return { side, slots, lines, standing };
}
