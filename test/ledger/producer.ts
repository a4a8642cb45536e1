/** The candles of a series as a troubled producer gives them: late, repeated, corrected, in any order. */
import { type Random, seededRandom } from "../../src/clock/random.js";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import type { Candle } from "../../src/market/candle.js";
import { seededWalk } from "../support/random-series.js";
import type { Run, Spot } from "./trouble.js";

/** Candles of the walk that are not given at first, but may come late, before the first. */
const BEFORE_FIRST = 20;
/** One in this many new candles is kept back, to come late. */
const KEPT_BACK_EVERY = 12;
/** More than any script gives. */
const WALK_CANDLES = 8_000;

export class Producer {
  readonly #random: Random;
  readonly #walk: readonly Candle[];
  readonly #kept: Candle[];
  #next = BEFORE_FIRST;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#walk = seededWalk({ seed, count: WALK_CANDLES, holeChance: 0.03, start: 1_700_000_000 });
    this.#kept = this.#walk.slice(0, BEFORE_FIRST);
  }

  /** The candles of one run, in any order. */
  give({ fresh, late, corrected, repeated }: Run, stored: readonly Candle[]): Candle[] {
    return this.#shuffled([
      ...stored.slice(-repeated - 1, -1),
      ...corrected.flatMap((one) => this.#corrected(stored, one)),
      ...Array.from({ length: late }, () => this.#kept.splice(this.#random() * this.#kept.length, 1)).flat(),
      ...this.fresh(fresh),
    ]);
  }

  fresh(count: number): Candle[] {
    const candles = this.#walk.slice(this.#next, this.#next + count);
    this.#next += count;
    const kept = new Set(candles.filter(() => this.#random() * KEPT_BACK_EVERY < 1));
    this.#kept.push(...kept);
    return candles.filter((candle) => !kept.has(candle));
  }

  #corrected(stored: readonly Candle[], { where, part }: Spot): Candle[] {
    const { length } = stored;
    const from = where === "head" ? length - 1 : where === "open block" ? length - (length % BLOCK_CANDLES) : 0;
    const to = where === "first" ? Math.min(1, length) : length;
    const candle = stored[from + Math.floor(part * (to - from))];
    if (candle === undefined) return [];
    return [{ ...candle, high: candle.high + 1 + Math.floor(this.#random() * 9), close: candle.high }];
  }

  #shuffled(candles: readonly Candle[]): Candle[] {
    return candles
      .map((candle) => ({ candle, at: this.#random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ candle }) => candle);
  }
}
