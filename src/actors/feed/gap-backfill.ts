/**
 * Fills a gap that a subscriber is about to be told of, if the exchange has what is missing. Filled candles go to the
 * store without being published: only those who saw the gap are sent them. Spec: ws-api §2.5, ingest §6.1.
 */
import type { Clock } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { StoreReader } from "../../storage/store.js";
import type { Gap } from "../publisher/delivery.js";
import { errorText } from "../runtime/errors.js";
import type { ExchangePort } from "./exchange-port.js";

export interface GapBackfillOptions {
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly metrics?: Metrics | undefined;
  readonly exchangeFor: (series: SeriesId) => ExchangePort | undefined;
  /** Stores candles without publishing them. */
  readonly fill: (series: SeriesId, candles: readonly Candle[]) => Promise<void>;
  /** Stored candles that are read back after a fill, at most. */
  readonly readLimit: number;
  /** A subscriber waits no longer than this for a fill, in milliseconds. */
  readonly timeoutMs: number;
}

/** Candles fetched for one gap at most; a longer one is announced with what of it could be had. */
const MAX_GAP_CANDLES = 5_000;

export class GapBackfill {
  readonly #options: GapBackfillOptions;
  /** Subscribers that meet the same gap share one fill. */
  readonly #underWay = new Map<string, Promise<readonly Candle[]>>();

  constructor(options: GapBackfillOptions) {
    this.#options = options;
  }

  /** @returns the stored candles of the gap if anything was added to them, otherwise none. Never rejects. */
  fill(series: SeriesId, gap: Gap): Promise<readonly Candle[]> {
    const key = `${series.text} ${gap.expectedNextTime} ${gap.actualTime}`;
    let filling = this.#underWay.get(key);
    if (filling === undefined) {
      filling = this.#fill(series, gap).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, filling);
    }
    return filling;
  }

  async #fill(series: SeriesId, { expectedNextTime, actualTime }: Gap): Promise<readonly Candle[]> {
    const { store, readLimit, metrics } = this.#options;
    const exchange = this.#options.exchangeFor(series);
    const lastTime = actualTime - series.timeframeSeconds;
    if (exchange === undefined || lastTime < expectedNextTime) return [];
    let hasFailed = false;
    let recovered: readonly Candle[] = [];
    const failed = (error: unknown): void => {
      hasFailed = true;
      this.#warn(series, expectedNextTime, actualTime, error);
    };
    try {
      const before = store.count(series.text, expectedNextTime, lastTime);
      await this.#fetch(exchange, series, expectedNextTime, actualTime).catch(failed);
      // What was stored before it failed is there for whoever met the gap.
      const added = store.count(series.text, expectedNextTime, lastTime) - before;
      if (added > 0) {
        this.#tell(series, expectedNextTime, actualTime, added);
        recovered = store.readBetween(series.text, expectedNextTime, lastTime, readLimit).candles();
      }
    } catch (error) {
      failed(error);
    }
    const result = hasFailed ? "error" : recovered.length > 0 ? "filled" : "nothing";
    metrics?.count("market_gap_backfill_total", { result });
    return recovered;
  }

  async #fetch(exchange: ExchangePort, series: SeriesId, fromS: number, beforeTimeS: number): Promise<void> {
    const { clock, timeoutMs, fill } = this.#options;
    const abort = new AbortController();
    const timer = clock.ioTimeout(() => abort.abort(), timeoutMs);
    const query = { series, afterTimeS: fromS - 1, beforeTimeS, maxCandles: MAX_GAP_CANDLES, signal: abort.signal };
    try {
      for await (const event of exchange.history(query)) {
        if (event.type === "page") await fill(series, event.candles);
      }
    } finally {
      clock.clearTimeout(timer);
    }
  }

  #tell(series: SeriesId, expected: number, actual: number, rows: number): void {
    const { log, metrics } = this.#options;
    log.info("gap.backfilled", { series_id: series.text, expected, actual, rows });
    metrics?.count("market_gap_backfill_candles_total", {}, rows);
  }

  #warn(series: SeriesId, expected: number, actual: number, error: unknown): void {
    this.#options.log.warn("gap.backfill_failed", {
      series_id: series.text,
      expected,
      actual,
      error: errorText(error),
    });
  }
}
