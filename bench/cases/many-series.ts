import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSystemClock, formatClockScale } from "../../src/clock/system-clock.js";
import { settingsForSpeed, walkingSymbols } from "../../src/sim/presets.js";
import { type SimulatedExchange, startSimulatedExchange } from "../../src/sim/simulated-exchange.js";
import { fill } from "../lib/candles.js";
import type { BenchmarkCase, Figures } from "../lib/case.js";
import { startDaemon, storeFolder } from "../lib/daemon.js";
import { connectFeed, type FeedSocket } from "../lib/feed.js";
import { perSecond, round, spread } from "../lib/stats.js";

const SERIES = 1_000;
const SPEED = 10;
const MINUTES = 5;
const STORED_EACH = 500;
const MORE_THOUSANDS = 3;

const symbols = Array.from({ length: SERIES }, (_, index) => `S${index}USDT`);
const seriesIds = symbols.map((symbol) => `binance:futures:${symbol.replace("USDT", "/USDT")}:1m`);

/** An exchange with 1,000 symbols whose candles all close at the same instant, and what points a daemon at it. */
async function manySymbols(): Promise<{ exchange: SimulatedExchange; env: Readonly<Record<string, string>> }> {
  const scale = { virtualMs: 1_746_446_400_000, realMs: Date.now(), speed: SPEED };
  const clock = createSystemClock(scale);
  const speedy = settingsForSpeed("futures", SPEED);
  const exchange = await startSimulatedExchange({
    clock,
    seed: 1,
    markets: {
      futures: {
        symbols: walkingSymbols("futures", symbols, 1, scale.virtualMs - 86_400_000),
        settings: { ...speedy, stream: { updateCadenceMs: 5_000, finalDelayMinMs: 500, finalDelayMaxMs: 500 } },
      },
    },
  });
  return {
    exchange,
    env: {
      TRADE_CANVAS_SIM_CLOCK: formatClockScale(scale),
      TRADE_CANVAS_BINANCE_FUTURES_WS_URL: exchange.futures.wsUrl,
      TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: exchange.futures.restUrl,
      TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
      TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
      TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH: "1",
    },
  };
}

async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Latencies from the exchange's frame to the client's message, minute by minute. */
async function followCloses(exchange: SimulatedExchange, url: string): Promise<Figures> {
  const sent = new Map<string, number>();
  const stop = exchange.futures.journal.listen((entry) => {
    if (entry.kind === "final") sent.set(`${entry.symbol} ${entry.openMs / 1000}`, performance.now());
  });
  const feed = await connectFeed(url);
  const latencies: number[] = [];
  const minutes = new Map<number, { first: number; last: number; count: number }>();
  feed.onText = (text) => {
    const { type, series_id, candle } = JSON.parse(text);
    if (type !== "candle_closed") return;
    const now = performance.now();
    const sentAt = sent.get(`${series_id.split(":")[2].replace("/", "")} ${candle.candle_time}`);
    if (sentAt === undefined) return;
    latencies.push(now - sentAt);
    const minute = minutes.get(candle.candle_time) ?? { first: sentAt, last: 0, count: 0 };
    minutes.set(candle.candle_time, { first: Math.min(minute.first, sentAt), last: now, count: minute.count + 1 });
  };
  for (const series of seriesIds) feed.subscribe(series, null);
  await untilTrue(() => [...minutes.values()].filter(({ count }) => count === SERIES).length >= MINUTES);
  stop();
  feed.close();
  const whole = [...minutes.values()].filter(({ count }) => count === SERIES);
  const spans = whole.map(({ first, last }) => last - first);
  return {
    frame_to_client_p50_ms: spread(latencies).p50,
    frame_to_client_p99_ms: spread(latencies).p99,
    all_1000_published_p50_ms: spread(spans).p50,
    closes_per_s: perSecond(SERIES, spread(spans).p50),
  };
}

export const manySeries: BenchmarkCase = {
  name: "many-series",
  measures: "1,000 series closing at the same instant, from the exchange's frame to a client that follows them all",
  run: async () => {
    const { exchange, env } = await manySymbols();
    const folder = storeFolder();
    const whitelist = join(folder.path, "whitelist.json");
    writeFileSync(whitelist, JSON.stringify({ series_ids: seriesIds }));
    const began = performance.now();
    const daemon = await startDaemon({ ...env, TRADE_CANVAS_WHITELIST_PATH: whitelist }, folder);
    await untilTrue(() => exchange.futures.liveStreams() === SERIES);
    const subscribedMs = round(performance.now() - began);
    const figures = await followCloses(exchange, daemon.url);
    const sockets = exchange.futures.connections().length;
    await daemon.stop();
    await exchange.stop();
    folder.remove();
    return { ...figures, start_to_all_streams_subscribed_ms: subscribedMs, sockets };
  },
};

/** Subscribes to 1,000 series that nobody else uses, and resolves when all of them stand. */
async function followIdle(url: string, batch: number): Promise<FeedSocket> {
  const feed = await connectFeed(url);
  const answered = new Promise<void>((resolve) => {
    feed.onText = () => resolve();
  });
  for (const series of seriesIds) feed.subscribe(series.replace("binance", `idle${batch}`));
  // Messages of one connection are handled in order: the answer to nonsense comes when all subscriptions stand.
  feed.socket.send("{}");
  await answered;
  return feed;
}

export const idleSeries: BenchmarkCase = {
  name: "idle-series",
  measures:
    "memory of idle series (1,000, and each of 3,000 more), and the start with 1,000 stored series of 500 candles",
  run: async () => {
    const folder = storeFolder();
    const first = await startDaemon({}, folder);
    for (const series of seriesIds) await fill(first.url, series, STORED_EACH);
    await first.stop();
    const bare = await startDaemon();
    await bare.stop();
    const daemon = await startDaemon({}, folder);
    const empty = daemon.memory();
    const feeds = [await followIdle(daemon.url, 0)];
    const thousand = daemon.memory();
    for (let batch = 1; batch <= MORE_THOUSANDS; batch += 1) feeds.push(await followIdle(daemon.url, batch));
    const all = daemon.memory();
    for (const feed of feeds) feed.close();
    await daemon.stop();
    folder.remove();
    return {
      resident_without_series_mb: round(empty / 1024 / 1024),
      resident_with_1000_series_mb: round(thousand / 1024 / 1024),
      memory_per_further_series_kb: round((all - thousand) / (MORE_THOUSANDS * SERIES) / 1024),
      ready_with_empty_store_ms: round(bare.readyMs),
      ready_with_1000_series_ms: round(daemon.readyMs),
    };
  },
};
