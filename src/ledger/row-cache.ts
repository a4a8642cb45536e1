/** Parsed blocks that were read lately. */
import type { LedgerName } from "../storage/keys.js";
import type { StoredRows } from "../storage/ledger-records.js";
import type { LedgerRowsRange, StoreReader } from "../storage/store.js";
import { SizedCache } from "./sized-cache.js";

/** Memory that a cache may take, in bytes. A month of one-minute candles takes some 20 million of events, 5 of drawing. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** What a block takes besides its rows and what was made of them, in bytes, roughly. */
const BYTES_PER_BLOCK = 256;

/** What a reader makes of the rows of a block. */
export interface Parsed {
  /** Memory that it takes besides the text of the rows, in bytes. */
  readonly bytes: number;
}

interface ParsedBlock<P extends Parsed> extends StoredRows {
  readonly parsed: P;
}

export class RowCache<P extends Parsed> {
  readonly #ledger: LedgerName;
  readonly #parse: (rows: string) => P;
  readonly #blocks: SizedCache<ParsedBlock<P>>;

  constructor(ledger: LedgerName, parse: (rows: string) => P, limitBytes = CACHE_BYTES) {
    this.#ledger = ledger;
    this.#parse = parse;
    this.#blocks = new SizedCache(limitBytes, ({ rows, parsed }) => rows.length + parsed.bytes + BYTES_PER_BLOCK);
  }

  /** The blocks of a range with their rows parsed. Never await while iterating: it pins pages of the store. */
  *blocks(store: StoreReader, series: string, range: LedgerRowsRange): Generator<ParsedBlock<P>> {
    const keyOf = (timeS: number): string => `${timeS}:${series}`;
    const known = (timeS: number, revision: number): ParsedBlock<P> | undefined => {
      const cached = this.#blocks.peek(keyOf(timeS));
      return cached?.revision === revision ? cached : undefined;
    };
    for (const stored of store.ledgerRows(series, this.#ledger, range, known)) {
      const key = keyOf(stored.time);
      const cached = this.#blocks.peek(key);
      const block = cached === stored ? cached : { ...stored, parsed: this.#parse(stored.rows) };
      this.#blocks.set(key, block);
      yield block;
    }
  }
}
