import { expect, test, vi } from "vitest";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { StoreError } from "../../../src/storage/errors.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { failingOverlay } from "../failing.js";
import { BATCH, call, candles, ingest, post, wire } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const ENV = {
  TRADE_CANVAS_ENABLE_DEBUG_API: "1",
  TRADE_CANVAS_ENABLE_DEV_API: "1",
  TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1",
};

interface Snapshot {
  readonly enabled: boolean;
  readonly updated_at_ms: number;
  readonly counters: Record<string, number>;
  readonly gauges: Record<string, number>;
  readonly timers: Record<string, { count: number; total_ms: number; max_ms: number; avg_ms: number }>;
}

async function metrics({ url }: TestDaemon): Promise<Snapshot> {
  return (await call(url, "/api/market/debug/metrics")).json as unknown as Snapshot;
}

test("before anything is recorded", async () => {
  const daemon = await startTestDaemon({ env: ENV });
  expect(await metrics(daemon)).toEqual({ enabled: true, updated_at_ms: 0, counters: {}, gauges: {}, timers: {} });
});

test("ingest of single candles and of batches, good and bad", async () => {
  const daemon = await startTestDaemon({ env: ENV });
  await ingest(daemon.url, SERIES, 100);
  await ingest(daemon.url, SERIES, 160);
  await post(daemon.url, BATCH, { series_id: SERIES, candles: [wire(280), wire(220)] });
  // Refused before anything is run: no ingest.
  await ingest(daemon.url, "no series", 100);
  await post(daemon.url, BATCH, { series_id: SERIES, candles: [] });
  const { counters, gauges, timers, updated_at_ms } = await metrics(daemon);
  expect(updated_at_ms).toBe(DAEMON_NOW_MS);
  expect(counters).toEqual({
    "market_ingest_closed_batch_requests_total{result=ok}": 1,
    "market_ingest_closed_requests_total{result=ok}": 2,
  });
  expect(gauges).toEqual({ [`market_ingest_last_candle_time{series_id=${SERIES}}`]: 280 });
  expect(Object.keys(timers)).toEqual([
    "market_ingest_closed_batch_duration_ms{result=ok}",
    "market_ingest_closed_duration_ms{result=ok}",
  ]);
  expect(timers["market_ingest_closed_duration_ms{result=ok}"]).toEqual({
    count: 2,
    total_ms: expect.any(Number),
    max_ms: expect.any(Number),
    avg_ms: expect.any(Number),
  });
});

test("a failed ingest is counted with the step that failed", async () => {
  const env = { ...ENV, TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1" };
  const daemon = await startTestDaemon({ env, parts: failingOverlay({ message: "boom" }) });
  await ingest(daemon.url, SERIES, 100);
  await post(daemon.url, BATCH, { series_id: SERIES, candles: [wire(160)] });
  const { counters, timers, gauges } = await metrics(daemon);
  expect(counters).toMatchObject({
    "actor_crashes_total{level=overlay}": 2,
    "market_ingest_closed_batch_requests_total{result=error,step=overlay.ingest_closed}": 1,
    "market_ingest_closed_requests_total{result=error,step=overlay.ingest_closed}": 1,
  });
  expect(Object.keys(timers)).toEqual([
    "market_ingest_closed_batch_duration_ms{result=error}",
    "market_ingest_closed_duration_ms{result=error}",
  ]);
  expect(gauges).toEqual({});
});

test("reads of candles: counts and lag by series, and no key for a series that does not exist", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ env: ENV, clock });
  await ingest(daemon.url, SERIES, 1_700_000_280);
  await ingest(daemon.url, SERIES, 1_700_000_340);
  await candles(daemon.url, SERIES);
  await candles(daemon.url, SERIES, "&since=1700000280");
  await candles(daemon.url, "binance:spot:UNKNOWN/USDT:1m");
  await candles(daemon.url, SERIES, "&limit=0");
  const { counters, gauges, timers } = await metrics(daemon);
  expect(counters["market_query_candles_requests_total{result=ok}"]).toBe(3);
  expect(timers["market_query_candles_duration_ms{result=ok}"]?.count).toBe(3);
  expect(Object.fromEntries(Object.entries(gauges).filter(([key]) => key.startsWith("market_query")))).toEqual({
    [`market_query_candles_result_count{series_id=${SERIES}}`]: 1,
    [`market_query_head_lag_seconds{series_id=${SERIES}}`]: 60,
    [`market_query_head_time{series_id=${SERIES}}`]: 1_700_000_340,
  });
});

test("subscriptions, catch-up, unsubscriptions and disconnects of the live feed", async () => {
  const daemon = await startTestDaemon({ env: ENV });
  for (const time of [100, 160, 220]) await ingest(daemon.url, SERIES, time);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 100 });
  feed.subscribe("binance:spot:A/B:1m");
  feed.subscribe("binance:spot:C/D:1m");
  await feed.settled();
  const during = await metrics(daemon);
  expect(during.counters).toMatchObject({
    "market_ws_subscribe_total{result=ok}": 3,
    market_ws_catchup_candles_total: 2,
    market_ws_payloads_total: 2,
  });
  expect(during.gauges).toMatchObject({
    market_ws_active_subscriptions: 3,
    market_ws_last_catchup_count: 0,
    market_ws_last_payload_count: 0,
  });
  expect(during.timers["market_ws_subscribe_duration_ms{result=ok}"]?.count).toBe(3);
  feed.subscribe(SERIES, { since: 100, supports_batch: true });
  feed.send({ type: "unsubscribe", series_id: "binance:spot:A/B:1m" });
  feed.send({ type: "unsubscribe", series_id: "binance:spot:A/B:1m" });
  await feed.settled();
  const replaced = await metrics(daemon);
  expect(replaced.counters).toMatchObject({
    "market_ws_subscribe_total{result=ok}": 4,
    "market_ws_unsubscribe_total{result=noop}": 1,
    "market_ws_unsubscribe_total{result=ok}": 1,
    market_ws_catchup_candles_total: 4,
    market_ws_payloads_total: 3,
  });
  expect(replaced.gauges).toMatchObject({
    market_ws_active_subscriptions: 2,
    market_ws_last_catchup_count: 2,
    market_ws_last_payload_count: 1,
  });
  expect(replaced.timers["market_ws_unsubscribe_duration_ms{result=noop}"]?.count).toBe(1);
  await feed.end();
  const cleanups = async () => (await metrics(daemon)).counters.market_ws_disconnect_cleanup_total;
  await untilTrue("the cleanup", async () => (await cleanups()) === 1);
  const after = await metrics(daemon);
  expect(after.counters).toMatchObject({
    "market_ws_disconnect_unsubscribe_total{result=ok}": 2,
  });
  expect(after.gauges).toMatchObject({
    market_ws_active_subscriptions: 0,
    market_ws_disconnect_cleanup_series_count: 2,
  });
});

test("a disconnect gives back every subscription, and counts those for which that failed", async () => {
  const daemon = await startTestDaemon({ env: { ...ENV, TRADE_CANVAS_ENABLE_ONDEMAND_INGEST: "1" } });
  const feed = await daemon.connect();
  const others = ["binance:futures:A/USDT:1m", "binance:futures:B/USDT:1m"];
  for (const series of [SERIES, ...others]) feed.subscribe(series);
  await feed.settled();
  const released: string[] = [];
  vi.spyOn(daemon.app.runtime, "release").mockImplementation((series) => {
    if (series === SERIES) throw new Error("boom");
    released.push(series);
  });
  await feed.end();
  const cleanups = async () => (await metrics(daemon)).counters.market_ws_disconnect_cleanup_total;
  await untilTrue("the cleanup", async () => (await cleanups()) === 1);
  const { counters, gauges } = await metrics(daemon);
  expect(counters).toMatchObject({
    "market_ws_disconnect_unsubscribe_total{result=error}": 1,
    "market_ws_disconnect_unsubscribe_total{result=ok}": 2,
  });
  expect([gauges.market_ws_active_subscriptions, released]).toEqual([0, others]);
});

test("a read that fails is counted as one", async () => {
  const daemon = await startTestDaemon({ env: ENV });
  vi.spyOn(daemon.app.store, "read").mockImplementation(() => {
    throw new StoreError("store_damaged", "a chunk fails its checksum");
  });
  expect((await candles(daemon.url, SERIES)).status).toBe(500);
  const { counters, timers } = await metrics(daemon);
  expect(counters["market_query_candles_requests_total{result=error}"]).toBe(1);
  expect(timers["market_query_candles_duration_ms{result=error}"]?.count).toBe(1);
});

test("keys are sorted", async () => {
  const daemon = await startTestDaemon({ env: ENV });
  await ingest(daemon.url, SERIES, 100);
  await candles(daemon.url, SERIES);
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.settled();
  const { counters, gauges, timers } = await metrics(daemon);
  for (const part of [counters, gauges, timers]) expect(Object.keys(part)).toEqual(Object.keys(part).sort());
  expect(Object.keys(counters).length).toBeGreaterThan(2);
});

test("switched off, nothing is recorded and nothing is shown", async () => {
  const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1" } });
  await ingest(daemon.url, SERIES, 100);
  expect((await call(daemon.url, "/api/market/debug/metrics")).status).toBe(404);
});
