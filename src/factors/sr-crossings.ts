/**
 * How often closes go from one side of a line to the other. A close within the tolerance of the line is on neither side.
 * Spec: factors §12.3.
 */
import type { CloseHistory, SearchTrail } from "./close-history.js";
import type { PivotDirection } from "./pivot.js";

export interface Crossing {
  /** Index of the candle whose close is the first on the other side, and its time in seconds. */
  readonly idx: number;
  readonly time: number;
}

type Side = "above" | "below";

/**
 * A walk along the closes after the later pivot of a level, which can be taken up again. It remembers how near its
 * decisions were, and so with which other tolerances every one of them would have been the same.
 */
export class CrossingWalk {
  /** Crossings so far. */
  count = 0;
  readonly #line: number;
  readonly #from: number;
  /** The side that the pivots are not on. Without a close there, nothing is crossed. */
  readonly #far: Side;
  /** Index of the next close. */
  #next: number;
  #side: Side | undefined;
  #lastIndex = -1;
  #lastTime = 0;
  /** What was found not to be beyond a limit; and of the closes that had to be, those nearest to it. */
  readonly #trail: SearchTrail = { highest: -Infinity, lowest: Infinity, close: 0, time: 0 };
  #lowestAbove = Number.POSITIVE_INFINITY;
  #highestBelow = Number.NEGATIVE_INFINITY;

  /** @param from index of the first close. */
  constructor(pivots: PivotDirection, line: number, from: number) {
    this.#line = line;
    this.#from = from;
    this.#far = pivots === "resistance" ? "above" : "below";
    this.#next = from;
  }

  get lastCrossing(): Crossing | undefined {
    return this.count === 0 ? undefined : { idx: this.#lastIndex, time: this.#lastTime };
  }

  /** Walks on to the close before `to`, or to the crossing that makes it `stopAt`. */
  advance(closes: CloseHistory, to: number, tolerance: number, stopAt: number): void {
    if (this.#side === undefined) this.#begin(closes, to, tolerance);
    while (this.#side !== undefined && this.count < stopAt && this.#next < to) {
      const other = opposite(this.#side);
      const index = this.#first(other, closes, this.#next, to, tolerance);
      if (index < 0) this.#next = to;
      else this.#cross(other, index, this.#trail.close, this.#trail.time);
    }
  }

  /** Whether a walk with this tolerance would have gone the same way up to here. */
  holdsFor(tolerance: number): boolean {
    const above = this.#line + tolerance;
    const below = this.#line - tolerance;
    const { highest, lowest } = this.#trail;
    return above >= highest && above < this.#lowestAbove && below <= lowest && below > this.#highestBelow;
  }

  /** Between which tolerances that is so, about. */
  get tolerances(): { readonly low: number; readonly high: number } {
    const { highest, lowest } = this.#trail;
    return {
      low: Math.max(highest - this.#line, this.#line - lowest, 0),
      high: Math.min(this.#lowestAbove - this.#line, this.#line - this.#highestBelow),
    };
  }

  /** The walk begins on the far side, or crosses to it if there was any close on the near side before. */
  #begin(closes: CloseHistory, to: number, tolerance: number): void {
    const far = this.#first(this.#far, closes, this.#next, to, tolerance);
    if (far < 0) {
      this.#next = to;
      return;
    }
    const { close, time } = this.#trail;
    const near = this.#nearClose(closes, far, tolerance);
    if (near === undefined) {
      this.#come(this.#far, far, close);
    } else {
      this.#need(opposite(this.#far), near);
      this.#cross(this.#far, far, close, time);
    }
  }

  /** A close on the near side, if there is one: at best one that is far from the limit, and need not be fetched. */
  #nearClose(closes: CloseHistory, to: number, tolerance: number): number | undefined {
    const near = opposite(this.#far);
    const extreme = near === "above" ? closes.highestBlock(this.#from, to) : closes.lowestBlock(this.#from, to);
    const isNear = near === "above" ? extreme > this.#line + tolerance : extreme < this.#line - tolerance;
    if (isNear) return extreme;
    const index = this.#first(near, closes, this.#from, to, tolerance);
    return index < 0 ? undefined : this.#trail.close;
  }

  #first(side: Side, closes: CloseHistory, from: number, to: number, tolerance: number): number {
    return side === "above"
      ? closes.firstAbove(from, to, this.#line + tolerance, this.#trail)
      : closes.firstBelow(from, to, this.#line - tolerance, this.#trail);
  }

  #cross(to: Side, index: number, close: number, time: number): void {
    this.#come(to, index, close);
    this.count += 1;
    this.#lastIndex = index;
    this.#lastTime = time;
  }

  #come(to: Side, index: number, close: number): void {
    this.#need(to, close);
    this.#side = to;
    this.#next = index + 1;
  }

  /** A decision hung on this close being on this side. */
  #need(side: Side, close: number): void {
    if (side === "above") this.#lowestAbove = Math.min(this.#lowestAbove, close);
    else this.#highestBelow = Math.max(this.#highestBelow, close);
  }
}

function opposite(side: Side): Side {
  return side === "above" ? "below" : "above";
}
