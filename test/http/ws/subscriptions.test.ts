/** What a subscription delivers, from catch-up to unsubscription. Spec: ws-api §2.1–2.7. */
import { expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { seededRandom } from "../../../src/clock/random.js";
import { MAX_QUEUED_FRAMES } from "../../../src/http/ws/outbox.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import type { WsClient } from "../../support/ws-client.js";
import { BATCH, FORMING, ingest, ingestAll, post, wire } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const OTHER = "binance:spot:ETH/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_DEV_API: "1" };
const PAGES_OF_100 = { ...OPEN, TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT: "100" };
const { batchSilent, batchPublished } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

const closed = (time: number, series = SERIES) => ({ type: "candle_closed", series_id: series, candle: wire(time) });
const forming = (time: number) => ({ type: "candle_forming", series_id: SERIES, candle: wire(time) });

/** Times of all closed candles in the order in which they came, single or in batches. */
function closedTimes(feed: WsClient): number[] {
  return feed.messages.flatMap((message) => {
    const { candle, candles = [candle] } = message as { candle?: { candle_time: number }; candles?: never[] };
    const isClosed = message.type === "candle_closed" || message.type === "candles_batch";
    return isClosed ? (candles as { candle_time: number }[]).map(({ candle_time }) => candle_time) : [];
  });
}

async function store({ app }: TestDaemon, start: number, count: number, policy = batchSilent): Promise<number[]> {
  const candles = candleSeries(start, count);
  await app.runtime.ingest(parseSeriesId(SERIES), candles, policy);
  return candles.map(({ time }) => time);
}

test("without since come the newest candles, up to the catch-up limit, and no gap", async () => {
  const daemon = await startTestDaemon({ env: PAGES_OF_100 });
  const times = await store(daemon, 60, 250);
  await ingest(daemon.url, SERIES, 60 * 300);
  for (const supports_batch of [false, true]) {
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { supports_batch });
    await feed.quiet();
    expect(closedTimes(feed)).toEqual([...times.slice(-99), 60 * 300]);
    expect(feed.messages.some(({ type }) => type === "gap")).toBe(false);
  }
});

test("a catch-up longer than the limit comes page by page, whole and once", async () => {
  const daemon = await startTestDaemon({ env: PAGES_OF_100 });
  const times = await store(daemon, 60, 1_050);
  const [plain, batches] = [await daemon.connect(), await daemon.connect()];
  plain.subscribe(SERIES, { since: 60 });
  batches.subscribe(SERIES, { since: 60, supports_batch: true });
  await plain.atLeast(1_049);
  await batches.atLeast(11);
  for (const feed of [plain, batches]) {
    await feed.quiet();
    expect(closedTimes(feed)).toEqual(times.slice(1));
  }
  const sizes = batches.messages.map(({ candles }) => (candles as unknown[]).length);
  expect(sizes).toEqual([...Array(10).fill(100), 49]);
});

test("a catch-up of exactly the limit, and of one more", async () => {
  const daemon = await startTestDaemon({ env: PAGES_OF_100 });
  const times = await store(daemon, 60, 201);
  for (const [since, sizes] of [
    [times[100], [100]],
    [times[99], [100, 1]],
    [times[0], [100, 100]],
    [times[200], []],
  ] as const) {
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { since, supports_batch: true });
    await feed.quiet();
    expect(feed.messages.map(({ candles }) => (candles as unknown[]).length)).toEqual(sizes);
  }
});

test("a limit beyond what may wait for a client costs it no connection", async () => {
  const limit = 5 * MAX_QUEUED_FRAMES;
  const daemon = await startTestDaemon({ env: { TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT: String(limit) } });
  const candles = candleSeries(60, limit);
  await daemon.app.store.commit({ series: SERIES, upsert: candles });
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.atLeast(limit);
  expect(closedTimes(feed)).toEqual(candles.map(({ time }) => time));
});

test("a gap before the first candle of the catch-up is announced; holes inside are not", async () => {
  const daemon = await startTestDaemon();
  await ingestAll(daemon.url, SERIES, [100, 280, 400]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 100 });
  expect(await feed.quiet()).toEqual([
    { type: "gap", series_id: SERIES, expected_next_time: 160, actual_time: 280 },
    closed(280),
    closed(400),
  ]);
});

test("subscribing again replaces the subscription: cursor and mode begin anew, and nothing comes twice live", async () => {
  const daemon = await startTestDaemon();
  await ingestAll(daemon.url, SERIES, [100, 160]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 100 });
  feed.subscribe(SERIES, { since: 100, supports_batch: true });
  feed.subscribe(SERIES, { since: 160 });
  await feed.settled();
  await ingest(daemon.url, SERIES, 220);
  expect(await feed.quiet()).toEqual([
    closed(160),
    { type: "candles_batch", series_id: SERIES, candles: [wire(160)] },
    closed(220),
  ]);
});

test("after unsubscribing nothing comes; after subscribing again it goes on", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, SERIES, [100]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 100 });
  feed.send({ type: "unsubscribe", series_id: OTHER });
  await feed.settled();
  await ingest(daemon.url, SERIES, 160);
  feed.send({ type: "unsubscribe", series_id: SERIES });
  feed.send({ type: "unsubscribe", series_id: SERIES });
  await feed.settled();
  await ingest(daemon.url, SERIES, 220);
  await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(280) });
  expect(await feed.quiet()).toEqual([closed(160)]);
  feed.subscribe(SERIES, { since: 160 });
  await feed.settled();
  await ingest(daemon.url, SERIES, 280);
  expect(await feed.quiet()).toEqual([closed(160), closed(220), closed(280)]);
});

test("one connection follows several series, each with a cursor of its own", async () => {
  const daemon = await startTestDaemon();
  await ingestAll(daemon.url, SERIES, [100, 160]);
  await ingestAll(daemon.url, OTHER, [100, 160]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 160 });
  feed.subscribe(OTHER, { since: 100 });
  await feed.settled();
  await ingest(daemon.url, OTHER, 220);
  await ingest(daemon.url, SERIES, 220);
  feed.send({ type: "unsubscribe", series_id: OTHER });
  await feed.settled();
  await ingest(daemon.url, OTHER, 280);
  await ingest(daemon.url, SERIES, 280);
  expect(await feed.quiet()).toEqual([closed(160, OTHER), closed(220, OTHER), closed(220), closed(280)]);
});

test("forming candles come only if they are later than what was sent, and move nothing", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.settled();
  for (const time of [40, 100]) await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(time) });
  await ingest(daemon.url, SERIES, 40);
  await ingest(daemon.url, SERIES, 100);
  for (const time of [40, 100, 101]) await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(time) });
  const messages = (await feed.quiet()).filter(({ type }) => type !== "system");
  expect(messages).toEqual([forming(40), forming(100), closed(40), closed(100), forming(101)]);
});

test("a batch with late, repeated and new candles: only the new ones are sent", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, SERIES, [100, 160]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 160, supports_batch: true });
  await feed.settled();
  const list = [wire(280), wire(160), wire(40), wire(220)];
  await post(daemon.url, BATCH, { series_id: SERIES, candles: list, publish_ws: true });
  await post(daemon.url, BATCH, { series_id: SERIES, candles: [wire(40), wire(100)], publish_ws: true });
  expect(await feed.quiet()).toEqual([{ type: "candles_batch", series_id: SERIES, candles: [wire(220), wire(280)] }]);
});

test("candles stored without being published are sent with the next one that is", async () => {
  const daemon = await startTestDaemon();
  await ingestAll(daemon.url, SERIES, [100]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 100 });
  await feed.settled();
  await daemon.app.runtime.ingest(parseSeriesId(SERIES), [candleAt(160), candleAt(220)], batchSilent);
  await ingest(daemon.url, SERIES, 280);
  await feed.quiet();
  expect(closedTimes(feed)).toEqual([160, 220, 280]);
  expect(feed.messages.some(({ type }) => type === "gap")).toBe(false);
});

test("clients that come and go while candles come in get each candle once, in order, from their cursor on", async () => {
  const daemon = await startTestDaemon({ env: PAGES_OF_100 });
  const random = seededRandom(3);
  await store(daemon, 60, 300);
  const all = Array.from({ length: 420 }, (_, index) => 60 * (index + 1));
  const feeds: { feed: WsClient; since: number }[] = [];
  for (let next = 300; next < 420; next += 1) {
    if (random() < 0.2) {
      const feed = await daemon.connect();
      const since = all[Math.floor(random() * next)] as number;
      feed.subscribe(SERIES, { since, supports_batch: random() < 0.5 });
      if (random() < 0.3) feed.subscribe(SERIES, { since: all[next - 1] });
      else feeds.push({ feed, since });
    }
    const grouped = random() < 0.3 && next < 418 ? 3 : 1;
    const candles = all.slice(next, next + grouped).map((time) => candleAt(time));
    next += grouped - 1;
    const ingested = daemon.app.runtime.ingest(parseSeriesId(SERIES), candles, batchPublished);
    if (random() < 0.7) await ingested;
  }
  await daemon.app.runtime.ingest(parseSeriesId(SERIES), [candleAt(420 * 60)], batchPublished);
  expect(feeds.length).toBeGreaterThan(5);
  for (const { feed, since } of feeds) {
    await feed.quiet();
    expect(closedTimes(feed)).toEqual(all.filter((time) => time > since));
    expect(feed.messages.some(({ type }) => type === "gap")).toBe(false);
  }
});

test("a connection follows 1,000 series and no more; giving one up makes room", async () => {
  const { connect } = await startTestDaemon();
  const feed = await connect();
  const series = (index: number) => `binance:spot:S${index}/USDT:1m`;
  for (let index = 0; index < 1_001; index += 1) feed.subscribe(series(index));
  feed.subscribe(series(5), { since: 7 });
  const refusal = {
    type: "error",
    code: "bad_request",
    message: "too many subscriptions: at most 1000 on one connection",
  };
  expect(await feed.settled()).toEqual([refusal]);
  feed.send({ type: "unsubscribe", series_id: series(0) });
  feed.subscribe(series(1_000));
  expect(await feed.settled()).toEqual([refusal]);
});
