import { expect, test } from "vitest";
import type { TopMarket } from "../../../src/client/answers/market.js";
import { matching, ranked, whitelisted } from "../../../web/src/picker/series-list.js";

const WHITELIST = ["binance:futures:BTC/USDT:1m", "binance:futures:BTC/USDT:5m", "binance:spot:ETH/USDT:1m"];

test("a symbol of the whitelist is offered once, in the timeframe that is shown", () => {
  expect(whitelisted(WHITELIST, "1h").map(({ series }) => series)).toEqual([
    "binance:futures:BTC/USDT:1h",
    "binance:spot:ETH/USDT:1h",
  ]);
});

test("a market of the exchange is a series with its figures", () => {
  const item: TopMarket = {
    ...{ exchange: "binance", market: "spot" as const, symbol: "BTC/USDT", symbol_id: "BTCUSDT", base_asset: "BTC" },
    ...{ quote_asset: "USDT", last_price: 1.5, quote_volume: 100, price_change_percent: null },
  };
  expect(ranked([item], "5m")).toEqual([
    {
      ...{ series: "binance:spot:BTC/USDT:5m", symbol: "BTC/USDT", market: "spot" },
      ...{ lastPrice: 1.5, changePercent: null, quoteVolume: 100 },
    },
  ]);
});

test.each([
  ["btc", 1],
  ["BTCUSDT", 1],
  ["usdt spot", 1],
  ["usdt", 2],
  ["  ", 2],
  ["doge", 0],
])("'%s' finds %i", (typed, count) => {
  expect(matching(whitelisted(WHITELIST, "1m"), typed)).toHaveLength(count);
});
