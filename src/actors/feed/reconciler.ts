/**
 * Compares the closed candles of a market's derived series with the exchange's own of the same timeframe, one series at a
 * time, in turn, at bulk priority, and not at all while REST is silent or broken. What differs is put on record, and
 * changes nothing. Spec: binance-protocol F35; docs/derived-timeframes.md.
 */
import type { Clock } from "../../clock/clock.js";
import { reconcile, toWireDisagreement } from "../../market/reconcile.js";
import type { SeriesId } from "../../market/series-id.js";
import type { SlotRange } from "../../market/slots.js";
import type { DebugHub } from "../../observability/debug-hub.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { StoreReader } from "../../storage/store.js";
import { type Duty, inTurns } from "../duty.js";
import { errorText } from "../runtime/errors.js";
import type { ExchangePort } from "./exchange-port.js";
import { type Difference, ReconcileRecord } from "./reconcile-record.js";
import { marketPauseMs, settledCandles } from "./settled-candles.js";

/** Series of a market that are compared in a minute at most. */
export const RECONCILE_PER_MINUTE = 6;

/** A series of which the exchange cannot be asked is left alone for this long, in milliseconds. */
export const RECONCILE_RETRY_MS = 3_600_000;

export interface ReconcilerOptions {
  readonly exchange: ExchangePort;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly debug: DebugHub;
  readonly metrics: Metrics;
  readonly store: Pick<StoreReader, "head" | "readBetween">;
  /** The derived series of this market whose bases are followed. */
  readonly derived: () => readonly SeriesId[];
}

interface Entry {
  readonly id: SeriesId;
  readonly record: ReconcileRecord;
  /** Monotonic milliseconds. */
  notBeforeMs: number;
}

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #abort = new AbortController();
  /** The one that was looked at last comes last. */
  #entries = new Map<string, Entry>();
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  readonly #turns: Duty;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#turns = inTurns(options.clock, 60_000 / RECONCILE_PER_MINUTE, () => this.#turn());
  }

  start(): void {
    this.#turns.start();
  }

  stop(): void {
    this.#abort.abort();
    this.#turns.stop();
  }

  /** What is known of a series; undefined for one that is not compared. */
  record(series: string): ReconcileRecord | undefined {
    this.#takeIn();
    return this.#entries.get(series)?.record;
  }

  /** Compares the series whose turn it is, if there is one. Never rejects. */
  async #turn(): Promise<void> {
    const { clock, exchange, store } = this.#options;
    const now = clock.monotonic();
    if (now < this.#pausedUntilMs) return;
    this.#takeIn();
    for (const entry of this.#entries.values()) {
      const { id, record } = entry;
      const range = now < entry.notBeforeMs ? undefined : record.due(store.head(id.text), exchange.nowMs());
      if (range === undefined) continue;
      this.#entries.delete(id.text);
      this.#entries.set(id.text, entry);
      await this.#compare(entry, range);
      return;
    }
  }

  /** Forgets series that are not derived any more, and takes in new ones. */
  #takeIn(): void {
    const derived = new Map(this.#options.derived().map((id) => [id.text, id]));
    for (const series of this.#entries.keys()) if (!derived.has(series)) this.#entries.delete(series);
    for (const [series, id] of derived) {
      if (this.#entries.has(series)) continue;
      const record = new ReconcileRecord(id.timeframeSeconds);
      this.#entries.set(series, { id, record, notBeforeMs: Number.NEGATIVE_INFINITY });
    }
  }

  async #compare(entry: Entry, range: SlotRange): Promise<void> {
    const { clock, exchange, store } = this.#options;
    const { id, record } = entry;
    const { signal } = this.#abort;
    try {
      const theirs = await settledCandles({ exchange, series: id, from: range.fromS, to: range.toS, signal });
      if (signal.aborted) return;
      const ours = store.readBetween(id.text, range.fromS, range.toS).candles();
      const result = reconcile(ours, theirs);
      const same = result.compared - result.differences.length;
      this.#options.metrics.count("market_reconcile_buckets_total", { result: "same" }, same);
      this.#tell(id, record.done(range, result, clock.now()));
    } catch (error) {
      if (signal.aborted) return;
      record.lastError = errorText(error);
      this.#options.log.debug("reconcile.failed", { series_id: id.text, error: record.lastError });
      const pauseMs = marketPauseMs(error);
      // Silent, failing, or its breaker open: what was to be compared is compared later.
      if (pauseMs !== undefined) this.#pausedUntilMs = clock.monotonic() + pauseMs;
      else entry.notBeforeMs = clock.monotonic() + RECONCILE_RETRY_MS;
    }
  }

  /** @param differences those that were not known before */
  #tell({ text: series }: SeriesId, differences: readonly Difference[]): void {
    const { log, debug, metrics } = this.#options;
    const [first, last] = [differences[0], differences.at(-1)];
    if (first === undefined || last === undefined) return;
    metrics.count("market_reconcile_buckets_total", { result: "differs" }, differences.length);
    const data = { buckets: differences.length, first_time: first.time, last_time: last.time };
    log.warn("reconcile.differs", { series_id: series, ...data, first: toWireDisagreement(first) });
    debug.emit({ pipe: "read", event: "feed.reconcile.differs", series, level: "warn", data });
  }
}
