/** All levels of both sides as they stand at one candle. Spec: factors §12.3 (4), §12.4. */
import type { PivotDirection } from "./pivot.js";
import { crossTolerance, type Ground } from "./sr-judge.js";
import { type Kept, keptLevels, type SrSide } from "./sr-kept.js";
import { COLUMNS, FLIPS, NONE, SIDES, STATUSES } from "./sr-rows.js";

export interface SrLevel {
  readonly price: number;
  readonly side: PivotDirection;
  readonly status: "active" | "flip" | "broken";
  /** On which side of a flipped level price is now; null within its tolerance. */
  readonly flipDirection: "up" | "down" | null;
  readonly firstIdx: number;
  readonly lastIdx: number;
  /** Seconds. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly touches: number;
  readonly bandLow: number;
  readonly bandHigh: number;
  readonly bandWidthAtr: number;
  /** The crossing that broke it, or flipped it last. */
  readonly death: { readonly idx: number; readonly time: number } | null;
}

export interface SrSnapshot {
  /** Seconds. */
  readonly visibleTime: number;
  readonly levels: readonly SrLevel[];
}

/** Levels shown that are not broken. */
const MAX_STANDING = 10;

/** The levels worth showing, as they are stored: the nearest standing ones, then all broken ones, nearest first. */
export function snapshotLevels(resistance: SrSide, support: SrSide, ground: Ground): readonly number[] {
  const kept = [...keptLevels(resistance, ground), ...keptLevels(support, ground)];
  const standing = nearestFirst(kept.filter(({ isStanding }) => isStanding)).slice(0, MAX_STANDING);
  const broken = nearestFirst(kept.filter(({ isStanding }) => !isStanding));
  // Hundreds of numbers: an array of the right length takes a third of the time of one that grows.
  const rows = new Array<number>((standing.length + broken.length) * COLUMNS);
  let at = 0;
  for (const shown of [standing, broken]) {
    for (const one of shown) {
      writeRow(rows, at, one, ground);
      at += COLUMNS;
    }
  }
  return rows;
}

/** Keeps the order of what is equally far. For a few dozen levels this takes half the time of a sort that calls back. */
function nearestFirst(kept: Kept[]): readonly Kept[] {
  for (let from = 1; from < kept.length; from += 1) {
    const one = kept[from] as Kept;
    let to = from;
    for (; to > 0 && (kept[to - 1] as Kept).distance > one.distance; to -= 1) kept[to] = kept[to - 1] as Kept;
    kept[to] = one;
  }
  return kept;
}

const SIDE_CODES = { resistance: SIDES.indexOf("resistance"), support: SIDES.indexOf("support") };
const [ACTIVE, FLIP, BROKEN] = [STATUSES.indexOf("active"), STATUSES.indexOf("flip"), STATUSES.indexOf("broken")];
const [NO_FLIP, UP, DOWN] = [FLIPS.indexOf(null), FLIPS.indexOf("up"), FLIPS.indexOf("down")];

function writeRow(rows: number[], at: number, { side, slot, line, isStanding }: Kept, ground: Ground): void {
  const { pivots, judge } = side;
  const { idx, time, partner, touches } = pivots.columns;
  const { bandLow, bandHigh, bandWidthAtr } = pivots.shapes;
  const first = partner[slot] as number;
  const crossing = judge.lastCrossing(slot, line, ground);
  const isFlipped = isStanding && crossing !== undefined;
  rows[at] = line;
  rows[at + 1] = SIDE_CODES[pivots.side];
  rows[at + 2] = isFlipped ? FLIP : isStanding ? ACTIVE : BROKEN;
  rows[at + 3] = isFlipped ? flipDirection(line, ground) : NO_FLIP;
  rows[at + 4] = idx[first] as number;
  rows[at + 5] = idx[slot] as number;
  rows[at + 6] = time[first] as number;
  rows[at + 7] = time[slot] as number;
  rows[at + 8] = touches[slot] as number;
  rows[at + 9] = bandLow[slot] as number;
  rows[at + 10] = bandHigh[slot] as number;
  rows[at + 11] = bandWidthAtr[slot] as number;
  rows[at + 12] = crossing?.idx ?? NONE;
  rows[at + 13] = crossing?.time ?? NONE;
}

function flipDirection(line: number, ground: Ground): number {
  const tolerance = crossTolerance(line, ground);
  return ground.close > line + tolerance ? UP : ground.close < line - tolerance ? DOWN : NO_FLIP;
}
