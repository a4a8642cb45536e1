/** Gaps that are filled before they are announced. The times lie on the grid, as those of an exchange do. Spec: ws-api §2.5. */
import { expect, onTestFinished, test } from "vitest";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { type Answer, json, startScriptedServer } from "../../exchange/binance/scripted-server.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { candles, ingest, ingestAll, timesOf, wire } from "../request.js";

const SERIES = "binance:spot:BTC/USDT:1m";

const closed = (time: number) => ({ type: "candle_closed", series_id: SERIES, candle: wire(time) });
const gap = { type: "gap", series_id: SERIES, expected_next_time: 180, actual_time: 240 };

/** What the exchange answers to a question for candles, by their open times. */
function klines(...times: number[]): Answer {
  return json(
    times.map((time) => [time * 1000, "1", "2", "0.5", "1.5", "10", time * 1000 + 59_999, "0", 1, "0", "0", "0"]),
  );
}

interface World {
  readonly daemon: TestDaemon;
  readonly clock: SimulatedClock;
  /** Questions for candles so far. */
  asked(): number;
}

/** A daemon with gap backfill on, and an exchange that answers questions for candles like this. */
async function world(answer: () => Answer | Promise<Answer>): Promise<World> {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const exchange = await startScriptedServer(({ path }) =>
    path.endsWith("/klines") ? answer() : json(path.endsWith("/time") ? { serverTime: clock.now() } : {}),
  );
  onTestFinished(() => exchange.stop());
  const daemon = await startTestDaemon({
    clock,
    env: {
      TRADE_CANVAS_ENABLE_MARKET_GAP_BACKFILL: "1",
      TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "1",
      TRADE_CANVAS_BINANCE_SPOT_BASE_URL: exchange.baseUrl,
    },
  });
  return { daemon, clock, asked: () => exchange.requests.filter(({ path }) => path.endsWith("/klines")).length };
}

interface Held {
  readonly answer: () => Promise<Answer>;
  /** Resolves when the exchange has been asked. */
  readonly reached: Promise<void>;
  release(answer: Answer): void;
}

/** An answer that is given when the test says so. */
function held(): Held {
  let give: (answer: Answer) => void = () => undefined;
  let ask: () => void = () => undefined;
  const given = new Promise<Answer>((resolve) => {
    give = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    ask = resolve;
  });
  return {
    answer: () => {
      ask();
      return given;
    },
    reached,
    release: (answer) => give(answer),
  };
}

test("W5: what is missing from a catch-up is fetched first; then there is no gap", async () => {
  const { daemon } = await world(() => klines(180));
  await ingestAll(daemon.url, SERIES, [120, 240]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 120, supports_batch: true });
  await feed.atLeast(1);
  expect(await feed.quiet()).toEqual([{ type: "candles_batch", series_id: SERIES, candles: [wire(180), wire(240)] }]);
  expect(timesOf(await candles(daemon.url, SERIES))).toEqual([120, 180, 240]);
});

test("W6: what is missing before a live candle is fetched first", async () => {
  const { daemon } = await world(() => klines(180));
  await ingestAll(daemon.url, SERIES, [120]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 120 });
  await feed.settled();
  await ingest(daemon.url, SERIES, 240);
  await feed.atLeast(2);
  expect(await feed.quiet()).toEqual([closed(180), closed(240)]);
});

test("a part of what is missing is better than nothing: the rest is a gap", async () => {
  const { daemon } = await world(() => klines(240));
  await ingestAll(daemon.url, SERIES, [120]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 120 });
  await feed.settled();
  await ingest(daemon.url, SERIES, 300);
  await feed.atLeast(3);
  expect(await feed.quiet()).toEqual([gap, closed(240), closed(300)]);
});

test("an exchange that has nothing, or refuses, leaves the gap to be announced", async () => {
  for (const answer of [klines(), { status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' } as const]) {
    const { daemon } = await world(() => answer);
    await ingestAll(daemon.url, SERIES, [120, 240]);
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { since: 120 });
    await feed.atLeast(2);
    expect(await feed.quiet()).toEqual([gap, closed(240)]);
  }
});

test("an exchange that does not answer delays the candle by no more than the time limit", async () => {
  const { daemon, clock } = await world(() => "hang");
  await ingestAll(daemon.url, SERIES, [120]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 120 });
  await feed.settled();
  await ingest(daemon.url, SERIES, 240);
  await clock.advanceSettled(9_999);
  expect(await feed.quiet()).toEqual([]);
  await clock.advanceSettled(1);
  await feed.atLeast(2);
  expect(await feed.quiet()).toEqual([gap, closed(240)]);
});

test("what is published while a gap is being filled comes after it, in order and once", async () => {
  const source = held();
  const { daemon } = await world(source.answer);
  await ingestAll(daemon.url, SERIES, [120]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 120 });
  await feed.settled();
  await ingest(daemon.url, SERIES, 240);
  await source.reached;
  await ingest(daemon.url, SERIES, 300);
  await ingest(daemon.url, SERIES, 240, 3);
  expect(await feed.settled()).toEqual([]);
  source.release(klines(180));
  await feed.atLeast(3);
  expect(await feed.quiet()).toEqual([closed(180), closed(240), closed(300)]);
});

test("clients that meet the same gap share one question; those that saw no gap are told nothing", async () => {
  const source = held();
  const { daemon, asked } = await world(source.answer);
  await ingestAll(daemon.url, SERIES, [120]);
  const [one, two, fresh] = [await daemon.connect(), await daemon.connect(), await daemon.connect()];
  one.subscribe(SERIES, { since: 120 });
  two.subscribe(SERIES, { since: 120, supports_batch: true });
  fresh.subscribe("binance:spot:ETH/USDT:1m");
  for (const feed of [one, two, fresh]) await feed.settled();
  await ingest(daemon.url, SERIES, 240);
  await source.reached;
  source.release(klines(180));
  for (const feed of [one, two]) {
    await feed.atLeast(2);
    expect(await feed.quiet()).toEqual([closed(180), closed(240)]);
  }
  expect(asked()).toBe(1);
  expect(await fresh.quiet()).toEqual([]);
});

test("a client that leaves while its gap is being filled leaves nothing behind", async () => {
  const source = held();
  const { daemon } = await world(source.answer);
  await ingestAll(daemon.url, SERIES, [120]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 120 });
  await feed.settled();
  await ingest(daemon.url, SERIES, 240);
  await source.reached;
  await feed.end();
  source.release(klines(180));
  expect((await ingest(daemon.url, SERIES, 300)).status).toBe(200);
});

test("a gap is filled from the store before the exchange is asked", async () => {
  const { daemon, asked } = await world(() => klines());
  await ingestAll(daemon.url, SERIES, [120]);
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 120 });
  await feed.settled();
  await daemon.app.store.commit({
    series: SERIES,
    upsert: [{ time: 180, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 }],
  });
  await ingest(daemon.url, SERIES, 240);
  expect(await feed.quiet()).toEqual([closed(180), closed(240)]);
  expect(asked()).toBe(0);
});
