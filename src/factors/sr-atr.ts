/** Average true range as a running sum, kept for the newest candles. Spec: factors §12.2. */
import type { Candle } from "../market/candle.js";

const PERIOD = 14;

export interface SavedRange {
  readonly sum: number;
  readonly previousClose: number | null;
  readonly trueRanges: readonly number[];
  readonly averages: readonly number[];
}

export class AverageTrueRange {
  /** By candle index modulo their length. */
  readonly #trueRanges: Float64Array;
  readonly #averages: Float64Array;
  #sum = 0;
  #previousClose: number | null = null;

  /** @param kept of how many of the newest candles the average can be asked for. */
  constructor(kept: number) {
    this.#trueRanges = new Float64Array(PERIOD);
    this.#averages = new Float64Array(kept);
  }

  /** The order of the additions is part of the definition: a sum in another order ends in other digits. */
  push(index: number, { high, low, close }: Candle): void {
    const before = this.#previousClose ?? close;
    const trueRange = Math.max(high - low, Math.abs(high - before), Math.abs(low - before), 0);
    this.#sum += trueRange;
    if (index >= PERIOD) this.#sum -= this.#trueRanges[index % PERIOD] as number;
    this.#trueRanges[index % PERIOD] = trueRange;
    this.#averages[index % this.#averages.length] = this.#sum / Math.min(index + 1, PERIOD);
    this.#previousClose = close;
  }

  /** The average at one of the newest candles. */
  at(index: number): number {
    return this.#averages[index % this.#averages.length] as number;
  }

  save(): SavedRange {
    return {
      sum: this.#sum,
      previousClose: this.#previousClose,
      trueRanges: [...this.#trueRanges],
      averages: [...this.#averages],
    };
  }

  static load(saved: SavedRange): AverageTrueRange {
    const range = new AverageTrueRange(saved.averages.length);
    range.#trueRanges.set(saved.trueRanges);
    range.#averages.set(saved.averages);
    range.#sum = saved.sum;
    range.#previousClose = saved.previousClose;
    return range;
  }
}
