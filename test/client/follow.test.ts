import { describe, expect, test } from "vitest";
import type { WireCandle } from "../../src/client/answers/market.js";
import { LONGEST_PAUSE_MS } from "../../src/client/backoff.js";
import { MAX_CONNECTIONS, TradeCanvasClient } from "../../src/client/client.js";
import { MAX_SERIES } from "../../src/client/feed.js";
import type { FollowHandlers, FollowOptions } from "../../src/client/subscription.js";
import { FakePlatform } from "./fake-platform.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const OTHER = "binance:spot:ETH/USDT:5m";

const candle = (candle_time: number): WireCandle => ({ candle_time, open: 1, high: 2, low: 0.5, close: 1, volume: 3 });
const closed = (time: number, series_id = SERIES) => ({ type: "candle_closed", series_id, candle: candle(time) });
const batch = (...times: number[]) => ({ type: "candles_batch", series_id: SERIES, candles: times.map(candle) });
const forming = (time: number) => ({ type: "candle_forming", series_id: SERIES, candle: candle(time) });

function begin() {
  const platform = new FakePlatform();
  return { platform, client: new TradeCanvasClient({ url: "http://daemon", platform: platform.parts }) };
}

/** An open connection with one series on it, and everything that was told, each as one text. */
async function opened(options: FollowOptions = {}, more: FollowHandlers = {}) {
  const { platform, client } = begin();
  const told: string[] = [];
  const series = client.follow(SERIES, options, {
    closed: (candles) => told.push(`closed ${candles.map((one) => one.candle_time)}`),
    forming: (one) => told.push(`forming ${one.candle_time}`),
    gap: (gap) => told.push(`gap ${gap.expected_next_time} ${gap.actual_time}`),
    record: (gap) => told.push(`record ${gap.id}`),
    notice: (notice) => told.push(`notice ${notice.event}`),
    ...more,
  });
  await platform.settled();
  platform.socket.open();
  return { platform, client, told, series };
}

describe("closed candles", () => {
  test("are told in order and once, whether they come singly or as a batch; what repeats is counted", async () => {
    const { platform, told, series } = await opened({ since: 60 });
    expect(series.cursor).toBe(60);
    for (const message of [batch(60, 120, 180), closed(180), closed(240), batch(120, 240), closed(300)]) {
      platform.socket.receive(message);
    }
    expect(told).toEqual(["closed 120,180", "closed 240", "closed 300"]);
    expect([series.cursor, series.repeats]).toEqual([300, 4]);
  });

  test("behind a hole are told after it, inside of a batch as well, and whether or not the daemon speaks of it", async () => {
    const { platform, told } = await opened({ since: 60 });
    const gap = { type: "gap", series_id: SERIES, expected_next_time: 120, actual_time: 180 };
    for (const message of [gap, batch(180, 240, 360, 420), closed(600)]) platform.socket.receive(message);
    expect(told).toEqual([
      "gap 120 180",
      "closed 180,240",
      "gap 300 360",
      "closed 360,420",
      "gap 480 600",
      "closed 600",
    ]);
  });

  test.each([null, 0])("the first after cursor %j has no hole before it", async (since) => {
    const { platform, told } = await opened({ since });
    platform.socket.receive(batch(600, 660));
    expect(told).toEqual(["closed 600,660"]);
  });

  test("a gap whose candle was lost with the connection is told with the candle, once", async () => {
    const { platform, told } = await opened({ since: 60 });
    const gap = { type: "gap", series_id: SERIES, expected_next_time: 120, actual_time: 180 };
    platform.socket.receive(gap);
    platform.socket.cut();
    await platform.pass(LONGEST_PAUSE_MS);
    platform.socket.open();
    platform.socket.receive(gap);
    platform.socket.receive(closed(180));
    expect(told).toEqual(["gap 120 180", "closed 180"]);
  });
});

describe("forming candles", () => {
  test("are told when they are later than the cursor, and never older than one that was", async () => {
    const { platform, told } = await opened({ since: 60 });
    for (const message of [forming(60), forming(120), forming(120), closed(120), forming(120), forming(240)]) {
      platform.socket.receive(message);
    }
    platform.socket.receive(forming(180));
    expect(told).toEqual(["forming 120", "forming 120", "closed 120", "forming 240"]);
  });
});

describe("the rest", () => {
  test("records and notices are told as they come; what is no message, or unknown, is not", async () => {
    const { platform, told } = await opened({ gaps: true });
    platform.socket.receive({ type: "gap_state", series_id: SERIES, gap: { id: 7 } });
    platform.socket.receive({ type: "system", series_id: SERIES, event: "factor.rebuild", message: "", data: {} });
    for (const strange of ["no JSON", "[]", "null", { type: "new" }, { type: "candle_closed", series_id: SERIES }]) {
      platform.socket.receive(strange);
    }
    platform.socket.receive({ type: "candle_closed", series_id: SERIES, candle: { ...candle(60), open: "1" } });
    platform.socket.receive(closed(60, OTHER));
    expect(told).toEqual(["record 7", "notice factor.rebuild"]);
  });

  test("a handler that throws ends nothing: what it threw is thrown again later", async () => {
    const times: number[] = [];
    const { platform } = await opened(
      {},
      {
        closed: ([one]) => {
          times.push(one?.candle_time ?? 0);
          throw new Error("of the handler");
        },
      },
    );
    platform.socket.receive(closed(60));
    platform.socket.receive(closed(120));
    expect(times).toEqual([60, 120]);
    expect(() => platform.clock.advance(1)).toThrow("of the handler");
  });

  test("a handler that ends the series is told nothing more, not even the rest of a batch", async () => {
    const { platform, client } = begin();
    const told: number[][] = [];
    const series = client.follow(
      SERIES,
      { since: 0 },
      {
        closed: (candles) => {
          told.push(candles.map((one) => one.candle_time));
          series.end();
        },
      },
    );
    await platform.settled();
    platform.socket.open();
    platform.socket.receive(batch(60, 120, 300));
    expect(told).toEqual([[60, 120]]);
    expect(series.cursor).toBe(120);
    expect(platform.socket.hasHungUp).toBe(true);
  });
});

describe("what is asked for", () => {
  test("is everything, from the cursors, whenever the connection opens", async () => {
    const { platform, client } = await opened({ since: 60, gaps: true });
    client.follow(OTHER, {}, {});
    const subscribe = { type: "subscribe", supports_batch: true };
    const ofSeries = (since: number) => ({ ...subscribe, series_id: SERIES, since, gaps: true });
    expect(platform.socket.sent).toEqual([ofSeries(60), { ...subscribe, series_id: OTHER }]);
    platform.socket.receive(batch(120, 180));
    platform.socket.cut();
    await platform.pass(LONGEST_PAUSE_MS);
    platform.socket.open();
    expect(platform.socket.sent).toEqual([ofSeries(180), { ...subscribe, series_id: OTHER }]);
  });

  test("a series that is followed again while others are is asked for on another connection", async () => {
    const { platform, client, series } = await opened({ since: 600 });
    const [first] = platform.sockets;
    client.follow(OTHER, {}, {});
    series.end();
    expect(first?.sent.at(-1)).toEqual({ type: "unsubscribe", series_id: SERIES });
    const told: number[] = [];
    const again = client.follow(
      SERIES,
      { since: 60 },
      { closed: (list) => list.map((one) => told.push(one.candle_time)) },
    );
    await platform.settled();
    expect(platform.sockets).toHaveLength(2);
    // On its way since before the end: it would lift the new cursor over what was missed.
    first?.receive(closed(660));
    platform.socket.open();
    platform.socket.receive(batch(120, 180));
    expect(told).toEqual([120, 180]);
    again.end();
    expect([first?.hasHungUp, platform.socket.hasHungUp]).toEqual([false, true]);
  });

  test("the same series twice, with cursors of their own, up to the bound of connections", async () => {
    const { platform, client } = begin();
    const all = Array.from({ length: MAX_CONNECTIONS }, () => client.follow(SERIES, {}, {}));
    expect(() => client.follow(SERIES, {}, {})).toThrow(`more than ${MAX_CONNECTIONS} connections`);
    await platform.settled();
    expect(platform.sockets).toHaveLength(MAX_CONNECTIONS);
    all[3]?.end();
    client.follow(SERIES, {}, {});
    await platform.settled();
    expect(platform.sockets).toHaveLength(MAX_CONNECTIONS + 1);
  });

  test("a connection on which very many series have ended is renewed, and the others go on from their cursors", async () => {
    const { platform, client, told } = await opened({ since: 60 });
    platform.socket.receive(closed(120));
    for (let index = 0; index < MAX_SERIES; index += 1) client.follow(`binance:spot:S${index}:1m`, {}, {}).end();
    expect(platform.sockets[0]?.hasHungUp).toBe(true);
    await platform.pass(LONGEST_PAUSE_MS);
    platform.socket.open();
    expect(platform.socket.sent).toEqual([expect.objectContaining({ series_id: SERIES, since: 120 })]);
    expect(told).toEqual(["closed 120"]);
  });

  test("what is wrong is said at once, and changes nothing", async () => {
    const { client, platform } = begin();
    for (const wrong of [
      "BTC",
      "binance:spot::1m",
      "binance:spot:BTC:1w",
      "binance:spot:BTC:0m",
      `a:b:${"c".repeat(200)}:1m`,
    ]) {
      expect(() => client.follow(wrong, {}, {})).toThrow("is no series id");
    }
    expect(() => client.follow(SERIES, { since: 1.5 }, {})).toThrow("since 1.5 is no time");
    expect(() => new TradeCanvasClient({ url: "127.0.0.1:8000" })).toThrow("is not the address of a daemon");
    const none = new TradeCanvasClient({ url: "http://daemon", platform: { ...platform.parts, WebSocket: undefined } });
    if (typeof globalThis.WebSocket === "undefined") {
      expect(() => none.follow(SERIES, {}, {})).toThrow("this platform has no WebSocket");
    }
    client.close();
    expect(() => client.follow(SERIES, {}, {})).toThrow("the client was closed");
    expect(() => client.debug({})).toThrow("the client was closed");
    await expect(client.whitelist()).rejects.toMatchObject({ code: "aborted" });
    await platform.settled();
    expect(platform.sockets).toEqual([]);
  });
});

describe("a series that the daemon does not follow", () => {
  const capacity = { type: "error", code: "capacity", message: "ondemand_ingest_capacity", series_id: SERIES };

  test("is refused, asked for again after the longest pause, and open when something comes", async () => {
    const states: unknown[] = [];
    const { platform, client } = await opened({}, { state: (state) => states.push(state) });
    const others: unknown[] = [];
    client.follow(OTHER, {}, { state: (state) => others.push(state) });
    await platform.settled();
    platform.socket.receive(capacity);
    const refused = { name: "refused", reason: "ondemand_ingest_capacity", retry_in_ms: LONGEST_PAUSE_MS };
    expect(states.at(-1)).toEqual(refused);
    expect(others).toEqual([{ name: "open" }]);
    await platform.pass(LONGEST_PAUSE_MS);
    expect(platform.socket.sent.filter((sent) => JSON.stringify(sent).includes(SERIES))).toHaveLength(2);
    expect(states.at(-1)).toEqual(refused);
    platform.socket.receive(closed(60));
    expect(states.at(-1)).toEqual({ name: "open" });
  });

  test("an error that names no series is told to those for which nothing has come", async () => {
    const states: unknown[] = [];
    const { platform, client } = await opened({}, { state: (state) => states.push(state) });
    const others: unknown[] = [];
    client.follow(OTHER, {}, { state: (state) => others.push(state) });
    await platform.settled();
    platform.socket.receive(closed(60));
    platform.socket.receive({ type: "error", code: "bad_request", message: "too many subscriptions" });
    expect(states.at(-1)).toEqual({ name: "open" });
    expect(others.at(-1)).toMatchObject({ name: "refused", reason: "too many subscriptions" });
  });
});

test("after close nothing is told, and nothing is left", async () => {
  const states: string[] = [];
  const { platform, client, told } = await opened({}, { state: ({ name }) => states.push(name) });
  const watched = client.debug({ state: ({ name }) => states.push(`debug ${name}`) });
  await platform.settled();
  const reading = expect(client.whitelist()).rejects.toMatchObject({ code: "aborted" });
  platform.answer = new Error("gone");
  client.close();
  await reading;
  watched.end();
  for (const socket of platform.sockets) {
    socket.receive(closed(60));
    socket.cut();
  }
  await platform.pass(LONGEST_PAUSE_MS);
  expect(told).toEqual([]);
  expect(states).toEqual(["connecting", "open", "debug connecting", "ended", "debug ended"]);
  expect(platform.clock.pendingTimers).toBe(0);
});
