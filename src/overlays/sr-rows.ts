/**
 * Lines of levels as they are kept: as rows of numbers, because a series has dozens of them, and as objects with their ids
 * they take six times the memory. A line's id follows from its numbers. Spec: overlays §4; design C-6a.
 */
import { SIDES } from "../factors/sr-rows.js";
import type { SrLevel } from "../factors/sr-snapshot.js";
import { fixedText } from "../market/fixed-text.js";
import type { Version } from "./renderer.js";

/** Rows one behind the other. */
export type Rows = readonly number[];

/** What stands where in a row. Times in seconds. A standing line has the first three columns. */
export const ROW = { price: 0, from: 1, side: 2, until: 3, version: 4, visibleTime: 5 } as const;
export const STANDING_COLUMNS = 3;
export const BROKEN_COLUMNS = 6;

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

function sideNumber(side: SrLevel["side"]): number {
  return SIDES.indexOf(side);
}

export function standingLines(rows: Rows): readonly StandingLine[] {
  return rowStarts(rows, STANDING_COLUMNS).map((row) => lineAt(rows, row, "sr.active"));
}

export function brokenLines(rows: Rows): readonly BrokenLine[] {
  return rowStarts(rows, BROKEN_COLUMNS).map((row) => ({
    ...lineAt(rows, row, "sr.broken"),
    until: rows[row + ROW.until] as number,
    version: [rows[row + ROW.version] as number, rows[row + ROW.visibleTime] as number],
  }));
}

export function standingRows(lines: readonly StandingLine[]): Rows {
  return lines.flatMap(({ price, from, side }) => [price, from, sideNumber(side)]);
}

export function brokenRows(lines: readonly BrokenLine[]): Rows {
  return lines.flatMap(({ price, from, side, until, version }) => [price, from, sideNumber(side), until, ...version]);
}

/** Where each row begins. */
export function rowStarts(rows: Rows, columns: number): readonly number[] {
  return Array.from({ length: rows.length / columns }, (_, at) => at * columns);
}

function lineAt(rows: Rows, row: number, feature: "sr.active" | "sr.broken"): StandingLine {
  const side = SIDES[rows[row + ROW.side] as number] as SrLevel["side"];
  const price = rows[row + ROW.price] as number;
  const from = rows[row + ROW.from] as number;
  return { id: `${feature}:${side}:${fixedText(price, 8)}:${from}`, side, price, from };
}
