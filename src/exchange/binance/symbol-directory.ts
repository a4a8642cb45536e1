/**
 * Which symbols a market has and which of them trade. The exchange accepts a stream of an unknown symbol and stays silent,
 * so it is asked here first. Spec: binance-protocol §2.1, F03, F36; feed-behaviour B8, B13.
 */
import type { Clock } from "../../clock/clock.js";
import type { SeriesId } from "../../market/series-id.js";
import type { ListedSymbol } from "../../market/top-markets.js";
import type { ExchangeInfo } from "./exchange-info.js";
import { binanceSeries } from "./symbols.js";

/** `unverified`: there is no list yet. */
export type SymbolStatus = "trading" | "not_trading" | "unknown" | "unverified";

export type RefreshResult =
  /** The list was young enough, or was loaded. */
  | { readonly type: "fresh" }
  /** It was not loaded; the last good one, if any, stays in use. */
  | { readonly type: "failed"; readonly error: unknown }
  /** The caller has stopped waiting. */
  | { readonly type: "aborted" };

/** Least time between two loads on suspicion, in milliseconds: the answer is large, and heavy on spot. */
export const SUSPICION_MIN_INTERVAL_MS = 120_000;

/** Least time between a failed load and the next one, in milliseconds. */
export const FAILED_LOAD_PAUSE_MS = 15_000;

export interface SymbolDirectoryOptions {
  readonly clock: Clock;
  /** Age from which {@link SymbolDirectory.ensureFresh} loads again, in milliseconds. */
  readonly ttlMs: number;
  /** `RestClient.exchangeInfo`. */
  readonly load: (signal: AbortSignal) => Promise<ExchangeInfo>;
  /** Ends a load under way; callers' signals only end their own waiting. */
  readonly stop: AbortSignal;
}

type LastLoad =
  | { readonly type: "none" }
  | { readonly type: "loaded"; readonly atMs: number }
  | { readonly type: "failed"; readonly atMs: number; readonly error: unknown };

export class SymbolDirectory {
  readonly #options: SymbolDirectoryOptions;
  #list: { readonly symbols: ReadonlyMap<string, ListedSymbol>; readonly loadedAtMs: number } | null = null;
  #lastLoad: LastLoad = { type: "none" };
  #loading: Promise<RefreshResult> | null = null;

  constructor(options: SymbolDirectoryOptions) {
    this.#options = options;
  }

  /**
   * What the last good list says about the series' symbol.
   * @throws UnsupportedSeriesError
   */
  check(series: SeriesId): SymbolStatus {
    if (this.#list === null) return "unverified";
    const info = this.#list.symbols.get(binanceSeries(series).exchangeSymbol);
    if (info === undefined) return "unknown";
    return info.status === "TRADING" ? "trading" : "not_trading";
  }

  /** What the exchange says about a symbol (upper case), for health output; null when it is not listed. */
  symbol(exchangeSymbol: string): ListedSymbol | null {
    return this.#list?.symbols.get(exchangeSymbol) ?? null;
  }

  /** The last good list, by exchange symbol (upper case); null while there is none. Another object after every load. */
  get symbols(): ReadonlyMap<string, ListedSymbol> | null {
    return this.#list?.symbols ?? null;
  }

  /** Milliseconds since the list was loaded; null while there is none. */
  ageMs(): number | null {
    return this.#list === null ? null : this.#options.clock.monotonic() - this.#list.loadedAtMs;
  }

  /** Loads the list if there is none or it is past its time to live. Never throws. */
  ensureFresh(signal: AbortSignal): Promise<RefreshResult> {
    return this.#refresh(this.#options.ttlMs, signal);
  }

  /** Loads the list although it is not old, because a symbol behaves as if its status had changed. Never throws. */
  refreshOnSuspicion(signal: AbortSignal): Promise<RefreshResult> {
    return this.#refresh(Math.min(SUSPICION_MIN_INTERVAL_MS, this.#options.ttlMs), signal);
  }

  /** Loads the list however young it is, but not right after a load that failed. Never throws. */
  reload(signal: AbortSignal): Promise<RefreshResult> {
    return this.#refresh(0, signal);
  }

  /** Loads, unless that was done (or has failed) too lately. Callers at the same time share one load. */
  #refresh(maxAgeMs: number, signal: AbortSignal): Promise<RefreshResult> {
    if (signal.aborted) return Promise.resolve({ type: "aborted" });
    const last = this.#lastLoad;
    const sinceMs = last.type === "none" ? Number.POSITIVE_INFINITY : this.#options.clock.monotonic() - last.atMs;
    if (this.#loading === null) {
      if (last.type === "loaded" && sinceMs < maxAgeMs) return Promise.resolve({ type: "fresh" });
      if (last.type === "failed" && sinceMs < FAILED_LOAD_PAUSE_MS) {
        return Promise.resolve({ type: "failed", error: last.error });
      }
    }
    this.#loading ??= this.#load();
    return orAborted(this.#loading, signal);
  }

  async #load(): Promise<RefreshResult> {
    const { clock, load, stop } = this.#options;
    try {
      const { symbols } = await load(stop);
      this.#list = { symbols, loadedAtMs: clock.monotonic() };
      this.#lastLoad = { type: "loaded", atMs: clock.monotonic() };
      return { type: "fresh" };
    } catch (error) {
      this.#lastLoad = { type: "failed", atMs: clock.monotonic(), error };
      return { type: "failed", error };
    } finally {
      this.#loading = null;
    }
  }
}

function orAborted(result: Promise<RefreshResult>, signal: AbortSignal): Promise<RefreshResult> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve({ type: "aborted" });
    signal.addEventListener("abort", onAbort, { once: true });
    void result.then((value) => {
      signal.removeEventListener("abort", onAbort);
      resolve(value);
    });
  });
}
