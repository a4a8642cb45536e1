import { get as httpGet, type IncomingMessage } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { MAX_EVENT_STREAMS, STALLED_CLIENT_MS } from "../../../src/http/event-streams.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemonOptions } from "../../support/daemon.js";
import { startMarketLists, ticker } from "../../support/market-lists.js";
import { untilTrue } from "../../support/until.js";
import { problems } from "../problems.js";
import { call } from "../request.js";

const PATH = "/api/market/top_markets/stream?market=spot";

/** A client that reads everything that comes. */
async function read(url: string, path: string, headers = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpGet(`${url}${path}`, { agent: false, headers }, resolve);
    request.on("error", reject);
    onTestFinished(() => void request.destroy());
  });
  const state = { text: "", isOver: false };
  response.on("data", (chunk: Buffer) => {
    state.text += chunk.toString("utf8");
  });
  response.on("error", () => undefined);
  response.on("close", () => {
    state.isOver = true;
  });
  /** The events so far, comments left out. */
  const events = () =>
    state.text
      .split("\n\n")
      .filter((block) => block !== "" && !block.startsWith(":"))
      .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)))) as {
      id?: string;
      event: string;
      data: string;
    }[];
  const pings = () => state.text.split("\n\n").filter((block) => block.startsWith(": ping ")).length;
  return { response, state, events, pings };
}

async function world(options: TestDaemonOptions = {}) {
  const lists = await startMarketLists();
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ clock, ...options, env: { ...lists.env, ...options.env } });
  return { lists, clock, daemon, open: (query = "", headers = {}) => read(daemon.url, `${PATH}${query}`, headers) };
}

test("sends the list at once, as compact JSON with its members in order, then a sign of life", async () => {
  const { open } = await world();
  const { response, state, events, pings } = await open("&limit=1");
  await untilTrue("the first look", () => pings() === 1);
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
  });
  const eth =
    '{"base_asset":"ETH","exchange":"binance","last_price":1.5,"market":"spot","price_change_percent":-2.5,"quote_asset":"USDT","quote_volume":200,"symbol":"ETH/USDT","symbol_id":"ETHUSDT"}';
  const data = `{"cached":false,"exchange":"binance","generated_at_ms":${DAEMON_NOW_MS},"items":[${eth}],"limit":1,"market":"spot","quote_asset":"USDT"}`;
  expect(state.text).toBe(
    `id: ${DAEMON_NOW_MS}\nevent: top_markets\ndata: ${data}\n\n: ping ${DAEMON_NOW_MS / 1000}\n\n`,
  );
  expect(events()).toHaveLength(1);
});

test("looks again after each interval, and sends only what has changed", async () => {
  const { lists, clock, open } = await world();
  const { events, pings } = await open("&interval_s=5");
  await untilTrue("the first look", () => pings() === 1);
  await clock.advanceSettled(4_999);
  expect(pings()).toBe(1);
  await clock.advanceSettled(1);
  await untilTrue("the second look", () => pings() === 2);
  // New tickers that say the same.
  await clock.advanceSettled(5_000);
  await untilTrue("the third look", () => pings() === 3);
  expect(events()).toHaveLength(1);
  lists.answers.tickers = [ticker("BTCUSDT", "7")];
  await clock.advanceSettled(5_000);
  await untilTrue("the fourth look", () => pings() === 4);
  await clock.advanceSettled(5_000);
  await untilTrue("the fifth look", () => pings() === 5);
  const sent = events();
  expect(sent.map(({ event }) => event)).toEqual(["top_markets", "top_markets"]);
  expect(JSON.parse(sent[1]?.data ?? "")).toMatchObject({ items: [{ symbol: "BTC/USDT", quote_volume: 7 }] });
  expect(Number(sent[1]?.id)).toBeGreaterThan(DAEMON_NOW_MS);
});

test("tells every failure, and goes on", async () => {
  const { lists, clock, open } = await world();
  lists.answers.status = 404;
  const { events, pings } = await open();
  await untilTrue("the first look", () => pings() === 1);
  const [failure] = events();
  expect([failure?.id, failure?.event]).toEqual([undefined, "error"]);
  const message = expect.stringMatching(/^upstream_error:route_gone: /);
  expect(JSON.parse(failure?.data ?? "")).toEqual({ at_ms: DAEMON_NOW_MS, message, type: "error" });
  expect(Object.keys(JSON.parse(failure?.data ?? ""))).toEqual(["at_ms", "message", "type"]);
  lists.answers.status = 200;
  await clock.advanceSettled(20_000);
  await untilTrue("the list", () => events().at(-1)?.event === "top_markets");
});

test("ends after as many events as were asked for, failures included, without another sign of life", async () => {
  const { lists, clock, open } = await world();
  const one = await open("&max_events=1");
  await untilTrue("the end", () => one.state.isOver);
  expect([one.events().length, one.pings()]).toEqual([1, 0]);
  const two = await open("&max_events=2");
  await untilTrue("the first look", () => two.pings() === 1);
  lists.answers.tickers = [];
  for (let round = 0; round < 6; round += 1) await clock.advanceSettled(2_000);
  await untilTrue("the end", () => two.state.isOver);
  expect([two.events().length, two.pings() > 0]).toEqual([2, true]);
});

test("parameters are checked before it begins", async () => {
  const { daemon } = await world();
  for (const [query, type] of [
    ["&interval_s=0.1", "greater_than_equal"],
    ["&interval_s=30.5", "less_than_equal"],
    ["&interval_s=soon", "float_parsing"],
    ["&max_events=-1", "greater_than_equal"],
    ["&max_events=1001", "less_than_equal"],
    ["&limit=0", "greater_than_equal"],
  ] as const) {
    expect(await problems(daemon, `${PATH}${query}`), query).toMatchObject([{ type }]);
  }
});

describe("streams are bounded", () => {
  test("in number: what one that ends gives back, another may take", async () => {
    const { daemon, open } = await world();
    const all = await Promise.all(Array.from({ length: MAX_EVENT_STREAMS }, () => open("&interval_s=30")));
    const refused = await call(daemon.url, PATH);
    expect([refused.status, refused.json]).toEqual([503, { detail: "too_many_streams" }]);
    all[0]?.response.destroy();
    await untilTrue("room", async () => (await call(daemon.url, `${PATH}&max_events=1`)).status === 200);
  });

  test("in time: a client that does not read is hung up on", async () => {
    const { clock, lists, daemon } = await world();
    // More than socket and kernel take at once.
    const base = "B".repeat(40_000);
    const names = Array.from({ length: 200 }, (_, index) => `${base}${index}`);
    lists.answers.symbols = names.map((name) => ({
      symbol: name,
      status: "TRADING",
      contractType: "PERPETUAL",
      baseAsset: name,
      quoteAsset: "USDT",
    }));
    lists.answers.tickers = names.map((name) => ticker(name, "1"));
    const request = httpGet(`${daemon.url}${PATH}&limit=200`, { agent: false });
    onTestFinished(() => void request.destroy());
    const response = await new Promise<IncomingMessage>((resolve) => request.on("response", resolve));
    let isOver = false;
    response.on("error", () => undefined);
    response.on("close", () => {
      isOver = true;
    });
    response.pause();
    await clock.advanceSettled(STALLED_CLIENT_MS);
    await clock.advanceSettled(STALLED_CLIENT_MS);
    response.resume();
    await untilTrue("the end", () => isOver);
    expect(response.complete).toBe(false);
  });
});

test("all streams end when the daemon does, and it does not wait for them", async () => {
  const { daemon, open } = await world();
  const streams = await Promise.all([open(), open("&interval_s=30")]);
  for (const { pings } of streams) await untilTrue("the first look", () => pings() === 1);
  await daemon.app.stop();
  for (const { state, response } of streams) {
    await untilTrue("the end", () => state.isOver);
    expect(response.complete).toBe(true);
  }
});

test("a client that goes takes its loop with it", async () => {
  const { clock, open } = await world();
  const before = clock.pendingTimers;
  const { response, pings } = await open("&interval_s=30");
  await untilTrue("the first look", () => pings() === 1);
  expect(clock.pendingTimers).toBeGreaterThan(before);
  response.destroy();
  await untilTrue("the end of its loop", () => clock.pendingTimers === before);
});

test("goes on while large reads are shed, and is open to allowed origins", async () => {
  const loopDelay = { read: () => 10_000, stop: () => undefined };
  const { clock, open } = await world({ loopDelay });
  await clock.advanceSettled(5_000);
  const origin = "http://localhost:5173";
  const { response, pings } = await open("", { origin });
  await untilTrue("the first look", () => pings() === 1);
  expect(response.headers["access-control-allow-origin"]).toBe(origin);
  await clock.advanceSettled(2_000);
  await untilTrue("the second look", () => pings() === 2);
});
