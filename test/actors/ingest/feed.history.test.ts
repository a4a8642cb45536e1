/** What a feed says of the candles that closed before now: what a start waits for. Spec: ingest §9. */
import { expect, test } from "vitest";
import { candleSeries } from "../../support/candles.js";
import { minute, openable, SERIES, startSeries, T0 } from "../series/world.js";

const HOUR_MS = (T0 + 3_600) * 1000;

test("nothing before it has looked, then that it fetches, why that fails, and that all is there", async () => {
  const { exchange, tree, follow, advance } = await startSeries({ startMs: HOUR_MS });
  const history = async () => (await tree()).feedHistory;
  expect(await history()).toBeUndefined();
  exchange.knows(SERIES, candleSeries(minute(0), 60));
  const gate = openable();
  exchange.rest = async () => {
    await gate.promise;
    throw new Error("HTTP 503");
  };
  await follow({ historyCandles: 40 });
  expect(await history()).toEqual({ state: "fetching", error: null });
  gate.open();
  await advance(100);
  expect(await history()).toEqual({ state: "fetching", error: "HTTP 503" });
  exchange.rest = () => undefined;
  await advance(10_000);
  expect(await history()).toEqual({ state: "whole" });
});

test("a series of which nothing is missing is whole as soon as the feed has looked", async () => {
  const { exchange, tree, follow, advance } = await startSeries({ startMs: HOUR_MS });
  const verdict = openable();
  exchange.verdict = async () => {
    await verdict.promise;
    return { type: "usable" };
  };
  await follow();
  await advance(1_000);
  expect((await tree()).feedHistory).toEqual({ state: "unknown" });
  verdict.open();
  await advance(1_000);
  expect((await tree()).feedHistory).toEqual({ state: "whole" });
});

test("a symbol that the exchange does not list is refused, and says why", async () => {
  const { exchange, tree, follow, advance } = await startSeries({ startMs: HOUR_MS });
  exchange.verdict = () => ({ type: "unusable", reason: "BTC/USDT is not listed on binance futures" });
  await follow({ historyCandles: 40 });
  await advance(1_000);
  expect((await tree()).feedHistory).toEqual({
    state: "refused",
    reason: "BTC/USDT is not listed on binance futures",
  });
});
