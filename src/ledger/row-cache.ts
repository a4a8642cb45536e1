/** Parsed rows of blocks that were read lately, bounded by the memory they take; the least recently read go first. */
import type { LedgerName } from "../storage/keys.js";
import type { StoredRows } from "../storage/ledger-records.js";
import type { LedgerRowsRange, StoreReader } from "../storage/store.js";
import { linesOf } from "./rows.js";

/** Memory that a cache may take, in bytes, roughly. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** What a parsed row takes in memory, compared with its text, once it has been sent in its wire form. */
const BYTES_PER_CHARACTER = 6;

interface ParsedBlock<Row> extends StoredRows {
  readonly parsed: readonly Row[];
}

export class RowCache<Row> {
  readonly #ledger: LedgerName;
  readonly #parse: (line: string) => Row;
  readonly #limit: number;
  readonly #blocks = new Map<string, ParsedBlock<Row>>();
  #bytes = 0;

  constructor(ledger: LedgerName, parse: (line: string) => Row, limitBytes = CACHE_BYTES) {
    this.#ledger = ledger;
    this.#parse = parse;
    this.#limit = limitBytes;
  }

  /** The blocks of a range with their rows parsed. Never await while iterating: it pins pages of the store. */
  *blocks(store: StoreReader, series: string, range: LedgerRowsRange): Generator<ParsedBlock<Row>> {
    const keyOf = (timeS: number): string => `${timeS}:${series}`;
    const known = (timeS: number, revision: number): ParsedBlock<Row> | undefined => {
      const cached = this.#blocks.get(keyOf(timeS));
      return cached?.revision === revision ? cached : undefined;
    };
    for (const stored of store.ledgerRows(series, this.#ledger, range, known)) {
      const key = keyOf(stored.time);
      const cached = this.#blocks.get(key);
      const block = cached === stored ? cached : { ...stored, parsed: linesOf(stored.rows).map(this.#parse) };
      if (cached !== undefined) this.#drop(key, cached);
      this.#blocks.set(key, block);
      this.#bytes += block.rows.length * BYTES_PER_CHARACTER;
      this.#shrink();
      yield block;
    }
  }

  #shrink(): void {
    for (const [key, block] of this.#blocks) {
      if (this.#bytes <= this.#limit) return;
      this.#drop(key, block);
    }
  }

  #drop(key: string, block: ParsedBlock<Row>): void {
    this.#blocks.delete(key);
    this.#bytes -= block.rows.length * BYTES_PER_CHARACTER;
  }
}
