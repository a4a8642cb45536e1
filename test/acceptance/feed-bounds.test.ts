/** Bounds of the feed that an observer on both sides of the daemon sees; each test names its bound. Spec: feed-behaviour. */
import { describe, expect, test } from "vitest";
import type { IngestStateView } from "../../src/actors/feed/ingest-state.js";
import { FeedClient } from "../support/feed-client.js";
import { liveDaemon } from "../support/followed.js";
import { candles, get } from "../support/http.js";
import type { DaemonProcess } from "../support/process.js";
import { until, untilTrue } from "../support/until.js";
import { BTC, ETH, SPOT_BTC, startWorld, truth, WORLD_START_MS, type World } from "../support/world.js";

const START_S = WORLD_START_MS / 1000;

async function head(daemon: DaemonProcess, series: string): Promise<number> {
  return (await candles(daemon.url, series, "&limit=1")).body.server_head_time ?? 0;
}

async function untilHead(daemon: DaemonProcess, series: string, timeS: number): Promise<void> {
  await untilTrue(`${series} to reach ${timeS}`, async () => (await head(daemon, series)) >= timeS, 30_000);
}

async function expectTruth(world: World, daemon: DaemonProcess, series: string): Promise<void> {
  const { body } = await candles(daemon.url, series, "&limit=5000");
  const first = body.candles[0]?.candle_time ?? 0;
  const last = body.candles.at(-1)?.candle_time ?? 0;
  expect(body.candles).toEqual(truth(world.exchange, series, first, last + 60));
}

test("B1: times of the debug snapshot and the idle time of a job run on the injected clock", async () => {
  const world = await startWorld({ speed: 15 });
  const daemon = await liveDaemon(world, []);
  const jobs = async () => (await get<IngestStateView>(`${daemon.url}/api/market/debug/ingest_state`)).body.jobs;
  const client = await FeedClient.connect(daemon.url);
  client.subscribe(BTC, null);
  const job = await until("the job", async () => (await jobs())[0]);
  expect(job).toMatchObject({ series_id: BTC, refcount: 1, last_zero_at: null });
  expect(Math.abs(job.started_at - world.clock.now() / 1000)).toBeLessThan(60);
  client.send({ type: "unsubscribe", series_id: BTC });
  const idle = await until("the idle job", async () => (await jobs()).find((one) => one.last_zero_at !== null));
  expect(idle.refcount).toBe(0);
  const idleAt = idle.last_zero_at as number;
  expect(Math.abs(idleAt - world.clock.now() / 1000)).toBeLessThan(60);
  await untilTrue("the job to be reaped", async () => (await jobs()).length === 0);
  expect(world.clock.now() / 1000 - idleAt).toBeGreaterThanOrEqual(60);
  expect(world.clock.now() / 1000 - idleAt).toBeLessThan(60 + 30);
  await untilTrue("the stream to be given back", () =>
    world.exchange.futures.journal.entries("control").some((message) => message.method === "UNSUBSCRIBE"),
  );
});

test("B2, B3: the routes of both markets; one socket and few messages for 15 streams, within the frame limit", async () => {
  const names = Array.from({ length: 13 }, (_, index) => `S${index}USDT`);
  const world = await startWorld({ speed: 20, moreFutures: names });
  const series = [BTC, ETH, ...names.map((name) => `binance:futures:${name.replace("USDT", "/USDT")}:1m`)];
  await liveDaemon(world, [...series, SPOT_BTC]);
  const { spot, futures } = world.exchange;
  await untilTrue("all streams", () => futures.liveStreams() === 15 && spot.liveStreams() === 1);
  expect(futures.journal.entries("attempt").map((attempt) => attempt.target)).toEqual(["/market/stream"]);
  expect(spot.journal.entries("attempt").map((attempt) => attempt.target)).toEqual(["/stream"]);
  const subscribes = futures.journal.entries("control").filter((message) => message.method === "SUBSCRIBE");
  expect(subscribes.length).toBeLessThanOrEqual(4);
  expect(subscribes.flatMap((message) => message.params).sort()).toEqual(
    ["btcusdt", "ethusdt", ...names.map((name) => name.toLowerCase())].map((name) => `${name}@kline_1m`).sort(),
  );
  await untilTrue(
    "pings of the server to be answered",
    () => spot.journal.entries("heartbeat").filter((beat) => beat.what === "pong").length >= 2,
  );
  expect(futures.journal.entries("closed")).toEqual([]);
  expect(spot.journal.entries("closed")).toEqual([]);
});

test("B5, B6: finals that never come are fetched, each within 115 s of its close, and never made of an update", async () => {
  const world = await startWorld({ speed: 30 });
  const { futures } = world.exchange;
  const daemon = await liveDaemon(world, [BTC]);
  const client = await FeedClient.connect(daemon.url);
  await untilHead(daemon, BTC, START_S);
  client.subscribe(BTC, await head(daemon, BTC));
  futures.faults.switchOn({ kind: "drop-finals" });
  futures.faults.switchOn({ kind: "rest-lag", lagMs: 8_000, shows: "nothing" });
  const late: number[] = [];
  let seen = 0;
  const asked = futures.journal.count("rest");
  await untilTrue("some minutes without finals", () => {
    for (const candle of client.closedCandles(BTC).slice(seen)) {
      late.push(world.clock.now() / 1000 - (candle.candle_time + 60));
      seen += 1;
    }
    return seen >= 6;
  });
  expect(Math.max(...late)).toBeLessThanOrEqual(115);
  expect(futures.journal.count("rest") - asked).toBeLessThan(40);
  const live = client.closedCandles(BTC);
  expect(live).toEqual(truth(world.exchange, BTC, live[0]?.candle_time ?? 0, (live.at(-1)?.candle_time ?? 0) + 60));
});

describe("B7: a range that cannot be fetched is fetched when the obstacle is gone, before anything later is released", () => {
  test.each([
    ["503", { kind: "rest-refusal", status: 503 }],
    ["429 with a time", { kind: "rest-refusal", status: 429, retryAfterS: 60 }],
    ["418 with a time", { kind: "rest-refusal", status: 418, retryAfterS: 120 }],
    ["answers that are no data", { kind: "rest-garbage", shape: "html" }],
    ["no answer", { kind: "rest-slow" }],
  ] as const)("after a reconnect: %s", async (_, fault) => {
    const world = await startWorld({ speed: 80 });
    const { futures } = world.exchange;
    const daemon = await liveDaemon(world, [BTC]);
    await untilHead(daemon, BTC, START_S);
    const client = await FeedClient.connect(daemon.url);
    client.subscribe(BTC, await head(daemon, BTC));
    await futures.goOffline("ws");
    const lostAt = await head(daemon, BTC);
    await untilTrue("some minutes to pass", () => world.clock.now() / 1000 > lostAt + 5 * 60);
    const obstacle = futures.faults.switchOn(fault);
    await futures.goOnline("ws");
    await untilTrue("finals behind the hole", () =>
      futures.journal.entries("final").some((final) => final.openMs / 1000 > lostAt + 6 * 60),
    );
    const duringObstacle = client.closedCandles(BTC).at(-1)?.candle_time ?? 0;
    expect(client.closedCandles(BTC)).toEqual(
      truth(world.exchange, BTC, client.closedCandles(BTC)[0]?.candle_time ?? 0, duringObstacle + 60),
    );
    futures.faults.switchOff(obstacle);
    const endedAt = world.clock.now();
    await untilTrue("the hole to be filled", async () => (await head(daemon, BTC)) > endedAt / 1000 - 120, 30_000);
    expect(world.clock.now() - endedAt).toBeLessThan(4 * 60_000 + 120_000);
    await expectTruth(world, daemon, BTC);
    const live = client.closedCandles(BTC);
    expect(live).toEqual(truth(world.exchange, BTC, live[0]?.candle_time ?? 0, (live.at(-1)?.candle_time ?? 0) + 60));
    expect(client.ofType("gap")).toEqual([]);
  });

  test("a 429 is obeyed: not one request until its time is over", async () => {
    const world = await startWorld({ speed: 60 });
    const { futures } = world.exchange;
    futures.faults.switchOn({ kind: "rest-refusal", status: 429, retryAfterS: 90, times: 1 });
    await liveDaemon(world, [BTC]);
    const atMs = (when: (request: { atMs: number; status: number | undefined }) => boolean) =>
      futures.journal.entries("rest").find(when)?.atMs;
    await untilTrue("the refusal", () => atMs(({ status }) => status === 429) !== undefined);
    const refusedAtMs = atMs(({ status }) => status === 429) ?? Number.NaN;
    // What was under way together with the refused request may still come; nothing is sent after it.
    const next = () => atMs((request) => request.atMs > refusedAtMs + 2_000);
    await untilTrue("the next request", () => next() !== undefined, 30_000);
    expect((next() ?? Number.NaN) - refusedAtMs).toBeGreaterThanOrEqual(90_000);
  });

  test("a ban outlives the daemon: the next one asks nothing until it is over, and then fetches the history", async () => {
    const world = await startWorld({ speed: 60 });
    const { futures } = world.exchange;
    const banned = futures.faults.switchOn({ kind: "rest-refusal", status: 418, retryAfterS: 300 });
    const env = { TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: "200" };
    const first = await liveDaemon(world, [BTC], env);
    await untilTrue("the ban", () => first.output().includes('"event":"rest.silenced"'));
    const bannedAt = world.clock.now();
    await first.end("SIGKILL");
    futures.faults.switchOff(banned);
    const asked = futures.journal.count("rest");
    const second = await liveDaemon(world, [BTC], env);
    await untilTrue("a minute to pass", () => world.clock.now() > bannedAt + 120_000);
    expect(futures.journal.count("rest")).toBe(asked);
    await untilTrue(
      "the history",
      async () => (await candles(second.url, BTC, "&limit=5000")).body.candles.length >= 200,
      30_000,
    );
    expect(world.clock.now() - bannedAt).toBeGreaterThanOrEqual(290_000);
    await expectTruth(world, second, BTC);
  });
});

describe("B8: the daemon serves at once, whatever REST answers", () => {
  test.each([503, 418])("%i", async (status) => {
    const world = await startWorld({ speed: 60 });
    for (const market of [world.exchange.futures, world.exchange.spot])
      market.faults.switchOn({ kind: "rest-refusal", status });
    const began = performance.now();
    const daemon = await liveDaemon(world, [BTC, SPOT_BTC]);
    expect((await candles(daemon.url, BTC)).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(5_000);
    // Without the list of symbols the stream is followed all the same: new candles do not wait for a ban to end.
    const client = await FeedClient.connect(daemon.url);
    client.subscribe(BTC, null);
    await untilTrue("the forming candle", () => client.ofType("candle_forming").length > 0);
  });
});

test("B16: entries of the whitelist that cannot be fed are logged and skipped; the others are fed", async () => {
  const world = await startWorld({ speed: 60 });
  const unknown = "binance:futures:NOSUCH/USDT:1m";
  const foreign = "kraken:spot:BTC/USD:1m";
  const unparsable = "binance:futures:BTC/USDT:1w";
  const daemon = await liveDaemon(world, [unknown, foreign, unparsable, BTC]);
  await untilHead(daemon, BTC, START_S);
  expect((await get(`${daemon.url}/api/market/whitelist`)).body).toEqual({
    series_ids: [unknown, foreign, unparsable, BTC],
  });
  await untilTrue("the unknown symbol to be refused", () => daemon.output().includes("NOSUCH/USDT is not listed"));
  for (const reason of ["unsupported exchange for realtime ingest: 'kraken'", "unsupported timeframe unit: 'w'"]) {
    expect(daemon.output()).toContain(reason);
  }
  const health = await get<Record<string, unknown>>(
    `${daemon.url}/api/market/health?series_id=${encodeURIComponent(unknown)}`,
  );
  expect(health).toMatchObject({
    status: 200,
    body: { status: "red", status_reason: "missing_head", head_time: null },
  });
  const streams = world.exchange.futures.connections().flatMap((connection) => connection.subscriptions);
  expect(streams).toEqual(["btcusdt@kline_1m"]);
});

test("B22: what is shown as forming was sent by the exchange, and never goes back in time", async () => {
  const world = await startWorld({ speed: 60 });
  world.exchange.futures.faults.switchOn({ kind: "stale-updates" });
  world.exchange.futures.faults.switchOn({ kind: "duplicate", copies: 2 });
  const daemon = await liveDaemon(world, [BTC]);
  const client = await FeedClient.connect(daemon.url);
  client.subscribe(BTC, null);
  await untilTrue("a few minutes", () => client.ofType("candle_closed").length >= 5);
  let newest = 0;
  for (const { type, candle } of client.messages) {
    if (candle === undefined) continue;
    if (type === "candle_closed") newest = Math.max(newest, candle.candle_time + 1);
    else expect(candle.candle_time).toBeGreaterThanOrEqual(newest);
    if (type === "candle_forming") newest = Math.max(newest, candle.candle_time);
  }
  const times = client.closedCandles(BTC).map((candle) => candle.candle_time);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});
