/**
 * The store over ordered databases of binary keys, whatever keeps them: LMDB in a daemon, memory in a simulation. The
 * contract is in `store.ts`.
 */
import type { Candle } from "../market/candle.js";
import { CandleReader } from "./candle-reader.js";
import { CandleRun } from "./candle-run.js";
import { ChunkCache } from "./chunk-cache.js";
import { assertStorable, deleteCandles, storedOnly, timeBounds, trimCandles, upsertCandles } from "./chunk-writer.js";
import { StoreError } from "./errors.js";
import { type GapPage, type GapQuery, GapStore, NO_GAPS } from "./gap-store.js";
import { type LedgerName, seriesKey } from "./keys.js";
import { type LedgerStanding, NO_LEDGER, type StoredRows } from "./ledger-records.js";
import { LedgerStore } from "./ledger-store.js";
import type { StoreEnv } from "./ordered-database.js";
import { decodeHead, EMPTY_HEAD, encodeHead, type SeriesHead } from "./records.js";
import { SeriesNumbers } from "./series-numbers.js";
import {
  type CommitReceipt,
  type LedgerRowsRange,
  READ_BETWEEN_LIMIT,
  type SeriesCommit,
  type Store,
} from "./store.js";

export class KeyedStore implements Store {
  readonly #env: StoreEnv;
  readonly #numbers: SeriesNumbers;
  readonly #reader: CandleReader;
  readonly #ledgers: LedgerStore;
  readonly #gaps: GapStore;
  readonly #pending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(env: StoreEnv) {
    this.#env = env;
    this.#numbers = new SeriesNumbers(env.series);
    this.#reader = new CandleReader(env, new ChunkCache());
    this.#ledgers = new LedgerStore(env);
    this.#gaps = new GapStore(env);
  }

  seriesIds(): readonly string[] {
    return this.#numbers.ids();
  }

  head(series: string): SeriesHead {
    const number = this.#numbers.get(series);
    const record = number === undefined ? undefined : this.#env.heads.get(seriesKey(number));
    return record === undefined ? EMPTY_HEAD : decodeHead(record);
  }

  ledger(series: string, ledger: LedgerName): LedgerStanding {
    const number = this.#numbers.get(series);
    return number === undefined ? NO_LEDGER : this.#ledgers.standing(number, ledger, this.head(series).revision);
  }

  ledgerBlockTime(series: string, ledger: LedgerName, timeS: number): number | undefined {
    const number = this.#numbers.get(series);
    return number === undefined ? undefined : this.#ledgers.blockTime(number, ledger, timeS);
  }

  checkpoint(series: string, ledger: LedgerName, blockTimeS: number): string | undefined {
    const number = this.#numbers.get(series);
    return number === undefined ? undefined : this.#ledgers.checkpoint(number, ledger, blockTimeS);
  }

  *ledgerRows(
    series: string,
    ledger: LedgerName,
    range: LedgerRowsRange,
    known: (timeS: number, revision: number) => StoredRows | undefined = () => undefined,
  ): Generator<StoredRows> {
    const number = this.#numbers.get(series);
    if (number !== undefined) yield* this.#ledgers.rows(number, ledger, range, known);
  }

  floor(series: string, timeS: number): number | null {
    const number = this.#numbers.get(series);
    return number === undefined ? null : this.#reader.floor(number, timeS);
  }

  count(series: string, fromS: number, toS: number): number {
    const number = this.#numbers.get(series);
    return number === undefined ? 0 : this.#reader.count(number, fromS, toS);
  }

  read(series: string, query: { readonly since?: number | undefined; readonly limit: number }): CandleRun {
    const number = this.#numbers.get(series);
    if (number === undefined || query.limit <= 0) return new CandleRun([]);
    return query.since === undefined
      ? this.#reader.newest(number, query.limit)
      : this.#reader.range(number, query.since, Number.POSITIVE_INFINITY, query.limit);
  }

  candleTimes(series: string, afterS: number, limit: number): Float64Array {
    const number = this.#numbers.get(series);
    return number === undefined ? new Float64Array(0) : this.#reader.times(number, afterS, limit);
  }

  readBetween(series: string, fromS: number, toS: number, limit = READ_BETWEEN_LIMIT): CandleRun {
    const number = this.#numbers.get(series);
    if (number === undefined || limit <= 0) return new CandleRun([]);
    return this.#reader.range(number, fromS - 1, toS, limit);
  }

  readBefore(series: string, beforeS: number, limit: number): CandleRun {
    const number = this.#numbers.get(series);
    return number === undefined || limit <= 0 ? new CandleRun([]) : this.#reader.newest(number, limit, beforeS);
  }

  existingTimes(series: string, times: readonly number[]): ReadonlySet<number> {
    return new Set(times.filter((timeS) => timeS > 0 && this.floor(series, timeS) === timeS));
  }

  gaps(series: string, query: GapQuery): GapPage {
    const number = this.#numbers.get(series);
    return number === undefined ? NO_GAPS : this.#gaps.read(number, query);
  }

  unfilledGaps(series: string): GapPage {
    const number = this.#numbers.get(series);
    return number === undefined ? NO_GAPS : this.#gaps.unfilled(number);
  }

  state(key: string): unknown {
    const record = this.#env.state.get(Buffer.from(key));
    return record === undefined ? undefined : JSON.parse(record.toString("utf8"));
  }

  commit(commit: SeriesCommit): Promise<CommitReceipt> {
    return this.#write(
      `commit of ${commit.series}`,
      () => this.#apply(commit),
      () => this.#numbers.confirm(commit.series),
    );
  }

  async putState(key: string, value: unknown): Promise<void> {
    const name = Buffer.from(key);
    await this.#write(`state ${key}`, () =>
      value === null
        ? this.#env.state.removeSync(name)
        : this.#env.state.putSync(name, Buffer.from(JSON.stringify(value))),
    );
  }

  releaseDeadReaders(): void {
    if (this.#closing === undefined) this.#env.releaseDeadReaders();
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.allSettled(this.#pending);
      await this.#env.close();
    })();
    return this.#closing;
  }

  /** Runs `change` in a transaction of its own inside the group commit of this turn. */
  async #write<T>(what: string, change: () => T, committed?: () => void): Promise<T> {
    if (this.#closing !== undefined) throw new StoreError("store_closed", `${what}: the store is closed`);
    const writing = this.#env.transact(change);
    this.#pending.add(writing);
    try {
      const result = await writing;
      committed?.();
      return result;
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError("commit_failed", `${what} was not stored: ${(error as Error).message}`, { cause: error });
    } finally {
      this.#pending.delete(writing);
    }
  }

  #apply(commit: SeriesCommit): CommitReceipt {
    const { candles, heads } = this.#env;
    const number = this.#numbers.assign(commit.series);
    const record = heads.get(seriesKey(number));
    const before = record === undefined ? EMPTY_HEAD : decodeHead(record);
    if (commit.gaps !== undefined) this.#gaps.put(number, commit.gaps);
    if (isOfGapsOnly(commit)) return { head: before, insertedTimes: [], deleted: 0 };
    const revision = before.revision + 1;
    const offered = commit.upsert ?? [];
    assertStorable(offered);
    const wanted = commit.updateOnly === true ? storedOnly(candles, number, offered) : offered;
    // Before the candles change: a ledger that is cut back falls to a candle that it was folded from.
    this.#applyLedgers(number, revision, commit);
    const insertedTimes = upsertCandles(candles, number, revision, wanted);
    let deleted = deleteCandles(
      candles,
      number,
      revision,
      (commit.delete ?? []).filter((timeS) => timeS > 0),
    );
    if (commit.trimTo !== undefined) deleted += trimCandles(candles, number, revision, Math.max(1, commit.trimTo));
    const count = before.count + insertedTimes.length - deleted;
    const bounds = deleted > 0 ? timeBounds(candles, number) : widened(before, wanted);
    const head: SeriesHead = { revision, count, ...bounds };
    heads.putSync(seriesKey(number), encodeHead(head));
    return { head, insertedTimes, deleted };
  }

  #applyLedgers(number: number, revision: number, { ledgers = {} }: SeriesCommit): void {
    const floor = (timeS: number): number | null => this.#reader.floor(number, timeS);
    for (const [ledger, change] of Object.entries(ledgers)) {
      this.#ledgers.apply(number, ledger as LedgerName, change, { revision, floor });
    }
  }
}

function isOfGapsOnly({ gaps, upsert, delete: deleted, trimTo, ledgers }: SeriesCommit): boolean {
  return gaps !== undefined && [upsert, deleted, trimTo, ledgers].every((part) => part === undefined);
}

/** The time bounds after upserting ascending candles and deleting none. */
function widened(before: SeriesHead, upserted: readonly Candle[]): Pick<SeriesHead, "firstTime" | "lastTime"> {
  const oldest = upserted[0]?.time;
  const newest = upserted.at(-1)?.time;
  if (oldest === undefined || newest === undefined) return { firstTime: before.firstTime, lastTime: before.lastTime };
  return {
    firstTime: Math.min(before.firstTime ?? oldest, oldest),
    lastTime: Math.max(before.lastTime ?? newest, newest),
  };
}
