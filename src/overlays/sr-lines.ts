/** Which lines of a sr snapshot are on the picture, and which of them were there before. Spec: overlays §4; design C-6a. */
import type { SrLevel } from "../factors/sr-snapshot.js";
import { fixedText } from "../market/fixed-text.js";
import type { Pencil } from "./renderer.js";
import { BROKEN_COLUMNS, ROW, type Rows, STANDING_COLUMNS, sideNumber } from "./sr-rows.js";

/** The lines of the levels that stand. */
export function drawStanding(levels: readonly SrLevel[]): Rows {
  const rows: number[] = [];
  const starts: number[] = [];
  for (const level of levels) {
    const { status, price, firstTime: from, side } = level;
    if (status === "broken" || isDrawn(level, rows, STANDING_COLUMNS, starts)) continue;
    rows.push(price, from, sideNumber(side));
    starts.push(from);
  }
  return rows;
}

/** What a snapshot shows, and what was on the picture before it. */
export interface Redrawing {
  readonly levels: readonly SrLevel[];
  /** Of the candle. */
  readonly close: number;
  readonly before: Rows;
}

/**
 * The lines of the levels that are broken. One that was drawn the same way before keeps its version.
 * @param visibleTime of the snapshot, in seconds.
 */
export function drawBroken({ levels, close, before }: Redrawing, visibleTime: number, pencil: Pencil): Rows {
  const find = finderIn(before, close);
  const rows: number[] = [];
  const starts: number[] = [];
  for (const level of levels) {
    if (level.status !== "broken") continue;
    const { price, firstTime: from, side, death } = level;
    const until = death?.time ?? visibleTime;
    const known = find(level);
    if (isDrawn(level, rows, BROKEN_COLUMNS, starts)) continue;
    if (known !== undefined && before[known + ROW.until] === until) {
      const version = before[known + ROW.version] as number;
      rows.push(price, from, sideNumber(side), until, version, before[known + ROW.visibleTime] as number);
    } else {
      rows.push(price, from, sideNumber(side), until, ...pencil.version());
    }
    starts.push(from);
  }
  // An array that has grown has room to spare; a copy has none.
  return rows.slice();
}

/** One line per id: levels of a tiny price can be the same to eight decimals, and the nearest is drawn. */
function isDrawn({ price, side, firstTime }: SrLevel, rows: Rows, columns: number, starts: readonly number[]): boolean {
  // Looking through an array of numbers takes no time; few lines begin at the same pivot.
  for (let at = starts.indexOf(firstTime); at >= 0; at = starts.indexOf(firstTime, at + 1)) {
    const row = at * columns;
    const isSameSide = rows[row + ROW.side] === sideNumber(side);
    if (isSameSide && fixedText(rows[row + ROW.price] as number, 8) === fixedText(price, 8)) return true;
  }
  return false;
}

/**
 * Finds the row of a level among those drawn before. Levels come nearest first, so those above the close keep their order,
 * and those below: a search goes on behind the last find.
 */
function finderIn(before: Rows, close: number): (level: SrLevel) => number | undefined {
  let nextAbove = 0;
  let nextBelow = 0;
  return ({ side, price, firstTime }) => {
    let next = price > close ? nextAbove : nextBelow;
    for (let tried = 0; tried < before.length; tried += BROKEN_COLUMNS) {
      if (next === before.length) next = 0;
      const row = next;
      next += BROKEN_COLUMNS;
      if (before[row + ROW.price] !== price || before[row + ROW.from] !== firstTime) continue;
      if (before[row + ROW.side] !== sideNumber(side)) continue;
      if (price > close) nextAbove = next;
      else nextBelow = next;
      return row;
    }
    return undefined;
  };
}
