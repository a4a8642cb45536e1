/**
 * Many clients, stuck clients and hostile ones, in numbers that a test can afford. What thousands of them cost is measured by
 * `npm run bench -- crowd stuck flood`.
 */
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { call } from "../http/request.js";
import { candles, flat, ingest, post } from "../support/http.js";
import { FLOOD, flood } from "../support/load/flood.js";
import { Followers } from "../support/load/followers.js";
import { Stuck } from "../support/load/stuck.js";
import { type DaemonProcess, startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { nowhereEnv } from "../support/world.js";

const SERIES = "binance:spot:BTC/USDT:1m";

/** A loopback address that nobody else listens on: its ports stay free while no daemon runs. */
const HOST = "127.0.0.84";

const CLIENTS = 500;
const STUCK = 60;
const TIMES_FLOODED = 3;

/** Resident memory may grow by this much under the flood, in bytes: some of it is what any work takes. */
const MEMORY_BOUND = 150 * 1024 * 1024;

const BATCH = "/api/dev/market/ingest/candles_closed_batch";

async function begun(url: string, series: string, from: number, count: number): Promise<void> {
  const list = Array.from({ length: count }, (_, index) => flat((from + index) * 60, 1));
  expect((await post(`${url}${BATCH}`, { series_id: series, candles: list })).status).toBe(200);
}

function residentBytes({ pid }: DaemonProcess): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

test(`${CLIENTS} clients lose their daemon at one moment and come back to the next one: no gap, no repeat`, {
  timeout: 120_000,
}, async () => {
  const env = { ...nowhereEnv(), TRADE_CANVAS_HOST: HOST, TRADE_CANVAS_ENABLE_DEV_API: "1" };
  const first = await startProcess(["start", "--bare"], env);
  const followers = new Followers({ url: first.url, series: SERIES, timeframeS: 60, count: CLIENTS });
  onTestFinished(() => followers.close());
  await followers.connect();
  const told = followers.arrivals(60);
  expect((await ingest(first.url, SERIES, flat(60, 1))).status).toBe(200);
  expect(await told).toHaveLength(CLIENTS);

  await first.end("SIGKILL");
  const next = await startProcess(["start", "--bare"], { ...env, TRADE_CANVAS_PORT: new URL(first.url).port });
  const back = followers.arrivals(62 * 60);
  await begun(next.url, SERIES, 2, 60);
  expect((await ingest(next.url, SERIES, flat(62 * 60, 1))).status).toBe(200);
  expect(await back).toHaveLength(CLIENTS);
  expect(followers.report()).toEqual({
    ...{ candles: 62 * CLIENTS, repeats: 0, gaps: 0, faults: 0, told: [] },
    losses: expect.any(Number),
  });
  expect(followers.report().losses).toBeGreaterThanOrEqual(CLIENTS);
});

test("half-sent requests and clients that never read are hung up on, and others are served meanwhile", {
  timeout: 120_000,
}, async () => {
  const daemon = await startProcess(["start", "--bare"], { ...nowhereEnv(), TRADE_CANVAS_ENABLE_DEV_API: "1" });
  await begun(daemon.url, SERIES, 1, 20_000);
  const stuck = new Stuck(daemon.url, SERIES);
  onTestFinished(() => stuck.end());
  await stuck.begin(STUCK);
  expect(stuck.open).toBe(STUCK);
  const reader = new Followers({ url: daemon.url, series: SERIES, timeframeS: 60, count: 5 });
  onTestFinished(() => reader.close());
  await reader.connect();
  let minute = 20_000;
  await untilTrue(
    "a half-sent header to be hung up on",
    async () => {
      minute += 1;
      const arrived = reader.arrivals(minute * 60);
      expect((await ingest(daemon.url, SERIES, flat(minute * 60, 1))).status).toBe(200);
      expect(await arrived).toHaveLength(5);
      expect((await candles(daemon.url, SERIES, "&limit=500")).body.candles).toHaveLength(500);
      return stuck.hungUpOn >= STUCK / 3;
    },
    60_000,
    () => [stuck.open, stuck.hungUpOn],
  );
  expect(reader.report()).toMatchObject({ repeats: 0, gaps: 0, faults: 0 });
});

test("a flood of malformed frames and oversized bodies changes nothing, and others do not notice", {
  timeout: 120_000,
}, async () => {
  const daemon = await startProcess(["start", "--bare"], { ...nowhereEnv(), TRADE_CANVAS_ENABLE_DEV_API: "1" });
  await begun(daemon.url, SERIES, 1, 1_000);
  const reads = [
    `/api/market/candles?series_id=${encodeURIComponent(SERIES)}&limit=5000`,
    `/api/feed/gaps?series_id=${encodeURIComponent(SERIES)}`,
    `/api/draw/delta?series_id=${encodeURIComponent(SERIES)}`,
    "/api/market/whitelist",
  ];
  const state = async () => Promise.all(reads.map(async (path) => (await call(daemon.url, path)).text));
  const before = await state();
  const readers = new Followers({ url: daemon.url, series: "binance:spot:ETH/USDT:1m", timeframeS: 60, count: 5 });
  onTestFinished(() => readers.close());
  await readers.connect();
  // The first time there is much that is made once.
  await flood(daemon.url, 1, 4);
  const memory = residentBytes(daemon);
  const ended = await flood(daemon.url, TIMES_FLOODED, 8);
  expect(residentBytes(daemon) - memory).toBeLessThan(MEMORY_BOUND);
  // Three kinds of messages are answered as honest mistakes, on a connection that stays.
  expect(ended).toBeGreaterThanOrEqual((FLOOD.length - 4) * TIMES_FLOODED);

  expect(await state()).toEqual(before);
  const arrived = readers.arrivals(120);
  for (const minute of [1, 2]) await ingest(daemon.url, "binance:spot:ETH/USDT:1m", flat(minute * 60, 1));
  expect(await arrived).toHaveLength(5);
  expect(readers.report()).toEqual({ candles: 10, repeats: 0, gaps: 0, faults: 0, losses: 0, told: [] });
});
