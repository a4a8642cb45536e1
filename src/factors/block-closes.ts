/** Closes of full blocks that are at hand: those that are not stored yet, and a few that were fetched. */
import type { CloseColumns, CloseSource } from "./close-history.js";

/** Fetched blocks kept for all folds together; 4 KiB each. A long series of one-minute candles needs about 120 of them. */
export const POOL_BLOCKS = 256;

/** Room for fetched blocks that folds share: one that catches up needs all of it, one at rest none. */
export class BlockPool {
  /** Where the blocks are, the one fetched first at `#next` once there are as many as there may be. */
  readonly #places: { readonly held: Map<number, CloseColumns>; readonly number: number }[] = [];
  #next = 0;

  /** Puts a block among those of a fold. The one fetched first, of whatever fold, has to go. */
  admit(held: Map<number, CloseColumns>, number: number, columns: CloseColumns): void {
    const oldest = this.#places[this.#next];
    oldest?.held.delete(oldest.number);
    held.set(number, columns);
    this.#places[this.#next] = { held, number };
    this.#next = (this.#next + 1) % POOL_BLOCKS;
  }
}

export class BlockCloses {
  readonly #source: CloseSource;
  readonly #blockCandles: number;
  readonly #pool: BlockPool;
  /** By the block's number. */
  readonly #unstored = new Map<number, CloseColumns>();
  readonly #fetched = new Map<number, CloseColumns>();
  /** The block asked for last: most are asked for several times in a row. */
  #lastNumber = -1;
  #last: CloseColumns | undefined;

  constructor(source: CloseSource, blockCandles: number, pool: BlockPool) {
    this.#source = source;
    this.#blockCandles = blockCandles;
    this.#pool = pool;
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
    this.#last = undefined;
  }

  #fetch(number: number, firstTime: number): CloseColumns {
    const columns = this.#source(firstTime, this.#blockCandles);
    this.#pool.admit(this.#fetched, number, columns);
    return columns;
  }
}
