/**
 * The newest major pivots of one side, and for each the level that it makes with an earlier one. A level is found once,
 * when its later pivot becomes known: all closes between the two are past by then. Spec: factors §12.2, §12.3.
 */
import type { CloseHistory } from "./close-history.js";
import { PackedColumns } from "./packed-columns.js";
import type { PivotDirection } from "./pivot.js";
import { columnsFor, columnsFrom, grown, NO_PARTNER, type PivotColumns, packedColumns } from "./sr-columns.js";
import { CrossingWalk } from "./sr-crossings.js";
import { type LevelShapes, shapeLevel, shapesOf } from "./sr-level-shapes.js";
import { isTouching, lineOf, toleranceOf, type Wick } from "./sr-shape.js";

/** Pivots kept per side. */
export const PIVOTS_PER_SIDE = 200;

/** Room for pivots grows in steps up to the bound: a young series needs little of it. */
const FIRST_ROOM = 16;

/** A level between two pivots may have been crossed this often, and no more. */
const MAX_CROSSINGS_BETWEEN = 3;

export interface SrPivot {
  readonly idx: number;
  /** Seconds. */
  readonly time: number;
  /** The pivot candle's wick. */
  readonly high: number;
  readonly low: number;
  readonly atr: number;
}

export interface SavedSide {
  readonly pivots: readonly (readonly [
    idx: number,
    time: number,
    high: number,
    low: number,
    atr: number,
    partner: number,
    touches: number,
  ])[];
}

export class PivotSide {
  readonly side: PivotDirection;
  #held: PivotColumns | PackedColumns = columnsFor(FIRST_ROOM);
  #shapes: LevelShapes | undefined;
  /** Slot of the oldest pivot; the others follow it, round the end. */
  #oldest = 0;
  #count = 0;

  constructor(side: PivotDirection) {
    this.side = side;
  }

  get count(): number {
    return this.#count;
  }

  /** Index of the oldest pivot's candle. */
  get oldestIdx(): number | undefined {
    return this.#count === 0 ? undefined : this.columns.idx[this.#oldest];
  }

  /** Slot of a pivot; the oldest has position 0. */
  slotAt(position: number): number {
    const slot = this.#oldest + position;
    return slot < PIVOTS_PER_SIDE ? slot : slot - PIVOTS_PER_SIDE;
  }

  /** What is known of each pivot and of the level it makes, by slot. Read only; good until the next pivot is added. */
  get columns(): PivotColumns {
    if (this.#held instanceof PackedColumns) this.#held = columnsFrom(this.#held);
    return this.#held;
  }

  /** The level that each pivot makes, by its slot. Read only; good until the next pivot is added. */
  get shapes(): LevelShapes {
    this.#shapes ??= shapesOf(this.side, this.columns, PIVOTS_PER_SIDE);
    return this.#shapes;
  }

  /** Takes as little room as it can until it is needed again. */
  release(): void {
    this.#shapes = undefined;
    if (!(this.#held instanceof PackedColumns)) this.#held = packedColumns(this.#held);
  }

  /** Adds a pivot newer than all others, and looks for the level it makes. @returns its slot. */
  add(pivot: SrPivot, closes: CloseHistory): number {
    const dropped = this.#count === PIVOTS_PER_SIDE ? this.#dropOldest() : undefined;
    this.#recount(pivot, dropped);
    const slot = this.#append(pivot);
    const first = this.#findPartner(slot, closes);
    if (first !== undefined) {
      this.columns.partner[slot] = first;
      shapeLevel(this.shapes, this.side, this.columns, slot);
      this.columns.touches[slot] = this.#countTouches(slot);
    }
    return slot;
  }

  save(): SavedSide {
    const pivots: SavedSide["pivots"][number][] = [];
    for (let position = 0; position < this.#count; position += 1) {
      const slot = this.slotAt(position);
      const value = (column: keyof PivotColumns): number => this.columns[column][slot] as number;
      const first = value("partner");
      const partner = first === NO_PARTNER ? NO_PARTNER : (this.columns.idx[first] as number);
      pivots.push([value("idx"), value("time"), value("high"), value("low"), value("atr"), partner, value("touches")]);
    }
    return { pivots };
  }

  static load(side: PivotDirection, { pivots }: SavedSide): PivotSide {
    const loaded = new PivotSide(side);
    const slots = new Map<number, number>();
    for (const [idx, time, high, low, atr, partner, touches] of pivots) {
      const slot = loaded.#append({ idx, time, high, low, atr });
      slots.set(idx, slot);
      loaded.columns.partner[slot] = slots.get(partner) ?? NO_PARTNER;
      loaded.columns.touches[slot] = touches;
    }
    return loaded;
  }

  /** The nearest earlier pivot whose wick overlaps, with few crossings of the line in between. */
  #findPartner(last: number, closes: CloseHistory): number | undefined {
    const { idx, low, high, atr } = this.columns;
    for (let position = this.#count - 2; position >= 0; position -= 1) {
      const first = this.slotAt(position);
      const lowest = Math.max(low[first] as number, low[last] as number);
      const highest = Math.min(high[first] as number, high[last] as number);
      const line = lineOf(this.side, lowest, highest);
      const tolerance = toleranceOf(atr[first] as number, atr[last] as number, line);
      if (lowest > highest + tolerance) continue;
      const walk = new CrossingWalk(this.side, line, (idx[first] as number) + 1);
      walk.advance(closes, idx[last] as number, tolerance, MAX_CROSSINGS_BETWEEN + 1);
      if (walk.count <= MAX_CROSSINGS_BETWEEN) return first;
    }
    return undefined;
  }

  #append({ idx, time, high, low, atr }: SrPivot): number {
    const room = this.columns.idx.length;
    if (this.#count === room) this.#held = grown(this.columns, Math.min(room * 2, PIVOTS_PER_SIDE));
    const slot = this.slotAt(this.#count);
    const columns = this.columns;
    columns.idx[slot] = idx;
    columns.time[slot] = time;
    columns.high[slot] = high;
    columns.low[slot] = low;
    columns.atr[slot] = atr;
    columns.partner[slot] = NO_PARTNER;
    columns.touches[slot] = 0;
    this.#count += 1;
    return slot;
  }

  /** With a pivot go the levels it made with later ones. */
  #dropOldest(): Wick {
    const dropped = this.#oldest;
    const { partner } = this.columns;
    for (let slot = 0; slot < partner.length; slot += 1) {
      if (partner[slot] === dropped) partner[slot] = NO_PARTNER;
    }
    this.#oldest = this.slotAt(1);
    this.#count -= 1;
    return this.#wickAt(dropped);
  }

  /** A pivot comes, and perhaps one has gone: the touches of all levels change by it. */
  #recount(added: Wick, dropped: Wick | undefined): void {
    const { partner, touches } = this.columns;
    const { bandLow, bandHigh } = this.shapes;
    for (let slot = 0; slot < partner.length; slot += 1) {
      if (partner[slot] === NO_PARTNER) continue;
      const low = bandLow[slot] as number;
      const high = bandHigh[slot] as number;
      if (isTouching(added, low, high)) touches[slot] = (touches[slot] as number) + 1;
      if (dropped !== undefined && isTouching(dropped, low, high)) touches[slot] = (touches[slot] as number) - 1;
    }
  }

  #countTouches(level: number): number {
    const bandLow = this.shapes.bandLow[level] as number;
    const bandHigh = this.shapes.bandHigh[level] as number;
    let touches = 0;
    for (let slot = 0; slot < this.#count; slot += 1)
      if (isTouching(this.#wickAt(slot), bandLow, bandHigh)) touches += 1;
    return touches;
  }

  #wickAt(slot: number): Wick {
    const { low, high, atr } = this.columns;
    return { low: low[slot] as number, high: high[slot] as number, atr: atr[slot] as number };
  }
}
