/** A client that does not read hurts nobody but itself. Spec: ws-api §2.8. */
import { expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { type EventLog, silentLog } from "../../../src/observability/event-log.js";
import { candleSeries } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import type { WsClient } from "../../support/ws-client.js";
import { call, candles, ingest, timesOf } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const ID = parseSeriesId(SERIES);
const { batchPublished, batchSilent } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

/** More of these than the machine's own buffers and the queue of a client hold together are never needed. */
const MAX_BATCHES = 40;
const BATCH_CANDLES = 8_000;

/** Candles whose every value takes many digits. */
function wideCandles(batch: number): Candle[] {
  const from = 60 * (1 + batch * BATCH_CANDLES);
  return candleSeries(from, BATCH_CANDLES).map((candle) => ({
    ...candle,
    open: candle.time / 7,
    high: candle.time / 3,
    low: candle.time / 11,
    close: candle.time / 13,
    volume: candle.time / 17,
  }));
}

function firstTimes(feed: WsClient): number[] {
  const batches = feed.messages.filter(({ type }) => type === "candles_batch");
  return batches.map(({ candles: list }) => (list as { candle_time: number }[])[0]?.candle_time ?? -1);
}

test("a client that does not read is cut off with 1013, after what it had coming; others and the ingest go on", async () => {
  const warnings: string[] = [];
  const log: EventLog = { ...silentLog, warn: (event) => void warnings.push(event), with: () => log };
  const env = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_ONDEMAND_INGEST: "1" };
  const daemon = await startTestDaemon({ env, log });
  const [slow, quick] = [await daemon.connect(), await daemon.connect()];
  for (const feed of [slow, quick]) {
    feed.subscribe(SERIES, { supports_batch: true });
    await feed.settled();
  }
  slow.socket.pause();
  const isCut = (): boolean => warnings.includes("ws.slow_consumer");
  let published = 0;
  while (!isCut() && published < MAX_BATCHES) {
    await daemon.app.runtime.ingest(ID, wideCandles(published), batchPublished);
    published += 1;
    // The first run brings a notice besides its batch.
    await quick.atLeast(published + 1);
  }
  expect(isCut()).toBe(true);
  // The reference of the client that was cut off is given back at once, though it still reads nothing.
  const { jobs } = (await call(daemon.url, "/api/market/debug/ingest_state")).json as { jobs: { refcount: number }[] };
  expect(jobs.map(({ refcount }) => refcount)).toEqual([1]);
  await daemon.app.runtime.ingest(ID, wideCandles(published), batchPublished);
  await quick.atLeast(published + 2);
  const expected = Array.from({ length: published + 1 }, (_, batch) => 60 * (1 + batch * BATCH_CANDLES));
  expect(firstTimes(quick)).toEqual(expected);

  slow.socket.resume();
  expect(await slow.closed).toEqual({ code: 1013, reason: "slow_consumer" });
  const got = firstTimes(slow);
  expect(got.length).toBeGreaterThan(0);
  expect(got.length).toBeLessThan(published + 1);
  expect(got).toEqual(expected.slice(0, got.length));
});

test("a client that reads a long catch-up slowly is not cut off, and misses nothing", async () => {
  const daemon = await startTestDaemon();
  for (let batch = 0; batch < 2; batch += 1) await daemon.app.runtime.ingest(ID, wideCandles(batch), batchSilent);
  const feed = await daemon.connect();
  feed.socket.pause();
  feed.subscribe(SERIES, { since: 1 });
  const count = 2 * BATCH_CANDLES;
  await ingest(daemon.url, SERIES, 60 * (count + 1));
  expect(timesOf(await candles(daemon.url, SERIES, "&limit=1"))).toEqual([60 * (count + 1)]);
  feed.socket.resume();
  await feed.atLeast(count + 1);
  const times = feed.messages.map(({ candle }) => (candle as { candle_time: number }).candle_time);
  expect(times).toEqual(Array.from({ length: count + 1 }, (_, index) => 60 * (index + 1)));
});

test("connections that are torn down in the middle of everything do not fail the ingest", async () => {
  const daemon = await startTestDaemon();
  const steady = await daemon.connect();
  steady.subscribe(SERIES);
  await steady.settled();
  for (let minute = 1; minute <= 30; minute += 1) {
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { since: 0 });
    const ingested = ingest(daemon.url, SERIES, 60 * minute);
    feed.socket.terminate();
    expect((await ingested).status).toBe(200);
  }
  const times = (await steady.settled())
    .filter(({ type }) => type === "candle_closed")
    .map(({ candle }) => (candle as { candle_time: number }).candle_time);
  expect(times).toEqual(Array.from({ length: 30 }, (_, index) => 60 * (index + 1)));
});

test("a debug client that does not read is cut off as well", async () => {
  const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1" } });
  const slow = await daemon.connect("/ws/debug");
  await slow.atLeast(1);
  slow.socket.pause();
  // Every question is answered with the whole ring; unread answers pile up.
  for (let time = 1; time <= 60; time += 1) await ingest(daemon.url, SERIES, 60 * time);
  for (let asked = 0; asked < 1_000; asked += 1) slow.send({ type: "subscribe" });
  await untilTrue("the questions to be taken", () => slow.socket.bufferedAmount === 0);
  expect((await ingest(daemon.url, SERIES, 60)).status).toBe(200);
  slow.socket.resume();
  expect(await slow.closed).toEqual({ code: 1013, reason: "slow_consumer" });
});
