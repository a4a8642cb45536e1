/** Which series the picker offers. Pure. */
import type { TopMarket } from "../../../src/client/answers/market.js";
import { parseSeriesId, withTimeframe } from "../../../src/market/series-id.js";

export const TIMEFRAMES = ["1m", "5m", "15m", "1h", "4h", "1d"] as const;

/** A series as the picker lists it; all of a symbol's timeframes are one. */
export interface Choice {
  /** With the timeframe that is shown now. */
  readonly series: string;
  readonly symbol: string;
  readonly market: string;
  /** Null where the exchange's figures are not known. */
  readonly lastPrice: number | null;
  /** A ratio in percent. */
  readonly changePercent: number | null;
  /** Of 24 hours, in the quote asset. */
  readonly quoteVolume: number | null;
}

/** The series of the whitelist, one for each symbol and market, in the timeframe. */
export function whitelisted(seriesIds: readonly string[], timeframe: string): readonly Choice[] {
  const series = new Set(seriesIds.map((id) => withTimeframe(parseSeriesId(id), timeframe).text));
  return [...series].map(choiceOf);
}

export function ranked(items: readonly TopMarket[], timeframe: string): readonly Choice[] {
  return items.map(({ exchange, market, symbol, last_price, price_change_percent, quote_volume }) => ({
    series: `${exchange}:${market}:${symbol}:${timeframe}`,
    symbol,
    market,
    lastPrice: last_price,
    changePercent: price_change_percent,
    quoteVolume: quote_volume,
  }));
}

/** Those whose symbol or market has every word that was typed, in any case; `btcusdt` finds BTC/USDT. */
export function matching(choices: readonly Choice[], typed: string): readonly Choice[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return choices.filter(({ symbol, market, series }) => {
    const text = `${symbol} ${symbol.replace("/", "")} ${market} ${series}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function choiceOf(series: string): Choice {
  const { symbol, market } = parseSeriesId(series);
  return { series, symbol, market, lastPrice: null, changePercent: null, quoteVolume: null };
}
