/**
 * The tickers of one market: asked for when they are old, by one question for everybody, and kept for when the exchange does not
 * answer. Spec: http-api §3.6.
 */
import type { Clock } from "../../clock/clock.js";
import type { Ticker } from "../../market/top-markets.js";

/** After a question that failed none is asked before this long, in milliseconds, unless it is forced. */
export const FAILURE_PAUSE_MS = 5_000;

export interface Tickers {
  readonly tickers: readonly Ticker[];
  /** They were asked for now, and are none that were kept. */
  readonly isNew: boolean;
}

export interface TickerCacheOptions {
  readonly clock: Clock;
  /** Age from which they are asked for again, in milliseconds. */
  readonly ttlMs: number;
  readonly load: () => Promise<readonly Ticker[]>;
}

interface Failure {
  readonly atMs: number;
  readonly error: unknown;
}

export class TickerCache {
  readonly #options: TickerCacheOptions;
  #kept: { readonly tickers: readonly Ticker[]; readonly atMs: number } | undefined;
  #failure: Failure | undefined;
  #loading: Promise<readonly Ticker[]> | undefined;

  constructor(options: TickerCacheOptions) {
    this.#options = options;
  }

  /** @param force asks although they are young. @throws what `load` rejects with, when there are none of any age. */
  async get(force: boolean): Promise<Tickers> {
    const { clock, ttlMs } = this.#options;
    const nowMs = clock.monotonic();
    if (!force && this.#kept !== undefined && nowMs - this.#kept.atMs < ttlMs) return this.#stale();
    const failedLately = this.#failure !== undefined && nowMs - this.#failure.atMs < FAILURE_PAUSE_MS;
    if (!force && failedLately && this.#loading === undefined) return this.#stale();
    this.#loading ??= this.#load();
    try {
      return { tickers: await this.#loading, isNew: true };
    } catch {
      return this.#stale();
    }
  }

  #stale(): Tickers {
    if (this.#kept === undefined) throw this.#failure?.error;
    return { tickers: this.#kept.tickers, isNew: false };
  }

  async #load(): Promise<readonly Ticker[]> {
    const { clock, load } = this.#options;
    try {
      const tickers = await load();
      this.#kept = { tickers, atMs: clock.monotonic() };
      this.#failure = undefined;
      return tickers;
    } catch (error) {
      this.#failure = { atMs: clock.monotonic(), error };
      throw error;
    } finally {
      this.#loading = undefined;
    }
  }
}
