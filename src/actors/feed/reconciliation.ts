/** The reconciliation of all derived series with the exchange, over its markets: what is asked of it, and what it answers. */
import { baseOf, type DerivedTimeframes, derivedOf } from "../../market/derived-timeframes.js";
import { toWireDisagreement, type WireDisagreement } from "../../market/reconcile.js";
import { parseSeriesId, type SeriesId } from "../../market/series-id.js";
import { type SlotRange, slotAtOrAfter, slotAtOrBefore, slotCount } from "../../market/slots.js";
import type { ExchangePort } from "./exchange-port.js";
import { EXCHANGE } from "./obstacle.js";
import { MAX_RECONCILE_CANDLES, type ReconcileRecord } from "./reconcile-record.js";
import { Reconciler, type ReconcilerOptions } from "./reconciler.js";

export interface ReconciliationOptions extends Omit<ReconcilerOptions, "exchange" | "derived"> {
  readonly markets: Readonly<Record<string, ExchangePort>>;
  /** What is derived; undefined when nothing is. */
  readonly timeframes: DerivedTimeframes | undefined;
  /** Ids of all series that are followed. */
  readonly followed: () => readonly string[];
}

/** How a derived series agrees with the exchange, on the wire. Times in Unix seconds, those in `_ms` in milliseconds. */
export interface ReconciliationView {
  readonly series_id: string;
  /** What it is derived of; null for a series that is not derived. */
  readonly base_series_id: string | null;
  /** Whether it is compared: its base is followed. */
  readonly active: boolean;
  readonly buckets_compared: number;
  readonly compared_from: number | null;
  readonly compared_to: number | null;
  readonly checked_at_ms: number | null;
  readonly last_error: string | null;
  /** What was asked for and is still to be compared. */
  readonly requested: { readonly from: number; readonly to: number } | null;
  readonly differences: readonly (WireDisagreement & { readonly found_at_ms: number })[];
}

/** A range that cannot be compared; the message says why, and what can. */
export class ReconcileRequestError extends Error {
  override readonly name = "ReconcileRequestError";
}

export class Reconciliation {
  readonly #options: ReconciliationOptions;
  readonly #byMarket: ReadonlyMap<string, Reconciler>;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
    const reconcilers = Object.entries(options.markets).map(
      ([market, exchange]) =>
        [market, new Reconciler({ ...options, exchange, derived: () => this.#derivedIn(market) })] as const,
    );
    this.#byMarket = new Map(options.timeframes === undefined ? [] : reconcilers);
  }

  start(): void {
    for (const reconciler of this.#byMarket.values()) reconciler.start();
  }

  stop(): void {
    for (const reconciler of this.#byMarket.values()) reconciler.stop();
  }

  view(id: SeriesId): ReconciliationView {
    const { timeframes } = this.#options;
    const record = this.#recordOf(id);
    const requested = record?.requested;
    return {
      series_id: id.text,
      base_series_id: (timeframes && baseOf(id, timeframes)?.text) ?? null,
      active: record !== undefined,
      buckets_compared: record?.count ?? 0,
      compared_from: record?.compared?.fromS ?? null,
      compared_to: record?.compared?.toS ?? null,
      checked_at_ms: record?.checkedMs == null ? null : Math.round(record.checkedMs),
      last_error: record?.lastError ?? null,
      requested: requested === undefined ? null : { from: requested.fromS, to: requested.toS },
      differences: (record?.differences ?? []).map((one) => ({
        ...toWireDisagreement(one),
        found_at_ms: Math.round(one.foundMs),
      })),
    };
  }

  /**
   * Has a range compared next, in place of one that was asked for before.
   * @param fromS first bucket, rounded up. @param toS last bucket, rounded down; both in seconds.
   * @throws ReconcileRequestError
   */
  request(id: SeriesId, fromS: number, toS: number): SlotRange {
    const record = this.#recordOf(id);
    const step = id.timeframeSeconds;
    if (record === undefined) {
      throw new ReconcileRequestError(`'${id.text}' is not compared: name a derived series whose base is followed`);
    }
    const range = { fromS: slotAtOrAfter(fromS, step), toS: slotAtOrBefore(toS, step) };
    const count = slotCount(range, step);
    if (count === 0) throw new ReconcileRequestError(`no bucket opens between ${fromS} and ${toS}: let 'to' be later`);
    if (count > MAX_RECONCILE_CANDLES) {
      throw new ReconcileRequestError(
        `${count} buckets are more than ${MAX_RECONCILE_CANDLES}: ask for parts of the range`,
      );
    }
    record.requested = range;
    return range;
  }

  #recordOf(id: SeriesId): ReconcileRecord | undefined {
    return id.exchange === EXCHANGE ? this.#byMarket.get(id.market)?.record(id.text) : undefined;
  }

  #derivedIn(market: string): readonly SeriesId[] {
    const { followed, timeframes } = this.#options;
    if (timeframes === undefined) return [];
    const prefix = `${EXCHANGE}:${market}:`;
    const bases = followed().filter((series) => series.startsWith(prefix));
    return bases.flatMap((series) => derivedOf(parseSeriesId(series), timeframes));
  }
}
