import { expect, test } from "vitest";
import { type ListedSymbol, type Ticker, topMarkets } from "../../src/market/top-markets.js";

const listed = (symbol: string, change: Partial<ListedSymbol> = {}): [string, ListedSymbol] => [
  symbol,
  { status: "TRADING", contractType: null, baseAsset: symbol.slice(0, 3), quoteAsset: symbol.slice(3), ...change },
];
const ticker = (symbol: string, quoteVolume: number | null): Ticker => ({
  symbol,
  quoteVolume,
  lastPrice: 1.5,
  priceChangePercent: null,
});
const query = { exchange: "binance", market: "spot", quoteAsset: "USDT", limit: 20 };
const ids = (symbols: [string, ListedSymbol][], tickers: Ticker[], change = {}) =>
  topMarkets(new Map(symbols), tickers, { ...query, ...change }).map(({ symbol_id }) => symbol_id);

test("a market is named by its assets, and has what the ticker says", () => {
  expect(topMarkets(new Map([listed("BTCUSDT")]), [ticker("BTCUSDT", 7)], query)).toEqual([
    {
      exchange: "binance",
      market: "spot",
      symbol: "BTC/USDT",
      symbol_id: "BTCUSDT",
      base_asset: "BTC",
      quote_asset: "USDT",
      last_price: 1.5,
      quote_volume: 7,
      price_change_percent: null,
    },
  ]);
});

test("the largest volumes come first, equal ones by name, and no more than asked for", () => {
  const symbols = ["AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT"].map((symbol) => listed(symbol));
  const tickers = [ticker("CCCUSDT", 5), ticker("DDDUSDT", 9), ticker("BBBUSDT", 5), ticker("AAAUSDT", 0)];
  expect(ids(symbols, tickers)).toEqual(["DDDUSDT", "BBBUSDT", "CCCUSDT", "AAAUSDT"]);
  expect(ids(symbols, tickers, { limit: 2 })).toEqual(["DDDUSDT", "BBBUSDT"]);
});

test("what does not trade, has no volume, is not listed or is quoted in something else is left out", () => {
  const symbols = [
    listed("AAAUSDT", { status: "BREAK" }),
    listed("BBBUSDT"),
    listed("CCCUSDC"),
    listed("DDDUSDT", { contractType: "PERPETUAL" }),
    listed("EEEUSDT", { contractType: "" }),
    listed("FFFUSDT", { contractType: "CURRENT_QUARTER" }),
  ];
  const tickers = ["AAAUSDT", "CCCUSDC", "DDDUSDT", "EEEUSDT", "FFFUSDT", "GGGUSDT"].map((symbol) => ticker(symbol, 1));
  expect(ids(symbols, [...tickers, ticker("BBBUSDT", null)])).toEqual(["DDDUSDT", "EEEUSDT"]);
  expect(ids(symbols, tickers, { quoteAsset: "USDC" })).toEqual(["CCCUSDC"]);
});
