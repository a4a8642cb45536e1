/**
 * Gathers the blocks that a run adds to a ledger. What the open block holds already is read back only when something is
 * added to it: most candles add nothing.
 */
import type { LedgerName } from "../storage/keys.js";
import type { LedgerBlock } from "../storage/ledger-records.js";
import type { StoreReader } from "../storage/store.js";
import { linesOf } from "./rows.js";

/** A block that begins with the next candle. */
export type NewBlock = Omit<LedgerBlock, "rows">;

interface OpenBlock extends NewBlock {
  readonly lines: string[];
}

export class BlockLog {
  readonly #loadOpen: () => OpenBlock | undefined;
  readonly #blocks: OpenBlock[] = [];

  /** @param openTime first candle's time (seconds) of the stored block that the ledger stands in; undefined: none. */
  constructor(store: StoreReader, series: string, ledger: LedgerName, openTime: number | undefined) {
    this.#loadOpen = () => {
      if (openTime === undefined) return undefined;
      for (const { time, startCount, startVersion, rows } of store.ledgerRows(series, ledger, {
        fromS: openTime,
        toS: openTime,
      })) {
        return { time, startCount, startVersion, checkpoint: undefined, lines: [...linesOf(rows)] };
      }
      return undefined;
    };
  }

  begin(block: NewBlock): void {
    this.#blocks.push({ ...block, lines: [] });
  }

  /** Adds a row to the newest block. */
  add(line: string): void {
    if (this.#blocks.length === 0) {
      const open = this.#loadOpen();
      if (open === undefined) throw new Error("a ledger's rows belong to a block; none has begun");
      this.#blocks.push(open);
    }
    this.#blocks.at(-1)?.lines.push(line);
  }

  /** The blocks that changed, ascending. */
  blocks(): readonly LedgerBlock[] {
    return this.#blocks.map(({ lines, ...block }) => ({ ...block, rows: lines.join("\n") }));
  }
}
