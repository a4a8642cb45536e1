/** Snapshots as columns of numbers, in which they are stored, and as clients get them. Spec: factors §12.5. */
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

const ALGORITHM = "pivot_wick_overlap";
/** Touches that count fully. */
const FULL_TOUCHES = 4;
/** Touches said at least: a level is made of two pivots. */
const LEAST_TOUCHES = 2;

export function snapshotRows({ visibleTime, levels }: SrSnapshot): StoredSnapshot {
  const rows: number[] = [];
  for (const level of levels) appendLevel(rows, level);
  return { visible_time: visibleTime, rows };
}

function appendLevel(rows: number[], level: SrLevel): void {
  rows.push(
    level.price,
    SIDES.indexOf(level.side),
    STATUSES.indexOf(level.status),
    FLIPS.indexOf(level.flipDirection),
    level.firstIdx,
    level.lastIdx,
    level.firstTime,
    level.lastTime,
    level.touches,
    level.bandLow,
    level.bandHigh,
    level.bandWidthAtr,
    level.death?.idx ?? NONE,
    level.death?.time ?? NONE,
  );
}

export function snapshotFromRows({ visible_time, rows }: StoredSnapshot): SrSnapshot {
  const levels: SrLevel[] = [];
  for (let at = 0; at < rows.length; at += COLUMNS) levels.push(new StoredLevel(rows, at));
  return { visibleTime: visible_time, levels };
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

/** The snapshot as JSON text, with its time as in a slice's history, or without as in its head. */
export function snapshotWireText(stored: StoredSnapshot, form: "with_time" | "without_time"): string {
  const { levels, visibleTime } = snapshotFromRows(stored);
  const algorithm = levels.length === 0 ? "" : ALGORITHM;
  const body = `"algorithm":"${algorithm}","levels":[${levels.map(levelText).join()}],"pivots":[${pivotsText(levels)}]`;
  return form === "with_time" ? `{"visible_time":${visibleTime},${body}}` : `{${body}}`;
}

function typeOf({ status, side }: SrLevel): string {
  return status === "flip" ? "flip" : side;
}

function levelText(level: SrLevel): string {
  const { price, side, status, flipDirection, firstIdx, lastIdx, firstTime, lastTime, touches, death } = level;
  const score = 0.5 * Math.min(1, touches / FULL_TOUCHES) + 0.5 * (touches > 0 ? 1 : 0);
  const deathText =
    death === null
      ? `"death_idx":null,"death_time":null,"death_price":null`
      : `"death_idx":${death.idx},"death_time":${death.time},"death_price":${price}`;
  return (
    `{"price":${price},"type":"${typeOf(level)}","level_type":"${side}","status":"${status}"` +
    `,"first_idx":${firstIdx},"second_idx":${lastIdx},"last_idx":${lastIdx}` +
    `,"first_time":${firstTime},"second_time":${lastTime},"last_time":${lastTime}` +
    `,"count":${Math.max(LEAST_TOUCHES, touches)},"flip_dir":${flipDirection === null ? null : `"${flipDirection}"`}` +
    `,"touch_indices":[${firstIdx},${lastIdx}],"touch_times":[${firstTime},${lastTime}],"level_score":${score}` +
    `,"band_low":${level.bandLow},"band_high":${level.bandHigh},"band_width_atr":${level.bandWidthAtr},${deathText}}`
  );
}

/** One per level and pivot that made it, by candle and price. */
function pivotsText(levels: readonly SrLevel[]): string {
  const pivots = levels.flatMap((level) => {
    const { price, firstIdx, lastIdx, firstTime, lastTime } = level;
    const type = typeOf(level);
    return [
      { idx: firstIdx, time: firstTime, price, type },
      { idx: lastIdx, time: lastTime, price, type },
    ];
  });
  pivots.sort((a, b) => a.idx - b.idx || a.price - b.price);
  return pivots
    .map(
      ({ idx, time, price, type }) =>
        `{"idx":${idx},"time":${time},"price":${price},"type":"${type}","source_window":"major"}`,
    )
    .join();
}
