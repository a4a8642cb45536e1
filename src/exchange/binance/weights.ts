/** What REST requests cost. Spec: binance-protocol §4.1, §4.2. */
import type { BinanceMarket } from "./urls.js";

/** Weight per address and minute, until exchangeInfo has told the present limit. */
export const DEFAULT_WEIGHT_LIMIT_PER_MINUTE: Readonly<Record<BinanceMarket, number>> = { spot: 6_000, futures: 2_400 };

/** Most rows that one klines request may ask for. */
export const MAX_KLINES_LIMIT: Readonly<Record<BinanceMarket, number>> = { spot: 1_000, futures: 1_500 };

/** Rows of a history page: the most candles per unit of weight (spot 1000 for 2; futures 499 for 2, 1000 for 5). */
export const CHEAPEST_KLINES_LIMIT: Readonly<Record<BinanceMarket, number>> = { spot: 1_000, futures: 499 };

export const EXCHANGE_INFO_WEIGHT: Readonly<Record<BinanceMarket, number>> = { spot: 20, futures: 1 };

export const TIME_WEIGHT = 1;

/** Weight of the 24-hour tickers of all symbols of a market. */
export const TICKERS_WEIGHT: Readonly<Record<BinanceMarket, number>> = { spot: 80, futures: 40 };

/** Weight of one klines request for at most `limit` rows. */
export function klinesWeight(market: BinanceMarket, limit: number): number {
  if (market === "spot") return 2;
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}
