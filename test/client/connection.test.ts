import { describe, expect, test } from "vitest";
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, pauseMs } from "../../src/client/backoff.js";
import { TradeCanvasClient } from "../../src/client/client.js";
import { ASKED_FROM_ATTEMPT, type ConnectionState, DIAL_LIMIT_MS, SILENCE_MS } from "../../src/client/connection.js";
import { FakePlatform } from "./fake-platform.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const FORMING = {
  ...{ type: "candle_forming", series_id: SERIES },
  candle: { candle_time: 60, open: 1, high: 2, low: 0.5, close: 1, volume: 3 },
};

/** A followed series, and the states that were told. */
async function followed(token?: string) {
  const platform = new FakePlatform();
  const client = new TradeCanvasClient({ url: "http://127.0.0.1:8000/", token, platform: platform.parts });
  const states: ConnectionState[] = [];
  const series = client.follow(SERIES, {}, { state: (state) => states.push(state) });
  await platform.settled();
  return { platform, client, states, series };
}

describe("pauses", () => {
  test("lie anywhere below a bound that doubles up to the longest one", () => {
    const bounds = Array.from({ length: 12 }, (_, index) => pauseMs(index + 1, 1));
    expect(bounds.slice(0, 7)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, LONGEST_PAUSE_MS]);
    expect(bounds.at(-1)).toBe(LONGEST_PAUSE_MS);
    expect(pauseMs(5, 0)).toBe(0);
    expect(pauseMs(5_000, 0.5)).toBe(LONGEST_PAUSE_MS / 2);
  });

  test("grow while nothing comes, also when the connection opens, and begin anew with the first message", async () => {
    const { platform, states } = await followed();
    platform.random = 1;
    const pauses: number[] = [];
    for (const isHeard of [false, false, false, true, false]) {
      platform.socket.open();
      if (isHeard) platform.socket.receive(FORMING);
      platform.socket.cut();
      const state = states.at(-1);
      if (state?.name !== "waiting") throw new Error(`it is ${state?.name}`);
      pauses.push(state.retry_in_ms);
      await platform.pass(state.retry_in_ms);
    }
    expect(pauses).toEqual([250, 500, 1_000, 250, 250]);
    expect(states.at(-1)).toEqual({ name: "connecting", attempt: 2 });
  });
});

describe("a connection", () => {
  test("is dialed once the caller has what it is given, and says how it stands", async () => {
    const { platform, states } = await followed();
    expect(states).toEqual([{ name: "connecting", attempt: 1 }]);
    expect(platform.socket.url).toBe("ws://127.0.0.1:8000/ws/market");
    expect(platform.socket.protocols).toEqual([]);
    platform.socket.open();
    expect(states.at(-1)).toEqual({ name: "open" });
    platform.socket.cut(1013, "slow_consumer");
    expect(states.at(-1)).toEqual({
      ...{ name: "waiting", attempt: 1, retry_in_ms: FIRST_PAUSE_MS / 2 },
      reason: "the connection was closed (1013 slow_consumer)",
    });
    expect(platform.asked).toEqual([]);
    await platform.pass(FIRST_PAUSE_MS);
    expect(platform.sockets).toHaveLength(2);
  });

  test("carries a token as a subprotocol, and asks with it as a header", async () => {
    const { platform } = await followed("säcret?/+");
    expect(platform.socket.protocols[0]).toBe("trade-canvas");
    const [, encoded = ""] = platform.socket.protocols[1]?.split("trade-canvas.token.") ?? [];
    expect(Buffer.from(encoded, "base64url").toString("utf8")).toBe("säcret?/+");
    expect(encoded).toMatch(/^[A-Za-z0-9_-]+$/);
    platform.socket.cut();
    await platform.settled();
    expect(platform.requests[0]?.headers).toEqual({ authorization: "Bearer säcret?/+" });
  });

  test("that never opens says why, if the daemon can be asked", async () => {
    const { platform, states } = await followed();
    platform.answer = new Error("connect ECONNREFUSED");
    platform.socket.cut();
    await platform.settled();
    expect(platform.asked).toEqual(["http://127.0.0.1:8000/api/market/whitelist"]);
    expect(states.at(-1)).toMatchObject({ name: "waiting", reason: expect.stringContaining("ECONNREFUSED") });

    await platform.pass(FIRST_PAUSE_MS);
    platform.answer = { status: 503, text: '{"detail":"server_shutting_down"}' };
    platform.socket.cut();
    await platform.settled();
    expect(states.at(-1)).toMatchObject({ name: "waiting", reason: expect.stringContaining("server_shutting_down") });
  });

  test("that has been open before is not asked about at once", async () => {
    const { platform, states } = await followed();
    platform.answer = new Error("connect ECONNREFUSED");
    platform.socket.open();
    platform.socket.receive(FORMING);
    platform.socket.cut();
    for (let attempt = 1; attempt <= ASKED_FROM_ATTEMPT; attempt += 1) {
      expect(platform.asked).toEqual([]);
      await platform.pass(LONGEST_PAUSE_MS / 10);
      platform.socket.cut();
      await platform.settled();
    }
    expect(platform.asked).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ name: "waiting", reason: expect.stringContaining("ECONNREFUSED") });
  });

  test("that the daemon does not want is refused, and asked for again after the longest pause", async () => {
    const { platform, states } = await followed();
    platform.answer = { status: 401, text: '{"detail":"unauthorized"}' };
    platform.socket.cut();
    await platform.settled();
    expect(states.at(-1)).toEqual({
      ...{ name: "refused", retry_in_ms: LONGEST_PAUSE_MS },
      reason: "GET http://127.0.0.1:8000/api/market/whitelist was answered with unauthorized (401)",
    });
    await platform.pass(LONGEST_PAUSE_MS - 1);
    expect(platform.sockets).toHaveLength(1);
    await platform.pass(1);
    expect(platform.sockets).toHaveLength(2);
  });

  test("that takes too long to open is given up", async () => {
    const { platform, states } = await followed();
    const [first] = platform.sockets;
    await platform.pass(DIAL_LIMIT_MS);
    expect(first?.hasHungUp).toBe(true);
    expect(states.at(-1)).toMatchObject({ name: "waiting", reason: `it did not open within ${DIAL_LIMIT_MS} ms` });
  });

  test("on which nothing has come for too long is taken for lost", async () => {
    const { platform, states } = await followed();
    const [first] = platform.sockets;
    first?.open();
    await platform.pass(SILENCE_MS - 1);
    first?.receive(FORMING);
    await platform.pass(SILENCE_MS - 1);
    expect(states.at(-1)).toEqual({ name: "open" });
    await platform.pass(1);
    expect(first?.hasHungUp).toBe(true);
    expect(states.at(-1)).toMatchObject({ name: "waiting", reason: "nothing has come for 180 s" });
  });

  test("takes no notice of what comes late from one before it", async () => {
    const { platform, states } = await followed();
    const [first] = platform.sockets;
    await platform.pass(DIAL_LIMIT_MS + FIRST_PAUSE_MS);
    expect(platform.sockets).toHaveLength(2);
    const before = states.length;
    first?.open();
    first?.receive(FORMING);
    first?.cut();
    await platform.settled();
    expect(states).toHaveLength(before);
    expect(first?.sent).toEqual([]);
  });

  test("ends with the last series on it, in whatever state it is, and leaves nothing behind", async () => {
    const stages = [
      async () => undefined,
      async ({ platform }: Awaited<ReturnType<typeof followed>>) => platform.socket.open(),
      async ({ platform }: Awaited<ReturnType<typeof followed>>) => platform.socket.cut(),
      async ({ platform }: Awaited<ReturnType<typeof followed>>) => {
        platform.socket.cut();
        await platform.settled();
      },
    ];
    for (const stage of stages) {
      const story = await followed();
      await stage(story);
      const told = story.states.length;
      story.series.end();
      story.series.end();
      await story.platform.pass(DIAL_LIMIT_MS + LONGEST_PAUSE_MS);
      expect(story.states.slice(told)).toEqual([{ name: "ended" }]);
      expect(story.platform.sockets).toHaveLength(1);
      expect(story.platform.socket.hasHungUp || story.states.some(({ name }) => name === "waiting")).toBe(true);
      expect(story.platform.clock.pendingTimers).toBe(0);
    }
  });
});
