/** Streams that stop, connections that end, markets that are quiet: bounds that both sides of the daemon see. */
import { expect, test } from "vitest";
import { FeedClient } from "../support/feed-client.js";
import { candles } from "../support/http.js";
import { type DaemonProcess, startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, ETH, SPOT_BTC, startWorld, truth, WORLD_START_MS, type World } from "../support/world.js";

/** Virtual seconds per real one. */
const SPEED = 90;

const MINUTE_MS = 60_000;

async function liveDaemon(world: World, whitelist: readonly string[], env = {}): Promise<DaemonProcess> {
  return startProcess(["start"], { ...world.env, TRADE_CANVAS_WHITELIST_PATH: whitelistFile(whitelist), ...env });
}

/** Follows series, and waits until each has shown a forming candle. */
async function followed(daemon: DaemonProcess, series: readonly string[]): Promise<FeedClient> {
  const client = await FeedClient.connect(daemon.url);
  for (const one of series) client.subscribe(one, null);
  await untilTrue("forming candles of all", () => series.every((one) => formingOf(client, one) > 0));
  return client;
}

const formingOf = (client: FeedClient, series: string): number =>
  client.ofType("candle_forming").filter(({ series_id }) => series_id === series).length;

/** How long it takes, in milliseconds of the world, until something holds. */
async function took(world: World, what: string, holds: () => boolean | Promise<boolean>): Promise<number> {
  const startMs = world.clock.now();
  await untilTrue(what, holds);
  return world.clock.now() - startMs;
}

function expectTruth(world: World, client: FeedClient, series: string): void {
  const live = client.closedCandles(series);
  const [first, last] = [live[0]?.candle_time ?? 0, live.at(-1)?.candle_time ?? 0];
  expect(live).toEqual(truth(world.exchange, series, first, last + 60));
}

test("B11, F01: a connection that brings nothing is renewed, and the old one closed; missing pings alone do nothing (F17)", async () => {
  const world = await startWorld({ speed: SPEED });
  const { futures, spot } = world.exchange;
  spot.faults.switchOn({ kind: "no-pings" });
  const daemon = await liveDaemon(world, [BTC, ETH, SPOT_BTC]);
  const client = await followed(daemon, [BTC, ETH, SPOT_BTC]);
  futures.faults.switchOn({ kind: "silence", connections: "current" });
  const reconnectedMs = await took(world, "another connection", () => futures.journal.count("attempt") === 2);
  expect(reconnectedMs).toBeLessThanOrEqual(150_000);
  const seen = [BTC, ETH].map((series) => formingOf(client, series));
  await untilTrue("candles again", () => [BTC, ETH].every((series, n) => formingOf(client, series) > (seen[n] ?? 0)));
  const closedMs = await took(world, "the old one's end", () => futures.journal.count("closed") === 1);
  expect(closedMs).toBeLessThanOrEqual(120_000);
  expect(futures.journal.entries("closed")[0]).toMatchObject({ connection: 1, by: "client", code: 1000 });
  await untilTrue("some minutes", () => client.closedCandles(BTC).length >= 5);
  for (const series of [BTC, ETH, SPOT_BTC]) expectTruth(world, client, series);
  expect([spot.journal.count("attempt"), futures.journal.count("attempt")]).toEqual([1, 2]);
});

test("B11, F02, F03: a stream that is silent from its start, and later one that stops, are moved with all others", async () => {
  const world = await startWorld({ speed: SPEED });
  const { futures } = world.exchange;
  futures.faults.switchOn({ kind: "silence", symbols: ["ETHUSDT"], connections: [1] });
  const daemon = await liveDaemon(world, [BTC, ETH]);
  const client = await FeedClient.connect(daemon.url);
  client.subscribe(BTC, null);
  client.subscribe(ETH, null);
  const startedMs = await took(world, "a forming candle of the silent one", () => formingOf(client, ETH) > 0);
  expect(startedMs).toBeLessThanOrEqual(240_000);
  await untilTrue("the old one's end", () => futures.journal.count("closed") === 1);
  futures.faults.switchOn({ kind: "silence", symbols: ["BTCUSDT"], connections: "current" });
  const fault = futures.journal.count("final");
  const movedMs = await took(world, "a final of the one that stopped", () =>
    futures.journal
      .entries("final")
      .slice(fault)
      .some(({ connection, symbol }) => connection === 3 && symbol === "BTCUSDT"),
  );
  // Its first final on the new connection comes up to a minute after the stream has been moved.
  expect(movedMs).toBeLessThanOrEqual(300_000);
  await untilTrue("its candles", () => client.closedCandles(BTC).length >= 6);
  for (const series of [BTC, ETH]) expectTruth(world, client, series);
});

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
  await untilTrue("ten quiet minutes", async () => {
    const last = (await stored()).at(-1);
    if (last !== undefined) late.push(world.clock.now() - (last.candle_time + 60) * 1000);
    return world.clock.now() - startMs > 10 * MINUTE_MS;
  });
  expect(Math.max(...late)).toBeLessThanOrEqual(3 * MINUTE_MS);
  expect((await stored()).every(({ volume }) => volume === 0)).toBe(true);
  const subscribes = futures.journal.entries("control").filter(({ method }) => method === "SUBSCRIBE");
  expect(futures.journal.count("attempt")).toBe(1);
  expect(subscribes.length).toBeLessThanOrEqual(2);
});

test("B14, F13: an announced end finds the successor connected, without a loss; the other market is untouched", async () => {
  const world = await startWorld({ speed: 30 });
  const { futures, spot } = world.exchange;
  const daemon = await liveDaemon(world, [BTC, SPOT_BTC]);
  const client = await followed(daemon, [BTC, SPOT_BTC]);
  const leadMs = 10_000;
  futures.strike({ kind: "server-shutdown", leadMs, manner: { by: "close", code: 1001, reason: "" } });
  const connectedMs = await took(world, "the successor", () => futures.journal.count("attempt") === 2);
  expect(connectedMs).toBeLessThan(leadMs);
  const seen = formingOf(client, BTC);
  expect(await took(world, "candles", () => formingOf(client, BTC) > seen)).toBeLessThanOrEqual(40_000);
  await untilTrue("the end of the old one", () => futures.journal.count("closed") === 1);
  await untilTrue("a minute", () => client.closedCandles(BTC).length >= 2);
  expectTruth(world, client, BTC);
  expect([spot.journal.count("attempt"), spot.journal.count("closed")]).toEqual([1, 0]);
  expect(daemon.output()).not.toContain('"event":"connection.lost"');
});

test("B23, B3, F10: connections are renewed at their age, and nothing is lost or told twice", async () => {
  const world = await startWorld({ speed: SPEED });
  const { futures } = world.exchange;
  const daemon = await liveDaemon(world, [BTC, ETH], { TRADE_CANVAS_BINANCE_WS_ROTATE_AFTER_S: "120" });
  const client = await followed(daemon, [BTC, ETH]);
  let most = 0;
  await untilTrue("four renewals", () => {
    most = Math.max(most, futures.connections().length);
    return futures.journal.count("closed") >= 4;
  });
  await untilTrue("the last candles", () => client.closedCandles(BTC).length >= 7);
  expect(most).toBeLessThanOrEqual(3);
  expect(futures.journal.entries("closed").every(({ by, code }) => by === "client" && code === 1000)).toBe(true);
  for (const series of [BTC, ETH]) expectTruth(world, client, series);
  expect(daemon.output()).not.toContain("feed.lost");
});
