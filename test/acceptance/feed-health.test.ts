/** Streams that stop and connections that end: bounds that both sides of the daemon see. Spec: feed-behaviour. */
import { expect, test } from "vitest";
import { FeedClient } from "../support/feed-client.js";
import { expectTruth, followed, formingOf, liveDaemon, SPEED, took } from "../support/followed.js";
import { untilTrue } from "../support/until.js";
import { BTC, ETH, SPOT_BTC, startWorld } from "../support/world.js";

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
