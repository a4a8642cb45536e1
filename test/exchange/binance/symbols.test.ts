import { describe, expect, it } from "vitest";
import { isKlineInterval } from "../../../src/exchange/binance/intervals.js";
import { binanceSeries, UnsupportedSeriesError } from "../../../src/exchange/binance/symbols.js";
import { parseSeriesId } from "../../../src/market/series-id.js";

describe("binanceSeries", () => {
  it.each([
    ["binance:spot:BTC/USDT:1m", "spot", "BTCUSDT", "btcusdt@kline_1m"],
    ["binance:futures:BTC/USDT:USDT:1h", "futures", "BTCUSDT", "btcusdt@kline_1h"],
    ["binance:futures:1000pepe/usdt:15m", "futures", "1000PEPEUSDT", "1000pepeusdt@kline_15m"],
    ["binance:spot:A-B/USDT:1d", "spot", "ABUSDT", "abusdt@kline_1d"],
  ])("%s is known to the exchange as %s %s, stream %s", (text, market, exchangeSymbol, stream) => {
    const series = parseSeriesId(text);
    expect(binanceSeries(series)).toEqual({ market, exchangeSymbol, interval: series.timeframe, stream });
  });

  it.each([
    ["kraken:spot:BTC/USDT:1m", "unsupported_exchange", "unsupported exchange: 'kraken'"],
    ["Binance:spot:BTC/USDT:1m", "unsupported_exchange", "unsupported exchange: 'Binance'"],
    ["binance:margin:BTC/USDT:1m", "unsupported_market", "unsupported market: 'margin'"],
    ["binance:spot:BTCUSDT:1m", "unsupported_symbol_format", "unsupported symbol format for binance kline ws"],
    ["binance:spot:BTC-USDT:1m", "unsupported_symbol_format", "unsupported symbol format for binance kline ws"],
    ["binance:spot:BTCUSDT:US/DT:1m", "unsupported_symbol_format", "unsupported symbol format for binance kline ws"],
    ["binance:spot:/:1m", "unsupported_symbol_format", "unsupported symbol format for binance kline ws"],
    ["binance:spot:BT@C/USDT:1m", "unsupported_symbol_format", "unsupported symbol format for binance kline ws"],
    ["binance:spot:BTC/US DT:1m", "unsupported_symbol_format", "unsupported symbol format for binance kline ws"],
    ["binance:spot:BTC/USDT:7m", "unsupported_interval", "unsupported interval for binance klines: '7m'"],
    ["binance:spot:BTC/USDT:60m", "unsupported_interval", "unsupported interval for binance klines: '60m'"],
  ])("refuses %s with %s", (text, code, message) => {
    const attempt = (): unknown => binanceSeries(parseSeriesId(text));
    expect(attempt).toThrow(UnsupportedSeriesError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  it("names the intervals there are", () => {
    expect(() => binanceSeries(parseSeriesId("binance:futures:BTC/USDT:2d"))).toThrow(
      "there are 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d",
    );
  });
});

describe("isKlineInterval", () => {
  it("is by exact name", () => {
    expect(["1m", "3m", "8h", "3d"].every((interval) => isKlineInterval("spot", interval))).toBe(true);
    expect(["1M", "1s", "1w", "01m", "", "10m"].some((interval) => isKlineInterval("futures", interval))).toBe(false);
  });
});
