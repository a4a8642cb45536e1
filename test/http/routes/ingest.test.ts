import { expect, test } from "vitest";
import { silentLog } from "../../../src/observability/event-log.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { BATCH, CLOSED, candles, FORMING, ingest, ingestAll, post, timesOf, wire } from "../request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const LEGACY = { TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "0" };
const PIPELINE = { TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1" };
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_DEV_API: "1" };

const stored = ({ app }: TestDaemon, series = SERIES) => app.store.read(series, { limit: 5_000 }).candles();

test("a closed candle is stored, drives the ledgers, is published, and only then answered", async () => {
  for (const env of [LEGACY, PIPELINE]) {
    const daemon = await startTestDaemon({ env });
    const feed = await daemon.connect();
    feed.subscribe(SERIES);
    await feed.settled();
    const answer = await ingest(daemon.url, SERIES, 1_700_000_120, 99.8);
    expect([answer.status, answer.text]).toEqual([200, `{"ok":true,"series_id":"${SERIES}","candle_time":1700000120}`]);
    expect(stored(daemon)).toEqual([{ time: 1_700_000_120, open: 1, high: 2, low: 0.5, close: 99.8, volume: 10 }]);
    expect(daemon.app.store.ledger(SERIES, "factor").head?.time).toBe(1_700_000_120);
    expect(daemon.app.store.ledger(SERIES, "overlay").head?.time).toBe(1_700_000_120);
    expect(await feed.settled()).toEqual([
      { type: "candle_closed", series_id: SERIES, candle: wire(1_700_000_120, 99.8) },
      expect.objectContaining({ type: "system", event: "factor.rebuild", series_id: SERIES }),
    ]);
  }
});

test("the same time again replaces the candle", async () => {
  const daemon = await startTestDaemon();
  await ingest(daemon.url, SERIES, 100, 1);
  await ingest(daemon.url, SERIES, 160, 2);
  await ingest(daemon.url, SERIES, 100, 3);
  expect(stored(daemon).map(({ time, close }) => [time, close])).toEqual([
    [100, 3],
    [160, 2],
  ]);
});

test("a late candle is stored and served, and not sent as one that has just closed", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ env: PIPELINE, clock });
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  for (const time of [100, 160, 280]) await ingest(daemon.url, SERIES, time);
  await feed.settled();
  await clock.advanceSettled(1_000);
  const answer = await ingest(daemon.url, SERIES, 220);
  expect([answer.status, timesOf(await candles(daemon.url, SERIES))]).toEqual([200, [100, 160, 220, 280]]);
  expect(daemon.app.store.ledger(SERIES, "overlay").head).toMatchObject({ time: 280, count: 4 });
  await ingest(daemon.url, SERIES, 340);
  const closed = (await feed.settled()).filter(({ type }) => type === "candle_closed");
  expect(closed.map(({ candle }) => candle)).toEqual([100, 160, 280, 340].map((time) => wire(time)));
});

test("no relation between the values is checked, nor the exchange known", async () => {
  const daemon = await startTestDaemon();
  const candle = { candle_time: 0, open: -5, high: 1, low: 9, close: 0, volume: -1 };
  const series = "nowhere:swaps:A:7m";
  expect((await post(daemon.url, CLOSED, { series_id: series, candle })).status).toBe(200);
  expect(stored(daemon, series)).toEqual([{ time: 0, open: -5, high: 1, low: 9, close: 0, volume: -1 }]);
});

test("candles of one series posted at once are all stored, and none is published twice", async () => {
  const daemon = await startTestDaemon();
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.settled();
  const times = Array.from({ length: 60 }, (_, index) => 60 * (index + 1));
  const answers = await Promise.all(times.map((time) => ingest(daemon.url, SERIES, time)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(timesOf(await candles(daemon.url, SERIES))).toEqual(times);
  const published = (await feed.settled()).filter(({ type }) => type === "candle_closed");
  const publishedTimes = published.map(({ candle }) => (candle as { candle_time: number }).candle_time);
  expect(publishedTimes).toEqual([...new Set(publishedTimes)].sort((a, b) => a - b));
  expect(publishedTimes.at(-1)).toBe(3_600);
});

test("a forming candle is shown to subscribers and leaves no trace", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.settled();
  const answer = await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(100) });
  expect(answer.text).toBe(`{"ok":true,"series_id":"${SERIES}","candle_time":100}`);
  expect(await feed.settled()).toEqual([{ type: "candle_forming", series_id: SERIES, candle: wire(100) }]);
  expect(daemon.app.store.seriesIds()).toEqual([]);
});

test("forming candles posted one after the other are not thinned out", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.settled();
  for (const close of [1, 2, 3]) await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(100, close) });
  expect((await feed.settled()).map(({ candle }) => (candle as { close: number }).close)).toEqual([1, 2, 3]);
});

test("a forming candle of a series that nobody follows is accepted", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  expect((await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(100) })).status).toBe(200);
});

test("a batch is one run: sorted, of repeated times the last, silent unless asked", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { supports_batch: true });
  await feed.settled();
  const silent = await post(daemon.url, BATCH, { series_id: SERIES, candles: [wire(220), wire(100), wire(220, 9)] });
  expect(silent.text).toBe(
    `{"ok":true,"series_id":"${SERIES}","count":3,"first_candle_time":100,"last_candle_time":220}`,
  );
  expect(stored(daemon).map(({ time, close }) => [time, close])).toEqual([
    [100, 1.5],
    [220, 9],
  ]);
  expect(daemon.app.store.ledger(SERIES, "factor").head?.time).toBe(220);
  expect(await feed.quiet()).toEqual([]);
  await post(daemon.url, BATCH, { series_id: SERIES, candles: [wire(340), wire(280)], publish_ws: true });
  expect(await feed.settled()).toEqual([{ type: "candles_batch", series_id: SERIES, candles: [wire(280), wire(340)] }]);
});

test("a batch of 20,000 candles is stored and published whole", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const [batches, plain] = [await daemon.connect(), await daemon.connect()];
  batches.subscribe(SERIES, { supports_batch: true });
  plain.subscribe(SERIES);
  await Promise.all([batches.settled(), plain.settled()]);
  const list = Array.from({ length: 20_000 }, (_, index) => wire(60 * (index + 1), 1234.56789));
  const answer = await post(daemon.url, BATCH, { series_id: SERIES, candles: list, publish_ws: true });
  expect(answer.json).toMatchObject({ count: 20_000, first_candle_time: 60, last_candle_time: 1_200_000 });
  expect(daemon.app.store.head(SERIES).count).toBe(20_000);
  expect((await batches.atLeast(1))[0]).toEqual({ type: "candles_batch", series_id: SERIES, candles: list });
  const one = await plain.atLeast(20_000);
  expect(one.slice(0, 20_000).map(({ candle }) => candle)).toEqual(list);
});

test("both states of the switch lead to the same store and the same messages", async () => {
  const run = async (env: Readonly<Record<string, string>>) => {
    const daemon = await startTestDaemon({ env });
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { supports_batch: true });
    await feed.settled();
    await ingestAll(daemon.url, SERIES, [100, 160, 280, 220, 280, 340]);
    const { store } = daemon.app;
    const heads = [store.ledger(SERIES, "factor").head, store.ledger(SERIES, "overlay").head];
    return { candles: stored(daemon), heads, messages: await feed.settled() };
  };
  expect(await run(PIPELINE)).toEqual(await run(LEGACY));
});

test("the log is quiet about requests that are the client's fault", async () => {
  const errors: string[] = [];
  const log = { ...silentLog, error: (event: string) => void errors.push(event), with: () => log };
  const { url } = await startTestDaemon({ log });
  await post(url, CLOSED, {});
  await post(url, CLOSED, "{");
  await ingest(url, "no series", 100);
  expect(errors).toEqual([]);
});
