/** The ledgers of all series inside the environment: reads, and changes inside a transaction. */
import { blockKey, blockKeyTime, type LedgerName, ledgerKey, TIME_LIMIT } from "./keys.js";
import {
  decodeCheckpoint,
  decodeRows,
  decodeStanding,
  encodeCheckpoint,
  encodeRows,
  encodeStanding,
  type LedgerBlock,
  type LedgerHead,
  type LedgerStanding,
  NO_LEDGER,
  rowsRevision,
  type StoredRows,
} from "./ledger-records.js";
import type { LmdbEnv } from "./lmdb-env.js";

/** What a commit does to a ledger. */
export type LedgerChange =
  /**
   * Moves the head and writes blocks. With `from` (seconds), what is stored of blocks that begin there or later is
   * removed first.
   */
  | {
      readonly type: "advanced";
      readonly head: LedgerHead;
      readonly blocks: readonly LedgerBlock[];
      readonly from?: number | undefined;
    }
  /** Candles from this time (seconds) on are not as they were folded: the ledger falls back to the block before. */
  | { readonly type: "cut"; readonly at: number }
  /** Forgets the ledger, so that it is computed anew. */
  | { readonly type: "reset" };

export class LedgerStore {
  readonly #env: LmdbEnv;

  constructor(env: LmdbEnv) {
    this.#env = env;
  }

  standing(series: number, ledger: LedgerName): LedgerStanding {
    const record = this.#env.ledgers.get(ledgerKey(series, ledger));
    return record === undefined ? NO_LEDGER : decodeStanding(record);
  }

  /** Time of the last block that begins at or before `timeS`; undefined when there is none. */
  blockTime(series: number, ledger: LedgerName, timeS: number): number | undefined {
    const start = blockKey(series, ledger, Math.min(Math.max(timeS, 0), TIME_LIMIT));
    for (const key of this.#env.ledgerRows.getKeys({ start, end: lowest(series, ledger), reverse: true, limit: 1 })) {
      return blockKeyTime(key);
    }
    return undefined;
  }

  /** The state before the block that begins at `timeS`, as JSON text; undefined when none was needed. */
  checkpoint(series: number, ledger: LedgerName, timeS: number): string | undefined {
    const record = this.#env.checkpoints.get(blockKey(series, ledger, timeS));
    return record === undefined ? undefined : decodeCheckpoint(record);
  }

  /**
   * The rows of the blocks that begin in [fromS, toS], ascending or descending. `known` may return what it has of a
   * block at a revision, to spare decoding it. Never await while iterating: it pins pages.
   */
  *rows(
    series: number,
    ledger: LedgerName,
    range: { readonly fromS: number; readonly toS: number; readonly descending?: boolean },
    known: (timeS: number, revision: number) => StoredRows | undefined,
  ): Generator<StoredRows> {
    if (range.toS < 0) return;
    const low = blockKey(series, ledger, Math.max(0, range.fromS));
    const high = blockKey(series, ledger, Math.min(range.toS, TIME_LIMIT));
    const bounds =
      range.descending === true
        ? { start: high, end: low.subarray(0, low.length - 1), reverse: true }
        : { start: low, end: blockKey(series, ledger, Math.min(range.toS, TIME_LIMIT) + 1) };
    for (const { key, value } of this.#env.ledgerRows.getRange(bounds)) {
      const timeS = blockKeyTime(key);
      if (timeS < range.fromS) return;
      yield known(timeS, rowsRevision(value)) ?? decodeRows(timeS, value);
    }
  }

  /** @param floor the greatest stored candle time ≤ a time, before this commit's candles. */
  apply(
    series: number,
    ledger: LedgerName,
    change: LedgerChange,
    context: { readonly revision: number; readonly floor: (timeS: number) => number | null },
  ): void {
    const before = this.standing(series, ledger);
    switch (change.type) {
      case "reset":
        this.#drop(series, ledger, 0);
        this.#put(series, ledger, { ...before, head: null, generation: before.generation + 1, cutHead: null });
        return;
      case "cut":
        this.#cut(series, ledger, change.at, context.floor);
        return;
      case "advanced": {
        const { head, blocks, from } = change;
        if (from !== undefined) {
          this.#drop(series, ledger, from + 1);
          // The state before the first of these blocks holds: candles before it are as they were.
          this.#env.ledgerRows.removeSync(blockKey(series, ledger, from));
        }
        for (const block of blocks) {
          const key = blockKey(series, ledger, block.time);
          if (block.checkpoint !== undefined) this.#env.checkpoints.putSync(key, encodeCheckpoint(block.checkpoint));
          this.#env.ledgerRows.putSync(key, encodeRows(block, context.revision));
        }
        this.#put(series, ledger, {
          head,
          generation: before.generation + (from === undefined ? 0 : 1),
          lastVersion: Math.max(before.lastVersion, head.lastVersion),
          cutHead: before.cutHead !== null && head.time < before.cutHead.time ? before.cutHead : null,
        });
      }
    }
  }

  /** The block that holds the time, and all later ones, go; the head falls back to the last candle before. */
  #cut(series: number, ledger: LedgerName, at: number, floor: (timeS: number) => number | null): void {
    const before = this.standing(series, ledger);
    const { head } = before;
    if (head === null || head.time < at) return;
    const blockTime = this.blockTime(series, ledger, at);
    const startCount = blockTime === undefined ? 0 : this.#startCount(series, ledger, blockTime);
    this.#drop(series, ledger, blockTime ?? 0);
    const time = blockTime === undefined || startCount === 0 ? null : floor(blockTime - 1);
    this.#put(series, ledger, {
      ...before,
      head: time === null ? null : { ...head, time, count: startCount },
      generation: before.generation + 1,
      cutHead: before.cutHead ?? head,
    });
  }

  #startCount(series: number, ledger: LedgerName, blockTime: number): number {
    const record = this.#env.ledgerRows.get(blockKey(series, ledger, blockTime));
    return record === undefined ? 0 : decodeRows(blockTime, record).startCount;
  }

  #drop(series: number, ledger: LedgerName, fromS: number): void {
    const range = { start: blockKey(series, ledger, fromS), end: blockKey(series, ledger, TIME_LIMIT + 1) };
    for (const database of [this.#env.ledgerRows, this.#env.checkpoints]) {
      for (const key of [...database.getKeys(range)]) database.removeSync(key);
    }
  }

  #put(series: number, ledger: LedgerName, standing: LedgerStanding): void {
    this.#env.ledgers.putSync(ledgerKey(series, ledger), encodeStanding(standing));
  }
}

/** The end of a descending range is exclusive: below the first possible key of this ledger. */
function lowest(series: number, ledger: LedgerName): Buffer {
  const key = blockKey(series, ledger, 0);
  return key.subarray(0, key.length - 1);
}
