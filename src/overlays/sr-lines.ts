/** Which lines of a sr snapshot are on the picture, and which of them were there before. Spec: overlays §4; design C-6a. */
import type { SrLevel } from "../factors/sr-snapshot.js";
import { fixedText } from "../market/fixed-text.js";
import type { Pencil, Version } from "./renderer.js";

export interface StandingLine {
  readonly id: string;
  readonly side: SrLevel["side"];
  readonly price: number;
  /** Where it begins, in seconds. */
  readonly from: number;
}

export interface BrokenLine extends StandingLine {
  /** Where it ends, in seconds. */
  readonly until: number;
  readonly version: Version;
}

/** What a snapshot shows, and what was on the picture before it. */
export interface Redrawing<Line> {
  readonly levels: readonly SrLevel[];
  /** Of the candle. */
  readonly close: number;
  readonly before: readonly Line[];
}

export function standingLines({ levels, close, before }: Redrawing<StandingLine>): readonly StandingLine[] {
  const find = finderIn(before, close);
  const lines: StandingLine[] = [];
  const starts: number[] = [];
  for (const level of levels) {
    if (level.status === "broken") continue;
    const line = find(level) ?? newLine(level, "sr.active");
    if (hasId(lines, starts, line)) continue;
    lines.push(line);
    starts.push(line.from);
  }
  return lines;
}

/** One that was drawn the same way before keeps its version. @param visibleTime of the snapshot, in seconds. */
export function brokenLines(
  { levels, close, before }: Redrawing<BrokenLine>,
  visibleTime: number,
  pencil: Pencil,
): readonly BrokenLine[] {
  const find = finderIn(before, close);
  const lines: BrokenLine[] = [];
  const starts: number[] = [];
  for (const level of levels) {
    if (level.status !== "broken") continue;
    const until = level.death?.time ?? visibleTime;
    const known = find(level);
    const line = known ?? newLine(level, "sr.broken");
    if (hasId(lines, starts, line)) continue;
    const { id, side, price, from } = line;
    const isSame = known !== undefined && known.until === until;
    lines.push(isSame ? known : { id, side, price, from, until, version: pencil.version() });
    starts.push(from);
  }
  return lines;
}

function newLine({ side, price, firstTime: from }: SrLevel, feature: "sr.active" | "sr.broken"): StandingLine {
  return { id: `${feature}:${side}:${fixedText(price, 8)}:${from}`, side, price, from };
}

/** One line per id: levels of a tiny price can be the same to eight decimals, and the nearest is drawn. */
function hasId(lines: readonly StandingLine[], starts: readonly number[], { id, from }: StandingLine): boolean {
  // Looking through an array of numbers takes no time; few lines begin at the same pivot.
  let at = starts.indexOf(from);
  while (at >= 0 && lines[at]?.id !== id) at = starts.indexOf(from, at + 1);
  return at >= 0;
}

/**
 * Finds the line of a level among those drawn before: comparing numbers is much cheaper than writing an id. Levels come
 * nearest first, so those above the close keep their order, and those below: a search goes on behind the last find.
 */
function finderIn<Line extends StandingLine>(
  before: readonly Line[],
  close: number,
): (level: SrLevel) => Line | undefined {
  let nextAbove = 0;
  let nextBelow = 0;
  return ({ side, price, firstTime }) => {
    let next = price > close ? nextAbove : nextBelow;
    for (let tried = 0; tried < before.length; tried += 1) {
      if (next === before.length) next = 0;
      const line = before[next] as Line;
      next += 1;
      if (line.price !== price || line.from !== firstTime || line.side !== side) continue;
      if (price > close) nextAbove = next;
      else nextBelow = next;
      return line;
    }
    return undefined;
  };
}
