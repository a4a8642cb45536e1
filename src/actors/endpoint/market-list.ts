/** What a market of the exchange lists and how it traded, as a port, and over the REST side of the market. */
import type { MarketRest } from "../../exchange/binance/market-rest.js";
import { RestError } from "../../exchange/binance/rest-errors.js";
import type { ListedSymbol, Ticker } from "../../market/top-markets.js";

export interface Listing {
  readonly symbols: ReadonlyMap<string, ListedSymbol>;
  /** It was asked for now, and is none that was kept. */
  readonly isNew: boolean;
}

export interface MarketList {
  /**
   * The symbols of the market: those that are kept, while they are young or no others can be had.
   * @param reload asks for them although they are young.
   * @throws RestError when there are none.
   */
  listing(reload: boolean, signal: AbortSignal): Promise<Listing>;
  /** The last 24 hours of all symbols, asked for now. @throws RestError */
  tickers(signal: AbortSignal): Promise<readonly Ticker[]>;
}

/** Shares the list of symbols with the series of the market, which need it to know what trades. */
export function marketList({ directory, rest }: Pick<MarketRest, "directory" | "rest">): MarketList {
  return {
    listing: async (reload, signal) => {
      const before = directory.symbols;
      const result = await (reload ? directory.reload(signal) : directory.ensureFresh(signal));
      const { symbols } = directory;
      if (symbols !== null) return { symbols, isNew: symbols !== before };
      throw result.type === "failed"
        ? result.error
        : new RestError("aborted", "given up waiting for the list of symbols");
    },
    tickers: (signal) => rest.tickers(signal),
  };
}
