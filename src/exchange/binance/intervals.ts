/** Which timeframes Binance has candles for. Spec: binance-protocol §2.2. */
import type { BinanceMarket } from "./urls.js";

/**
 * The kline intervals of both markets that a timeframe can name. Binance also has `1w` and `1M`, and `1s` on spot, which
 * are no timeframes here.
 */
const COMMON_INTERVALS = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d"] as const;

export const KLINE_INTERVALS: Readonly<Record<BinanceMarket, readonly string[]>> = {
  spot: COMMON_INTERVALS,
  futures: COMMON_INTERVALS,
};

/**
 * Whether the exchange has this interval, by its exact name. Binance accepts a subscription to any other and stays
 * silent, so it has to be asked before subscribing.
 */
export function isKlineInterval(market: BinanceMarket, timeframe: string): boolean {
  return KLINE_INTERVALS[market].includes(timeframe);
}
