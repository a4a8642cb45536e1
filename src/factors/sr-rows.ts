/** Snapshots as rows of numbers, in which they are stored and kept. */
import { PackedColumns } from "./packed-columns.js";
import type { SrLevel, SrSnapshot } from "./sr-snapshot.js";

/** A snapshot as it is stored: per level {@link COLUMNS} numbers. The wire form is some five times as long. */
export interface StoredSnapshot {
  readonly visible_time: number;
  readonly rows: readonly number[];
}

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

  get levels(): readonly SrLevel[] {
    const rows = this.#unpacked();
    const levels: SrLevel[] = [];
    for (let at = 0; at < rows.length; at += COLUMNS) levels.push(new StoredLevel(rows, at));
    return levels;
  }

  get stored(): StoredSnapshot {
    return { visible_time: this.visibleTime, rows: this.#unpacked() };
  }

  /** Goes on in half the room. What it says stays the same, and takes longer to say. */
  pack(): void {
    const rows = this.#rows;
    if (rows instanceof PackedColumns) return;
    const columns = Array.from({ length: COLUMNS }, (_, column) => rows.filter((_, at) => at % COLUMNS === column));
    this.#rows = new PackedColumns(columns);
  }

  #unpacked(): readonly number[] {
    if (!(this.#rows instanceof PackedColumns)) return this.#rows;
    const columns = this.#rows.unpack();
    const count = COLUMNS * (columns[0] as Float64Array).length;
    return Array.from({ length: count }, (_, at) => columns[at % COLUMNS]?.[Math.floor(at / COLUMNS)] as number);
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
    return this.#rows[this.#at] as number;
  }

  get side(): SrLevel["side"] {
    return SIDES[this.#rows[this.#at + 1] as number] ?? "resistance";
  }

  get status(): SrLevel["status"] {
    return STATUSES[this.#rows[this.#at + 2] as number] ?? "active";
  }

  get flipDirection(): SrLevel["flipDirection"] {
    return FLIPS[this.#rows[this.#at + 3] as number] ?? null;
  }

  get firstIdx(): number {
    return this.#rows[this.#at + 4] as number;
  }

  get lastIdx(): number {
    return this.#rows[this.#at + 5] as number;
  }

  get firstTime(): number {
    return this.#rows[this.#at + 6] as number;
  }

  get lastTime(): number {
    return this.#rows[this.#at + 7] as number;
  }

  get touches(): number {
    return this.#rows[this.#at + 8] as number;
  }

  get bandLow(): number {
    return this.#rows[this.#at + 9] as number;
  }

  get bandHigh(): number {
    return this.#rows[this.#at + 10] as number;
  }

  get bandWidthAtr(): number {
    return this.#rows[this.#at + 11] as number;
  }

  get death(): SrLevel["death"] {
    const idx = this.#rows[this.#at + 12] as number;
    return idx === NONE ? null : { idx, time: this.#rows[this.#at + 13] as number };
  }
}
