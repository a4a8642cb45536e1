/** Snapshots as rows of numbers, in which they are stored and kept. */
import { PackedColumns } from "./packed-columns.js";
import type { SrLevel, SrSnapshot } from "./sr-snapshot.js";

/** A snapshot as it is stored: per level {@link COLUMNS} numbers. The wire form is some five times as long. */
export interface StoredSnapshot {
  readonly visible_time: number;
  readonly rows: readonly number[];
}

/** What stands where in a row. Times in seconds. */
export const COLUMN = {
  price: 0,
  side: 1,
  status: 2,
  flipDirection: 3,
  firstIdx: 4,
  lastIdx: 5,
  firstTime: 6,
  lastTime: 7,
  touches: 8,
  bandLow: 9,
  bandHigh: 10,
  bandWidthAtr: 11,
  deathIdx: 12,
  deathTime: 13,
} as const;
export const COLUMNS = 14;

/** What stands in a row for a word is its position here. */
export const SIDES = ["resistance", "support"] as const;
export const STATUSES = ["active", "flip", "broken"] as const;
export const FLIPS = [null, "up", "down"] as const;
/** What stands in a row for a death that has not come. */
export const NONE = -1;

/** A snapshot that stays in its rows. Its levels are made when they are asked for. */
export class KeptSnapshot implements SrSnapshot {
  readonly visibleTime: number;
  #rows: readonly number[] | PackedColumns;

  constructor({ visible_time, rows }: StoredSnapshot) {
    this.visibleTime = visible_time;
    this.#rows = rows;
  }

  get rows(): readonly number[] {
    if (!(this.#rows instanceof PackedColumns)) return this.#rows;
    const columns = this.#rows.unpack();
    const count = COLUMNS * (columns[0] as Float64Array).length;
    return Array.from({ length: count }, (_, at) => columns[at % COLUMNS]?.[Math.floor(at / COLUMNS)] as number);
  }

  get levels(): readonly SrLevel[] {
    const { rows } = this;
    const levels: SrLevel[] = [];
    for (let at = 0; at < rows.length; at += COLUMNS) levels.push(new StoredLevel(rows, at));
    return levels;
  }

  get stored(): StoredSnapshot {
    return { visible_time: this.visibleTime, rows: this.rows };
  }

  /** Goes on in half the room. What it says stays the same, and takes longer to say. */
  pack(): void {
    const rows = this.#rows;
    if (rows instanceof PackedColumns) return;
    const columns = Array.from({ length: COLUMNS }, (_, column) => rows.filter((_, at) => at % COLUMNS === column));
    this.#rows = new PackedColumns(columns);
  }
}

/** A level that stays in its row: dozens of objects with all their numbers would take twice the room of the rows. */
class StoredLevel implements SrLevel {
  readonly #rows: readonly number[];
  readonly #at: number;

  constructor(rows: readonly number[], at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  get price(): number {
    return this.#rows[this.#at + COLUMN.price] as number;
  }

  get side(): SrLevel["side"] {
    return SIDES[this.#rows[this.#at + COLUMN.side] as number] ?? "resistance";
  }

  get status(): SrLevel["status"] {
    return STATUSES[this.#rows[this.#at + COLUMN.status] as number] ?? "active";
  }

  get flipDirection(): SrLevel["flipDirection"] {
    return FLIPS[this.#rows[this.#at + COLUMN.flipDirection] as number] ?? null;
  }

  get firstIdx(): number {
    return this.#rows[this.#at + COLUMN.firstIdx] as number;
  }

  get lastIdx(): number {
    return this.#rows[this.#at + COLUMN.lastIdx] as number;
  }

  get firstTime(): number {
    return this.#rows[this.#at + COLUMN.firstTime] as number;
  }

  get lastTime(): number {
    return this.#rows[this.#at + COLUMN.lastTime] as number;
  }

  get touches(): number {
    return this.#rows[this.#at + COLUMN.touches] as number;
  }

  get bandLow(): number {
    return this.#rows[this.#at + COLUMN.bandLow] as number;
  }

  get bandHigh(): number {
    return this.#rows[this.#at + COLUMN.bandHigh] as number;
  }

  get bandWidthAtr(): number {
    return this.#rows[this.#at + COLUMN.bandWidthAtr] as number;
  }

  get death(): SrLevel["death"] {
    const idx = this.#rows[this.#at + COLUMN.deathIdx] as number;
    return idx === NONE ? null : { idx, time: this.#rows[this.#at + COLUMN.deathTime] as number };
  }
}
