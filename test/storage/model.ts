/** The store's contract in its simplest form, to compare the real one with. */
import type { Candle } from "../../src/market/candle.js";

export class ModelSeries {
  #candles = new Map<number, Candle>();

  get sorted(): Candle[] {
    return [...this.#candles.values()].sort((a, b) => a.time - b.time);
  }

  upsert(candles: readonly Candle[]): number[] {
    const inserted = candles.filter((candle) => !this.#candles.has(candle.time)).map((candle) => candle.time);
    for (const candle of candles) this.#candles.set(candle.time, candle);
    return inserted;
  }

  delete(times: readonly number[]): number {
    return times.filter((time) => this.#candles.delete(time)).length;
  }

  trim(keep: number): number {
    return this.delete(this.sorted.slice(0, Math.max(0, this.#candles.size - keep)).map((candle) => candle.time));
  }

  newest(limit: number): Candle[] {
    return this.sorted.slice(Math.max(0, this.#candles.size - limit));
  }

  after(since: number, limit: number): Candle[] {
    return this.sorted.filter((candle) => candle.time > since).slice(0, limit);
  }

  before(time: number, limit: number): Candle[] {
    const earlier = this.between(0, time - 1);
    return earlier.slice(Math.max(0, earlier.length - limit));
  }

  between(from: number, to: number): Candle[] {
    return this.sorted.filter((candle) => candle.time >= from && candle.time <= to);
  }
}
