/** The candles that factors look back at: the newest ones in full, and of all older ones that are needed the closes. */
import type { Candle } from "../market/candle.js";
import { BLOCK_CANDLES, type CloseHistory, type SavedCloses } from "./close-history.js";

/** A history as it is saved at the start of a block. */
export interface SavedHistory extends SavedCloses {
  /** Number of candles folded. */
  readonly count: number;
}

export class CandleHistory {
  readonly closes: CloseHistory;
  readonly #recentSize: number;
  /** By index modulo their length. */
  readonly #times: Float64Array;
  readonly #highs: Float64Array;
  readonly #lows: Float64Array;
  #count = 0;

  /** @param recentSize how many of the newest candles can be asked for their time, high and low. */
  constructor(recentSize: number, closes: CloseHistory) {
    this.closes = closes;
    this.#recentSize = recentSize;
    this.#times = new Float64Array(recentSize);
    this.#highs = new Float64Array(recentSize);
    this.#lows = new Float64Array(recentSize);
  }

  /**
   * The history after `saved.count` candles.
   * @param closes restored from the same.
   * @param recent the newest candles before that, ascending: at least `recentSize` of them, or all.
   */
  static restore(
    recentSize: number,
    closes: CloseHistory,
    saved: SavedHistory,
    recent: readonly Candle[],
  ): CandleHistory {
    const history = new CandleHistory(recentSize, closes);
    history.#count = saved.count - Math.min(recent.length, saved.count);
    for (const candle of recent) history.#remember(candle);
    return history;
  }

  /** Number of candles folded. */
  get count(): number {
    return this.#count;
  }

  push(candle: Candle): void {
    this.closes.push(this.#count, candle.time, candle.close);
    this.#remember(candle);
  }

  /** Time in seconds of one of the newest candles. */
  recentTime(index: number): number {
    return this.#times[index % this.#recentSize] as number;
  }

  recentHigh(index: number): number {
    return this.#highs[index % this.#recentSize] as number;
  }

  recentLow(index: number): number {
    return this.#lows[index % this.#recentSize] as number;
  }

  /** What must be saved to {@link restore} this history. Only at the end of a block. */
  save(): SavedHistory {
    if (this.#count % BLOCK_CANDLES !== 0) {
      throw new Error(`a history is saved at a block's end, not at ${this.#count}`);
    }
    return { count: this.#count, ...this.closes.save() };
  }

  #remember(candle: Candle): void {
    const slot = this.#count % this.#recentSize;
    this.#times[slot] = candle.time;
    this.#highs[slot] = candle.high;
    this.#lows[slot] = candle.low;
    this.#count += 1;
  }
}
