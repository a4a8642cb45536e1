import { describe, expect, it } from "vitest";
import { parseExchangeInfo } from "../../../src/exchange/binance/exchange-info.js";

// Shortened real answers of 2021.
const SPOT = {
  timezone: "UTC",
  serverTime: 1633998511098,
  rateLimits: [
    { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 1200 },
    { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 50 },
    { rateLimitType: "RAW_REQUESTS", interval: "MINUTE", intervalNum: 5, limit: 6100 },
  ],
  exchangeFilters: [],
  symbols: [
    { symbol: "BTCUSDT", status: "TRADING", baseAsset: "BTC", quoteAsset: "USDT", filters: [] },
    { symbol: "OLDBTC", status: "BREAK", baseAsset: "OLD", quoteAsset: "BTC", filters: [] },
  ],
};

describe("parseExchangeInfo", () => {
  it("reads symbols and the weight limit of spot", () => {
    const info = parseExchangeInfo(SPOT);
    expect(info.weightLimitPerMinute).toBe(1200);
    expect([...info.symbols]).toEqual([
      ["BTCUSDT", { status: "TRADING", contractType: null, baseAsset: "BTC", quoteAsset: "USDT" }],
      ["OLDBTC", { status: "BREAK", contractType: null, baseAsset: "OLD", quoteAsset: "BTC" }],
    ]);
  });

  it("reads contract types of futures, also when the status has its other name", () => {
    const symbols = [
      {
        symbol: "BTCUSDT",
        pair: "BTCUSDT",
        contractType: "PERPETUAL",
        status: "TRADING",
        baseAsset: "BTC",
        quoteAsset: "USDT",
      },
      { symbol: "DELIVERED", contractType: "", contractStatus: "SETTLING", baseAsset: 5 },
    ];
    expect([...parseExchangeInfo({ symbols }).symbols]).toEqual([
      ["BTCUSDT", { status: "TRADING", contractType: "PERPETUAL", baseAsset: "BTC", quoteAsset: "USDT" }],
      ["DELIVERED", { status: "SETTLING", contractType: "", baseAsset: "", quoteAsset: "" }],
    ]);
  });

  it("leaves out entries that make no sense and knows no limit when none is told", () => {
    const symbols = [null, 5, { symbol: "A" }, { status: "TRADING" }, { symbol: "B", status: "TRADING" }];
    const info = parseExchangeInfo({ symbols, rateLimits: [null, { rateLimitType: "REQUEST_WEIGHT", limit: 9 }] });
    expect([...info.symbols.keys()]).toEqual(["B"]);
    expect(info.weightLimitPerMinute).toBeNull();
  });

  it.each([null, [], {}, { symbols: {} }, { symbols: [] }, { symbols: [{ symbol: 1 }] }])("refuses %j", (json) => {
    expect(() => parseExchangeInfo(json)).toThrow(/^unexpected_shape: exchangeInfo/);
  });
});
