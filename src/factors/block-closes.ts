/** Closes of full blocks that are at hand: those that are not stored yet, and a few that were fetched. */
import type { CloseColumns, CloseSource } from "./close-history.js";

/** Fetched blocks kept until the next release for who asks for them again; 4 KiB each. The one fetched first goes first. */
const FETCHED_BLOCKS = 64;

export class BlockCloses {
  readonly #source: CloseSource;
  readonly #blockCandles: number;
  /** By the block's number. */
  readonly #unstored = new Map<number, CloseColumns>();
  readonly #fetched = new Map<number, CloseColumns>();
  /** The block asked for last: most are asked for several times in a row. */
  #lastNumber = -1;
  #last: CloseColumns | undefined;

  constructor(source: CloseSource, blockCandles: number) {
    this.#source = source;
    this.#blockCandles = blockCandles;
  }

  add(number: number, columns: CloseColumns): void {
    this.#unstored.set(number, columns);
  }

  /** @param firstTime time in seconds of the block's first candle. */
  get(number: number, firstTime: number): CloseColumns {
    if (this.#last !== undefined && this.#lastNumber === number) return this.#last;
    this.#last = this.#unstored.get(number) ?? this.#fetched.get(number) ?? this.#fetch(number, firstTime);
    this.#lastNumber = number;
    return this.#last;
  }

  /** No block before this one will be asked for. */
  dropBefore(number: number): void {
    // Added in ascending order.
    for (const oldest of this.#unstored.keys()) {
      if (oldest >= number) return;
      this.#unstored.delete(oldest);
    }
  }

  /** Everything added so far can be fetched from now on. */
  release(): void {
    this.#unstored.clear();
    this.#fetched.clear();
    this.#last = undefined;
  }

  #fetch(number: number, firstTime: number): CloseColumns {
    const columns = this.#source(firstTime, this.#blockCandles);
    if (this.#fetched.size === FETCHED_BLOCKS) {
      const [oldest] = this.#fetched.keys();
      this.#fetched.delete(oldest as number);
    }
    this.#fetched.set(number, columns);
    return columns;
  }
}
