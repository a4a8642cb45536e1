/**
 * The markets of the exchange that trade most, from lists that are kept for a while. An exchange that does not answer costs a
 * reader at most {@link UPSTREAM_LIMIT_MS}, and nothing that was known. Spec: http-api §3.6.
 */
import { type Clock, withLimit } from "../../clock/clock.js";
import {
  type ListedSymbol,
  type Ticker,
  type TopMarketItem,
  type TopMarketsQuery,
  topMarkets,
} from "../../market/top-markets.js";
import type { MarketList } from "../endpoint/market-list.js";
import { errorText } from "../runtime/errors.js";
import { TickerCache } from "./ticker-cache.js";

/** What the exchange may take to answer one of the two questions, in milliseconds. */
export const UPSTREAM_LIMIT_MS = 5_000;

/** Lists that are kept as they were last put together: streams ask for the same ones again and again. */
const MAX_KEPT_LISTS = 64;

/** The exchange could not be asked, and nothing is kept. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code = "upstream_error";
}

export interface TopMarketsOptions {
  readonly clock: Clock;
  readonly tickerTtlMs: number;
  /** The lists of the markets by name; undefined while a market does not run. */
  readonly markets: Readonly<Record<string, { readonly list: MarketList | undefined }>>;
}

export interface TopMarketsAnswer {
  /** The same object for as long as nothing has changed. */
  readonly items: readonly TopMarketItem[];
  /** Nothing was asked for it. */
  readonly cached: boolean;
}

type ListParts = readonly [symbols: ReadonlyMap<string, ListedSymbol>, tickers: readonly Ticker[]];

interface KeptList {
  readonly from: ListParts;
  readonly items: readonly TopMarketItem[];
}

export class TopMarkets {
  readonly #options: TopMarketsOptions;
  readonly #tickers: ReadonlyMap<string, TickerCache>;
  /** In the order of their last use. */
  readonly #kept = new Map<string, KeptList>();

  constructor(options: TopMarketsOptions) {
    this.#options = options;
    const { clock, markets, tickerTtlMs: ttlMs } = options;
    const cache = (market: string) =>
      new TickerCache({ clock, ttlMs, load: () => this.#within((signal) => this.#listOf(market).tickers(signal)) });
    this.#tickers = new Map(Object.keys(markets).map((market) => [market, cache(market)]));
  }

  /**
   * @param force asks the exchange although what is kept is young.
   * @throws UpstreamError
   */
  async top(query: TopMarketsQuery, force: boolean): Promise<TopMarketsAnswer> {
    try {
      const tickerCache = this.#tickers.get(query.market);
      if (tickerCache === undefined) throw new Error(`unsupported market: '${query.market}'`);
      const [{ tickers, isNew }, listing] = await Promise.all([
        tickerCache.get(force),
        this.#within((signal) => this.#listOf(query.market).listing(force, signal)),
      ]);
      const items = this.#items(query, listing.symbols, tickers);
      return { items, cached: !force && !isNew && !listing.isNew };
    } catch (error) {
      throw new UpstreamError(errorText(error), { cause: error });
    }
  }

  #items(query: TopMarketsQuery, ...from: ListParts): readonly TopMarketItem[] {
    const key = `${query.market} ${query.quoteAsset} ${query.limit}`;
    const before = this.#kept.get(key);
    this.#kept.delete(key);
    const isSame = before !== undefined && before.from[0] === from[0] && before.from[1] === from[1];
    const kept = isSame ? before : { from, items: topMarkets(...from, query) };
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MAX_KEPT_LISTS) this.#kept.delete(oldest);
    this.#kept.set(key, kept);
    return kept.items;
  }

  #listOf(market: string): MarketList {
    const list = this.#options.markets[market]?.list;
    if (list === undefined) throw new Error("the exchange connection is being restarted");
    return list;
  }

  #within<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withLimit(this.#options.clock, UPSTREAM_LIMIT_MS, async (limit) => {
      try {
        return await ask(limit);
      } catch (error) {
        throw limit.aborted ? new Error(`no answer within ${UPSTREAM_LIMIT_MS / 1000} s`, { cause: error }) : error;
      }
    });
  }
}
