import { expect, test } from "vitest";
import { FAILURE_PAUSE_MS, TickerCache } from "../../../src/actors/markets/ticker-cache.js";
import type { Ticker } from "../../../src/market/top-markets.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

const TTL_MS = 10_000;

/** A cache whose n-th load brings a ticker with the last price n, or fails as the test says. */
function world() {
  const clock = new SimulatedClock(1_000_000);
  const state = { loads: 0, failure: undefined as Error | undefined, wait: Promise.resolve() };
  const load = async (): Promise<readonly Ticker[]> => {
    state.loads += 1;
    const price = state.loads;
    await state.wait;
    if (state.failure !== undefined) throw state.failure;
    return [{ symbol: "BTCUSDT", lastPrice: price, quoteVolume: 1, priceChangePercent: 0 }];
  };
  const cache = new TickerCache({ clock, ttlMs: TTL_MS, load });
  const get = async (force = false) => {
    const { tickers, isNew } = await cache.get(force);
    return [tickers[0]?.lastPrice, isNew];
  };
  return { clock, state, get };
}

test("tickers are good for their time to live, unless they are asked for by force", async () => {
  const { clock, get } = world();
  expect(await get()).toEqual([1, true]);
  clock.advance(TTL_MS - 1);
  expect(await get()).toEqual([1, false]);
  expect(await get(true)).toEqual([2, true]);
  clock.advance(TTL_MS - 1);
  expect(await get()).toEqual([2, false]);
  clock.advance(1);
  expect(await get()).toEqual([3, true]);
});

test("everybody who asks at the same time shares one question, forced or not", async () => {
  const { state, get } = world();
  expect(await Promise.all([get(), get(true), get()])).toEqual([
    [1, true],
    [1, true],
    [1, true],
  ]);
  expect(state.loads).toBe(1);
});

test("what is kept is given when the exchange does not answer, however old it is", async () => {
  const { clock, state, get } = world();
  await get();
  state.failure = new Error("network: ECONNREFUSED");
  clock.advance(24 * 3_600_000);
  expect(await get()).toEqual([1, false]);
  expect(await get(true)).toEqual([1, false]);
});

test("after a failure there is a pause, which force breaks", async () => {
  const { clock, state, get } = world();
  state.failure = new Error("boom");
  await expect(get()).rejects.toThrow("boom");
  await expect(get()).rejects.toThrow("boom");
  expect(state.loads).toBe(1);
  await expect(get(true)).rejects.toThrow("boom");
  expect(state.loads).toBe(2);
  state.failure = undefined;
  clock.advance(FAILURE_PAUSE_MS - 1);
  await expect(get()).rejects.toThrow("boom");
  clock.advance(1);
  expect(await get()).toEqual([3, true]);
});
