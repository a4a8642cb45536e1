import { expect, test } from "vitest";
import type { MarketList } from "../../../src/actors/endpoint/market-list.js";
import { TopMarkets, UPSTREAM_LIMIT_MS, UpstreamError } from "../../../src/actors/markets/top-markets.js";
import type { ListedSymbol, Ticker } from "../../../src/market/top-markets.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

const QUERY = { exchange: "binance", market: "spot", quoteAsset: "USDT", limit: 20 };
const BTC: ListedSymbol = { status: "TRADING", contractType: null, baseAsset: "BTC", quoteAsset: "USDT" };
const TICKER: Ticker = { symbol: "BTCUSDT", lastPrice: 1, quoteVolume: 2, priceChangePercent: 3 };

function world() {
  const clock = new SimulatedClock(1_000_000);
  const reloads: boolean[] = [];
  const exchange = {
    symbols: new Map([["BTCUSDT", BTC]]),
    isNew: false,
    failure: undefined as Error | undefined,
    /** Until its signal is aborted nothing is answered. */
    hangs: false,
  };
  const hang = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
  const list: MarketList = {
    listing: async (reload) => {
      reloads.push(reload);
      return { symbols: exchange.symbols, isNew: exchange.isNew || reload };
    },
    tickers: async (signal) => {
      if (exchange.hangs) return hang(signal);
      if (exchange.failure !== undefined) throw exchange.failure;
      return [TICKER];
    },
  };
  const markets: Record<string, { list: MarketList | undefined }> = { spot: { list }, futures: { list: undefined } };
  const service = new TopMarkets({ clock, tickerTtlMs: 10_000, markets });
  return { clock, reloads, exchange, top: (force = false, query = QUERY) => service.top(query, force) };
}

test("cached is what nothing was asked for: neither list nor tickers, and not by force", async () => {
  const { clock, reloads, exchange, top } = world();
  expect((await top()).cached).toBe(false);
  expect((await top()).cached).toBe(true);
  exchange.isNew = true;
  expect((await top()).cached).toBe(false);
  exchange.isNew = false;
  expect((await top(true)).cached).toBe(false);
  expect(reloads).toEqual([false, false, false, true]);
  clock.advance(10_000);
  expect((await top()).cached).toBe(false);
  exchange.failure = new Error("down");
  expect((await top(true)).cached).toBe(false);
  clock.advance(60_000);
  expect((await top()).cached).toBe(true);
});

test("the list is the same object as long as nothing has changed", async () => {
  const { exchange, top } = world();
  const { items } = await top();
  expect(items.map(({ symbol }) => symbol)).toEqual(["BTC/USDT"]);
  expect((await top()).items).toBe(items);
  expect((await top(false, { ...QUERY, limit: 1 })).items).not.toBe(items);
  for (let limit = 1; limit <= 70; limit += 1) await top(false, { ...QUERY, limit });
  exchange.symbols = new Map();
  expect((await top()).items).toEqual([]);
});

test("an exchange that fails, hangs or is being restarted is an upstream error, if nothing is kept", async () => {
  const { clock, exchange, top } = world();
  exchange.failure = new Error("network: ECONNREFUSED");
  await expect(top()).rejects.toThrow(new UpstreamError("network: ECONNREFUSED"));
  exchange.hangs = true;
  const hanging = expect(top(true)).rejects.toThrow("no answer within 5 s");
  await clock.advanceSettled(UPSTREAM_LIMIT_MS);
  await hanging;
  expect(clock.pendingTimers).toBe(0);
  await expect(top(false, { ...QUERY, market: "futures" })).rejects.toThrow("is being restarted");
  await expect(top(false, { ...QUERY, market: "options" })).rejects.toThrow(UpstreamError);
});
