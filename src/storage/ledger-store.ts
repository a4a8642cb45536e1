/** The ledgers of all series inside the environment: reads, and changes inside a transaction. */
import { LedgerDamage } from "./errors.js";
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
  standingAfterDamage,
} from "./ledger-records.js";
import type { StoreDatabases } from "./ordered-database.js";

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

interface ChangeContext {
  /** The revision of the series that the commit makes. */
  readonly revision: number;
  /** The greatest stored candle time ≤ a time, before this commit's candles. */
  readonly floor: (timeS: number) => number | null;
}

export class LedgerStore {
  readonly #env: StoreDatabases;

  constructor(env: StoreDatabases) {
    this.#env = env;
  }

  /** @param revision of the series: how many commits it has had. */
  standing(series: number, ledger: LedgerName, revision: number): LedgerStanding {
    const record = this.#env.ledgers.get(ledgerKey(series, ledger));
    return record === undefined ? NO_LEDGER : (decodeStanding(record) ?? standingAfterDamage(revision));
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
    return record === undefined ? undefined : decodeCheckpoint(ledger, timeS, record);
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
      yield known(timeS, rowsRevision(value)) ?? decodeRows(ledger, timeS, value);
    }
  }

  apply(series: number, ledger: LedgerName, change: LedgerChange, context: ChangeContext): void {
    const before = this.standing(series, ledger, context.revision - 1);
    switch (change.type) {
      case "reset": {
        const { generation, lastVersion } = before;
        this.#drop(series, ledger, 0);
        this.#put(series, ledger, { head: null, generation: generation + 1, lastVersion, cutHead: null });
        return;
      }
      case "cut":
        this.#cut(series, ledger, change.at, before, context.floor);
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
  #cut(series: number, ledger: LedgerName, at: number, before: LedgerStanding, floor: ChangeContext["floor"]): void {
    const { head } = before;
    if (head === null || head.time < at) return;
    const blockTime = this.blockTime(series, ledger, at);
    const startCount = blockTime === undefined ? 0 : this.#startCount(series, ledger, blockTime);
    const isLeft = blockTime !== undefined && startCount > 0;
    this.#drop(series, ledger, isLeft ? blockTime : 0);
    const time = isLeft ? floor(blockTime - 1) : null;
    this.#put(series, ledger, {
      ...before,
      head: time === null ? null : { ...head, time, count: startCount },
      generation: before.generation + 1,
      cutHead: before.cutHead ?? head,
    });
  }

  /** Candles folded before a block; 0 when that cannot be told, so that nothing is built upon it. */
  #startCount(series: number, ledger: LedgerName, blockTime: number): number {
    const record = this.#env.ledgerRows.get(blockKey(series, ledger, blockTime));
    if (record === undefined) return 0;
    try {
      return decodeRows(ledger, blockTime, record).startCount;
    } catch (error) {
      if (error instanceof LedgerDamage) return 0;
      throw error;
    }
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
