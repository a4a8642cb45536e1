import { expect, test } from "vitest";
import { parseTickers } from "../../../src/exchange/binance/tickers.js";

test("reads what lists of markets need; what is no number is null", () => {
  const json = [
    { symbol: "BTCUSDT", lastPrice: "94000.10", quoteVolume: "1e9", priceChangePercent: "-1.500", volume: "5" },
    { symbol: "ETHUSDT", lastPrice: "", quoteVolume: "NaN", priceChangePercent: null },
  ];
  expect(parseTickers(json)).toEqual([
    { symbol: "BTCUSDT", lastPrice: 94_000.1, quoteVolume: 1e9, priceChangePercent: -1.5 },
    { symbol: "ETHUSDT", lastPrice: null, quoteVolume: null, priceChangePercent: null },
  ]);
});

test("entries that make no sense are left out", () => {
  expect(parseTickers([null, 5, {}, { symbol: 7 }, []])).toEqual([]);
});

test.each([null, {}, "x", { symbol: "BTCUSDT" }])("refuses %j", (json) => {
  expect(() => parseTickers(json)).toThrow(/^unexpected_shape: ticker/);
});
