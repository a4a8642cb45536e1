/** The windows of a package that are at hand: a few, those used last, and the next one before it is needed. */
import type { ReplayWindow } from "./moment.js";

/** Windows kept at most. One of 250 candles takes less than a megabyte. */
export const MAX_WINDOWS = 6;

export interface WindowCacheOptions {
  /** Candles of a window. */
  readonly windowSize: number;
  /** Candles of the package. */
  readonly total: number;
  /** Reads the window that holds a candle. */
  readonly load: (index: number) => Promise<ReplayWindow>;
}

export class WindowCache {
  readonly #options: WindowCacheOptions;
  /** By number of the window; those used last are last. */
  readonly #kept = new Map<number, ReplayWindow>();
  readonly #coming = new Map<number, Promise<ReplayWindow>>();

  constructor(options: WindowCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The window that holds a candle; undefined when it has not come yet. */
  at(index: number): ReplayWindow | undefined {
    const number = this.#numberOf(index);
    const window = this.#kept.get(number);
    if (window !== undefined) this.#keep(number, window);
    return window;
  }

  /** The window that holds a candle, when it has come. Asking twice reads it once; what failed is read again. */
  async want(index: number): Promise<ReplayWindow> {
    const kept = this.at(index);
    if (kept !== undefined) return kept;
    const number = this.#numberOf(index);
    const coming = this.#coming.get(number) ?? this.#load(number, index);
    this.#coming.set(number, coming);
    return coming;
  }

  /** Reads the window behind the one of a candle, or before it, unless it is there. What fails is read when it is wanted. */
  lookAhead(index: number, direction: 1 | -1): void {
    const next = index + direction * this.#options.windowSize;
    const inside = Math.min(Math.max(next, 0), this.#options.total - 1);
    if (this.#numberOf(inside) === this.#numberOf(index) || this.#kept.has(this.#numberOf(inside))) return;
    this.want(inside).catch(() => undefined);
  }

  async #load(number: number, index: number): Promise<ReplayWindow> {
    try {
      const window = await this.#options.load(index);
      this.#keep(number, window);
      return window;
    } finally {
      this.#coming.delete(number);
    }
  }

  #keep(number: number, window: ReplayWindow): void {
    this.#kept.delete(number);
    this.#kept.set(number, window);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_WINDOWS && oldest !== undefined) this.#kept.delete(oldest);
  }

  #numberOf(index: number): number {
    return Math.floor(index / this.#options.windowSize);
  }
}
