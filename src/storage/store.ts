/**
 * The store: closed candles, series heads and ledger heads of all series, in one LMDB environment. One process writes;
 * everything of a commit becomes visible and durable together or not at all. Spec: ingest §3.
 */
import type { Candle } from "../market/candle.js";
import type { Gap } from "../market/gap.js";
import type { CandleRun } from "./candle-run.js";
import type { GapPage, GapQuery } from "./gap-store.js";
import type { LedgerName } from "./keys.js";
import type { LedgerStanding, StoredRows } from "./ledger-records.js";
import type { LedgerChange } from "./ledger-store.js";
import type { SeriesHead } from "./records.js";

/** Blocks by the time of their first candle, in seconds, both ends included. */
export interface LedgerRowsRange {
  readonly fromS: number;
  readonly toS: number;
  readonly descending?: boolean;
}

/** Everything that changes together in one series. Candles are ascending, one per time; times in seconds. */
export interface SeriesCommit {
  readonly series: string;
  readonly upsert?: readonly Candle[];
  /** Write only those of `upsert` whose time is already stored; used when new candles are to be held back. */
  readonly updateOnly?: boolean;
  readonly delete?: readonly number[];
  /** Keep only this many of the newest candles; at least 1. */
  readonly trimTo?: number;
  readonly ledgers?: Readonly<Partial<Record<LedgerName, LedgerChange>>>;
  /** Records of gaps, new ones or in place of those with the same number. Alone they are no new revision of the series. */
  readonly gaps?: readonly Gap[];
}

/** What a commit did. */
export interface CommitReceipt {
  readonly head: SeriesHead;
  /** Times, in seconds, of candles that were not stored before. */
  readonly insertedTimes: readonly number[];
  /** How many candles were deleted or trimmed. */
  readonly deleted: number;
}

/** Reads never write, and see whole commits only. An unknown series is empty, not an error. */
export interface StoreReader {
  /** Ids of all series that ever had a commit, ascending. */
  seriesIds(): readonly string[];
  head(series: string): SeriesHead;
  /** Where a ledger stands. */
  ledger(series: string, ledger: LedgerName): LedgerStanding;
  /** First candle's time of the last block that begins at or before `timeS`, in seconds. */
  ledgerBlockTime(series: string, ledger: LedgerName, timeS: number): number | undefined;
  /** JSON text of the state before the block that begins at `blockTimeS`; undefined when the ledger begins there. */
  checkpoint(series: string, ledger: LedgerName, blockTimeS: number): string | undefined;
  /** The rows of blocks. `known` spares decoding what the caller has. Never await while iterating: it pins pages. */
  ledgerRows(
    series: string,
    ledger: LedgerName,
    range: LedgerRowsRange,
    known?: (timeS: number, revision: number) => StoredRows | undefined,
  ): Iterable<StoredRows>;
  /** Greatest stored time ≤ `timeS`, or null. */
  floor(series: string, timeS: number): number | null;
  /** Candles with `fromS` ≤ time ≤ `toS`. */
  count(series: string, fromS: number, toS: number): number;
  /** Without `since`: the newest `limit`. With: the oldest `limit` with time > `since`. Ascending either way. */
  read(series: string, query: { readonly since?: number | undefined; readonly limit: number }): CandleRun;
  /** Times of the oldest `limit` candles later than `afterS`, in seconds. For looking through whole series: nothing is cached. */
  candleTimes(series: string, afterS: number, limit: number): Float64Array;
  /** The oldest `limit` candles with `fromS` ≤ time ≤ `toS`. */
  readBetween(series: string, fromS: number, toS: number, limit?: number): CandleRun;
  /** The newest `limit` with time < `beforeS`, ascending. */
  readBefore(series: string, beforeS: number, limit: number): CandleRun;
  /** Which of `times` are stored; non-positive times are ignored. */
  existingTimes(series: string, times: readonly number[]): ReadonlySet<number>;
  /** Gaps of a series, ascending by number. A record that is damaged is left out, and named. */
  gaps(series: string, query: GapQuery): GapPage;
  /** Gaps whose candles may still come: those that are being repaired, and those that are absent at the source. */
  unfilledGaps(series: string): GapPage;
  /** A small fact kept for {@link Store.putState}; undefined when there is none. */
  state(key: string): unknown;
}

export interface Store extends StoreReader {
  /**
   * Commits one series' changes. Resolves when they are flushed to disk; commits of one turn of the event loop share
   * one flush, and a failing one leaves the others untouched.
   * @throws StoreError `commit_failed` (nothing of this commit was stored), `store_damaged` or `store_closed`.
   */
  commit(commit: SeriesCommit): Promise<CommitReceipt>;
  /** Stores a small JSON value durably under a name, outside of any series; null removes what is there. */
  putState(key: string, value: unknown): Promise<void>;
  /**
   * Lets go of what processes that read the same store still hold when they have ended without closing it: nothing that they
   * could have read would be given free.
   */
  releaseDeadReaders(): void;
  /** Waits for commits under way and closes the files. Idempotent. */
  close(): Promise<void>;
}

/** Candles that {@link StoreReader.readBetween} returns at most when not told otherwise. */
export const READ_BETWEEN_LIMIT = 20_000;
