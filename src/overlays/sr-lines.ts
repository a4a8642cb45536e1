/** Which lines of a sr snapshot are on the picture, and which of them were there before. Spec: overlays §4; design C-6a. */
import { COLUMN, COLUMNS, NONE, STATUSES } from "../factors/sr-rows.js";
import { fixedText } from "../market/fixed-text.js";
import type { Pencil } from "./renderer.js";
import { BROKEN_COLUMNS, ROW, type Rows, STANDING_COLUMNS } from "./sr-rows.js";

const BROKEN = STATUSES.indexOf("broken");

/** The lines of the levels that stand. @param levels rows of a snapshot. */
export function drawStanding(levels: Rows): Rows {
  const rows: number[] = [];
  const starts: number[] = [];
  for (let level = 0; level < levels.length; level += COLUMNS) {
    if (levels[level + COLUMN.status] === BROKEN) continue;
    const price = levels[level + COLUMN.price] as number;
    const from = levels[level + COLUMN.firstTime] as number;
    const side = levels[level + COLUMN.side] as number;
    if (isDrawn(price, from, side, rows, STANDING_COLUMNS, starts)) continue;
    rows.push(price, from, side);
    starts.push(from);
  }
  return rows;
}

/** What a snapshot shows, and what was on the picture before it. */
export interface Redrawing {
  /** Rows of the snapshot. */
  readonly levels: Rows;
  /** Of the candle. */
  readonly close: number;
  readonly before: Rows;
}

/**
 * The lines of the levels that are broken. One that was drawn the same way before keeps its version.
 * @param visibleTime of the snapshot, in seconds.
 */
export function drawBroken({ levels, close, before }: Redrawing, visibleTime: number, pencil: Pencil): Rows {
  const finder = new Finder(before);
  const rows: number[] = [];
  const starts: number[] = [];
  for (let level = 0; level < levels.length; level += COLUMNS) {
    if (levels[level + COLUMN.status] !== BROKEN) continue;
    const price = levels[level + COLUMN.price] as number;
    const from = levels[level + COLUMN.firstTime] as number;
    const side = levels[level + COLUMN.side] as number;
    const death = levels[level + COLUMN.deathTime] as number;
    const until = death === NONE ? visibleTime : death;
    const known = finder.find(price, from, side, price > close);
    if (isDrawn(price, from, side, rows, BROKEN_COLUMNS, starts)) continue;
    if (known >= 0 && before[known + ROW.until] === until) {
      const version = before[known + ROW.version] as number;
      rows.push(price, from, side, until, version, before[known + ROW.visibleTime] as number);
    } else {
      rows.push(price, from, side, until, ...pencil.version());
    }
    starts.push(from);
  }
  // An array that has grown has room to spare; a copy has none.
  return rows.slice();
}

/** One line per id: levels of a tiny price can be the same to eight decimals, and the nearest is drawn. */
function isDrawn(
  price: number,
  from: number,
  side: number,
  rows: Rows,
  columns: number,
  starts: readonly number[],
): boolean {
  // Looking through an array of numbers takes no time; few lines begin at the same pivot.
  for (let at = starts.indexOf(from); at >= 0; at = starts.indexOf(from, at + 1)) {
    const row = at * columns;
    if (rows[row + ROW.side] !== side) continue;
    if (fixedText(rows[row + ROW.price] as number, 8) === fixedText(price, 8)) return true;
  }
  return false;
}

/**
 * Finds the row of a level among those drawn before. Levels come nearest first, so those above the close keep their order,
 * and those below: a search goes on behind the last find.
 */
class Finder {
  readonly #before: Rows;
  #nextAbove = 0;
  #nextBelow = 0;

  constructor(before: Rows) {
    this.#before = before;
  }

  /** @returns where the row begins; -1 when it was not drawn. */
  find(price: number, from: number, side: number, isAbove: boolean): number {
    const before = this.#before;
    let next = isAbove ? this.#nextAbove : this.#nextBelow;
    for (let tried = 0; tried < before.length; tried += BROKEN_COLUMNS) {
      if (next === before.length) next = 0;
      const row = next;
      next += BROKEN_COLUMNS;
      if (before[row + ROW.price] !== price || before[row + ROW.from] !== from) continue;
      if (before[row + ROW.side] !== side) continue;
      if (isAbove) this.#nextAbove = next;
      else this.#nextBelow = next;
      return row;
    }
    return -1;
  }
}
