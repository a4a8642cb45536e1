/** Which markets of an exchange trade most: its list of symbols and its 24-hour tickers, put together. Pure. Spec: http-api §3.6. */

/** A symbol as the exchange lists it. */
export interface ListedSymbol {
  /** `TRADING`, or one of the many ways not to trade; as sent. */
  readonly status: string;
  /** `PERPETUAL` and others on futures; null on spot. */
  readonly contractType: string | null;
  /** Empty when the exchange does not say. */
  readonly baseAsset: string;
  readonly quoteAsset: string;
}

/** The last 24 hours of a symbol; null for what the exchange does not say, or not as a number. */
export interface Ticker {
  /** By the exchange's name, `BTCUSDT`. */
  readonly symbol: string;
  readonly lastPrice: number | null;
  readonly quoteVolume: number | null;
  readonly priceChangePercent: number | null;
}

/** A market on the wire. */
export interface TopMarketItem {
  readonly exchange: string;
  readonly market: string;
  /** `BTC/USDT`. */
  readonly symbol: string;
  /** `BTCUSDT`. */
  readonly symbol_id: string;
  readonly base_asset: string;
  readonly quote_asset: string;
  readonly last_price: number | null;
  readonly quote_volume: number | null;
  readonly price_change_percent: number | null;
}

export interface TopMarketsQuery {
  readonly exchange: string;
  readonly market: string;
  /** Upper case. */
  readonly quoteAsset: string;
  readonly limit: number;
}

/** The markets that trade, by the volume of their quote asset, largest first; those without a volume are left out. */
export function topMarkets(
  symbols: ReadonlyMap<string, ListedSymbol>,
  tickers: readonly Ticker[],
  { exchange, market, quoteAsset, limit }: TopMarketsQuery,
): readonly TopMarketItem[] {
  return tickers
    .flatMap((ticker) => {
      const { symbol, quoteVolume } = ticker;
      const listed = symbols.get(symbol);
      if (listed === undefined || quoteVolume === null || !isTraded(listed) || listed.quoteAsset !== quoteAsset)
        return [];
      return [{ ticker, listed, quoteVolume }];
    })
    .sort((a, b) => b.quoteVolume - a.quoteVolume || (a.ticker.symbol < b.ticker.symbol ? -1 : 1))
    .slice(0, limit)
    .map(({ ticker, listed, quoteVolume }) => ({
      exchange,
      market,
      symbol: `${listed.baseAsset}/${listed.quoteAsset}`,
      symbol_id: ticker.symbol,
      base_asset: listed.baseAsset,
      quote_asset: listed.quoteAsset,
      last_price: ticker.lastPrice,
      quote_volume: quoteVolume,
      price_change_percent: ticker.priceChangePercent,
    }));
}

/** Futures with a day of delivery are other markets than their perpetual. */
function isTraded({ status, contractType }: ListedSymbol): boolean {
  return status === "TRADING" && (contractType === null || contractType === "" || contractType === "PERPETUAL");
}
