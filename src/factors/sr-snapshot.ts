/** All levels of both sides as they stand at one candle. Spec: factors §12.3 (4), §12.4. */
import type { PivotDirection } from "./pivot.js";
import { crossTolerance, type Ground } from "./sr-judge.js";
import { type KeptLevels, keptLevels, type SrSide } from "./sr-kept.js";
import { PIVOTS_PER_SIDE } from "./sr-pivots.js";
import { COLUMN, COLUMNS, FLIPS, NONE, SIDES, STATUSES } from "./sr-rows.js";

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
  /** The levels as rows of numbers, nearest first; see `sr-rows.ts`. Made anew when the snapshot is at rest. */
  readonly rows: readonly number[];
  readonly levels: readonly SrLevel[];
}

/** Levels shown that are not broken. */
const MAX_STANDING = 10;

/** The levels worth showing, as they are stored: the nearest standing ones, then all broken ones, nearest first. */
export function snapshotLevels(resistance: SrSide, support: SrSide, ground: Ground): readonly number[] {
  const kept = [keptLevels(resistance, ground), keptLevels(support, ground)];
  const standing = nearestFirst(kept, true, ground.close).slice(0, MAX_STANDING);
  const shown = [...standing, ...nearestFirst(kept, false, ground.close)];
  // Hundreds of numbers: an array of the right length takes a third of the time of one that grows.
  const rows = new Array<number>(shown.length * COLUMNS);
  for (let nth = 0; nth < shown.length; nth += 1) {
    const place = shown[nth] as number;
    const levels = kept[Math.floor(place / PIVOTS_PER_SIDE)] as KeptLevels;
    writeRow(rows, nth * COLUMNS, levels, place % PIVOTS_PER_SIDE, ground);
  }
  return rows;
}

/**
 * Where the levels are that stand, or that do not. Keeps the order of what is equally far. For a few dozen levels this takes
 * half the time of a sort that calls back.
 */
function nearestFirst(kept: readonly KeptLevels[], isStanding: boolean, close: number): readonly number[] {
  const places: number[] = [];
  const distances: number[] = [];
  for (const [nth, { lines, standing }] of kept.entries()) {
    for (let at = 0; at < lines.length; at += 1) {
      if (standing[at] !== isStanding) continue;
      const distance = Math.abs((lines[at] as number) - close);
      let to = distances.length;
      for (; to > 0 && (distances[to - 1] as number) > distance; to -= 1) {
        distances[to] = distances[to - 1] as number;
        places[to] = places[to - 1] as number;
      }
      distances[to] = distance;
      places[to] = nth * PIVOTS_PER_SIDE + at;
    }
  }
  return places;
}

const SIDE_CODES = { resistance: SIDES.indexOf("resistance"), support: SIDES.indexOf("support") };
const [ACTIVE, FLIP, BROKEN] = [STATUSES.indexOf("active"), STATUSES.indexOf("flip"), STATUSES.indexOf("broken")];
const [NO_FLIP, UP, DOWN] = [FLIPS.indexOf(null), FLIPS.indexOf("up"), FLIPS.indexOf("down")];

function writeRow(rows: number[], at: number, levels: KeptLevels, nth: number, ground: Ground): void {
  const { pivots, judge } = levels.side;
  const slot = levels.slots[nth] as number;
  const line = levels.lines[nth] as number;
  const isStanding = levels.standing[nth] as boolean;
  const { idx, time, partner, touches } = pivots.columns;
  const { bandLow, bandHigh, bandWidthAtr } = pivots.shapes;
  const first = partner[slot] as number;
  const crossing = judge.lastCrossing(slot, line, ground);
  const isFlipped = isStanding && crossing !== undefined;
  rows[at + COLUMN.price] = line;
  rows[at + COLUMN.side] = SIDE_CODES[pivots.side];
  rows[at + COLUMN.status] = isFlipped ? FLIP : isStanding ? ACTIVE : BROKEN;
  rows[at + COLUMN.flipDirection] = isFlipped ? flipDirection(line, ground) : NO_FLIP;
  rows[at + COLUMN.firstIdx] = idx[first] as number;
  rows[at + COLUMN.lastIdx] = idx[slot] as number;
  rows[at + COLUMN.firstTime] = time[first] as number;
  rows[at + COLUMN.lastTime] = time[slot] as number;
  rows[at + COLUMN.touches] = touches[slot] as number;
  rows[at + COLUMN.bandLow] = bandLow[slot] as number;
  rows[at + COLUMN.bandHigh] = bandHigh[slot] as number;
  rows[at + COLUMN.bandWidthAtr] = bandWidthAtr[slot] as number;
  rows[at + COLUMN.deathIdx] = crossing?.idx ?? NONE;
  rows[at + COLUMN.deathTime] = crossing?.time ?? NONE;
}

function flipDirection(line: number, ground: Ground): number {
  const tolerance = crossTolerance(line, ground);
  return ground.close > line + tolerance ? UP : ground.close < line - tolerance ? DOWN : NO_FLIP;
}
