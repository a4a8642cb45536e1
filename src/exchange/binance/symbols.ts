/** From a series to the names that Binance knows it by. Spec: ingest §5.1, binance-protocol §2.1. */
import type { SeriesId } from "../../market/series-id.js";
import { isKlineInterval, KLINE_INTERVALS } from "./intervals.js";
import type { BinanceMarket } from "./urls.js";

/** A series under its exchange names. */
export interface BinanceSeries {
  readonly market: BinanceMarket;
  /** Upper case, as REST and the payloads name it: `BTCUSDT`. */
  readonly exchangeSymbol: string;
  readonly interval: string;
  /** `btcusdt@kline_1m`. Lower case: an upper-case name is accepted by the exchange and stays silent. */
  readonly stream: string;
}

export type UnsupportedSeriesCode =
  | "unsupported_exchange"
  | "unsupported_market"
  | "unsupported_symbol_format"
  | "unsupported_interval";

/** A series that Binance cannot have. No retry helps: the series id is wrong. */
export class UnsupportedSeriesError extends Error {
  override readonly name = "UnsupportedSeriesError";
  readonly code: UnsupportedSeriesCode;

  constructor(code: UnsupportedSeriesCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Characters that would change the meaning of a stream name or of an address. */
const BREAKS_A_STREAM_NAME = /[\s@?&#"\\]/;

/**
 * The exchange names of a series.
 * @throws UnsupportedSeriesError `unsupported exchange: '<e>'`, `unsupported market: '<m>'`,
 * `unsupported symbol format for binance kline ws`, or the intervals there are.
 */
export function binanceSeries(series: SeriesId): BinanceSeries {
  if (series.exchange !== "binance") {
    throw new UnsupportedSeriesError("unsupported_exchange", `unsupported exchange: '${series.exchange}'`);
  }
  const { market, timeframe: interval } = series;
  if (market !== "spot" && market !== "futures") {
    throw new UnsupportedSeriesError("unsupported_market", `unsupported market: '${market}'`);
  }
  const exchangeSymbol = toExchangeSymbol(series.symbol);
  if (!isKlineInterval(market, interval)) {
    throw new UnsupportedSeriesError(
      "unsupported_interval",
      `unsupported interval for binance klines: '${interval}'; there are ${KLINE_INTERVALS[market].join(", ")}`,
    );
  }
  return { market, exchangeSymbol, interval, stream: `${exchangeSymbol.toLowerCase()}@kline_${interval}` };
}

/** `BTC/USDT:USDT` and `btc/usdt` are both `BTCUSDT`: the settle currency is not part of the exchange's name. */
function toExchangeSymbol(symbol: string): string {
  const pair = symbol.split(":", 1)[0] ?? "";
  const name = pair.replaceAll(/[/-]/g, "").toUpperCase();
  if (!pair.includes("/") || name === "" || BREAKS_A_STREAM_NAME.test(name)) {
    throw new UnsupportedSeriesError("unsupported_symbol_format", "unsupported symbol format for binance kline ws");
  }
  return name;
}
