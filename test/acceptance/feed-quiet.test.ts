/** Markets without trades, and symbols that cease to trade: bounds that both sides of the daemon see. Spec: feed-behaviour. */
import { expect, test } from "vitest";
import type { FeedStatesView } from "../../src/actors/feed/feed-states.js";
import { expectTruth, followed, liveDaemon, MINUTE_MS, SPEED } from "../support/followed.js";
import { candles, get } from "../support/http.js";
import { untilTrue } from "../support/until.js";
import { BTC, ETH, startWorld, WORLD_START_MS } from "../support/world.js";

test("B12, F33: the flat candles of a quiet market are stored, at next to no cost", async () => {
  const world = await startWorld({ speed: SPEED, quietFutures: ["QUIETUSDT"] });
  const { futures } = world.exchange;
  const QUIET = "binance:futures:QUIET/USDT:1m";
  const daemon = await liveDaemon(world, [BTC, QUIET, QUIET.replace("1m", "5m")]);
  const stored = async () => (await candles(daemon.url, QUIET, "&limit=100")).body.candles;
  const isFresh = async () => ((await stored()).at(-1)?.candle_time ?? 0) > WORLD_START_MS / 1000;
  await untilTrue("the first quiet minute", isFresh);
  const startMs = world.clock.now();
  const late: number[] = [];
  await untilTrue("some quiet minutes", async () => {
    const last = (await stored()).at(-1);
    if (last !== undefined) late.push(world.clock.now() - (last.candle_time + 60) * 1000);
    return world.clock.now() - startMs > 6 * MINUTE_MS;
  });
  expect(Math.max(...late)).toBeLessThanOrEqual(3 * MINUTE_MS);
  expect((await stored()).every(({ volume }) => volume === 0)).toBe(true);
  const subscribes = futures.journal.entries("control").filter(({ method }) => method === "SUBSCRIBE");
  expect(futures.journal.count("attempt")).toBe(1);
  expect(subscribes.length).toBeLessThanOrEqual(2);
});

test("B13, F36: a symbol that ceases to trade costs next to nothing, and is said to be invalid; the others go on", async () => {
  const world = await startWorld({ speed: SPEED });
  const { futures } = world.exchange;
  const daemon = await liveDaemon(world, [BTC, ETH]);
  const client = await followed(daemon, [BTC, ETH]);
  const fault = { kind: "delisting", status: "SETTLING", klines: "invalid-symbol" } as const;
  futures.faults.switchOn({ ...fault, symbols: ["ETHUSDT"], atMs: world.clock.now() });
  const startMs = world.clock.now();
  const asked = () => futures.journal.entries("rest").filter(({ atMs }) => atMs >= startMs);
  await untilTrue("eight minutes", () => world.clock.now() - startMs > 8 * MINUTE_MS);
  expect(
    asked().filter(({ path, params }) => path.endsWith("klines") && params.symbol === "ETHUSDT").length,
  ).toBeLessThanOrEqual(30);
  expect(asked().filter(({ path }) => path.endsWith("exchangeInfo")).length).toBeLessThanOrEqual(10);
  expect(futures.journal.count("attempt")).toBe(1);
  const { body } = await get<FeedStatesView>(`${daemon.url}/api/feed/state`);
  expect(body.series.map(({ state, reason }) => [state, reason])).toEqual([
    ["live", null],
    ["invalid", "ETH/USDT does not trade on binance futures"],
  ]);
  expect(client.closedCandles(BTC).length).toBeGreaterThanOrEqual(6);
  expectTruth(world, client, BTC);
});
