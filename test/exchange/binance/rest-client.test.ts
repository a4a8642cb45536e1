import { afterEach, describe, expect, it, vi } from "vitest";
import { BREAKER_OPEN_MS } from "../../../src/exchange/binance/endpoint-breaker.js";
import {
  MAX_ATTEMPTS,
  RETRY_BASE_MS,
  RestClient,
  type RestClientOptions,
} from "../../../src/exchange/binance/rest-client.js";
import { BLOCKED_MS, RATE_LIMIT_DEFAULT_MS, RESTRICTED_MS } from "../../../src/exchange/binance/silence.js";
import { WeightGovernor } from "../../../src/exchange/binance/weight-governor.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { type Answer, JSON_HEADERS, json, type ScriptedServer, startScriptedServer } from "./scripted-server.js";

const START_MS = 1_746_403_210_000;
const ROW = [1746403140000, "1", "2", "0.5", "1.5", "10", 1746403199999, "15", 3, "4", "6", "0"];
const USED = { "x-mbx-used-weight-1m": "2" };
const never = new AbortController().signal;
const ONE_MINUTE_BTC = { symbol: "BTCUSDT", interval: "1m", limit: 10, signal: never };

let server: ScriptedServer;

async function setUp(script: readonly Answer[] | (() => Answer), options: Partial<RestClientOptions> = {}) {
  server = await startScriptedServer((_request, index) =>
    typeof script === "function" ? script() : (script[index] ?? json([], USED)),
  );
  const clock = new SimulatedClock(START_MS);
  const governor = new WeightGovernor({
    clock,
    random: () => 0,
    exchangeNowMs: () => clock.now(),
    limitPerMinute: 6000,
  });
  const client = new RestClient({
    market: "spot",
    baseUrl: server.baseUrl,
    clock,
    random: () => 0.5,
    governor,
    timeoutMs: 10_000,
    version: "1.2.3",
    ...options,
  });
  return { clock, governor, client };
}

/** Lets pauses between attempts pass, one by one, as they are made; deadlines of running requests stay out of reach. */
async function skipPauses(clock: SimulatedClock, attempts: number): Promise<number[]> {
  const pausesMs: number[] = [];
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    await vi.waitFor(() => expect(clock.nextDueMs ?? Number.POSITIVE_INFINITY).toBeLessThan(clock.now() + 10_000), {
      interval: 1,
    });
    const pauseMs = (clock.nextDueMs ?? 0) - clock.now();
    pausesMs.push(pauseMs);
    clock.advance(pauseMs);
  }
  return pausesMs;
}

afterEach(() => server.stop());

describe("tickers", () => {
  it.each([
    ["spot", 80, "/api/v3/ticker/24hr"],
    ["futures", 40, "/fapi/v1/ticker/24hr"],
  ] as const)("of %s cost what they weigh, and are read", async (market, weight, path) => {
    const ticker = { symbol: "BTCUSDT", lastPrice: "1.5", quoteVolume: "2", priceChangePercent: "-0.5" };
    const { client, governor } = await setUp(() => json([ticker]), { market });
    expect(await client.tickers(never)).toEqual([
      { symbol: "BTCUSDT", lastPrice: 1.5, quoteVolume: 2, priceChangePercent: -0.5 },
    ]);
    expect(server.requests.map((request) => request.path)).toEqual([path]);
    expect(governor.snapshot().usedWeight).toBe(weight);
  });

  it("are not asked for while the exchange demands silence", async () => {
    const { client, governor } = await setUp([]);
    governor.restoreSilence(60_000);
    await expect(client.tickers(never)).rejects.toMatchObject({ code: "silenced" });
    expect(server.requests).toEqual([]);
  });
});

describe("klines", () => {
  it("asks as documented and reads the rows", async () => {
    const { client } = await setUp([json([ROW], USED)]);
    const rows = await client.klines({ ...ONE_MINUTE_BTC, startTimeMs: 1746403140000, endTimeMs: 1746403199999 });
    expect(rows).toEqual([
      {
        candle: { time: 1746403140, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 },
        openTimeMs: 1746403140000,
        closeTimeMs: 1746403199999,
      },
    ]);
    expect(server.requests[0]).toMatchObject({
      path: "/api/v3/klines",
      query: {
        symbol: "BTCUSDT",
        interval: "1m",
        startTime: "1746403140000",
        endTime: "1746403199999",
        limit: "10",
      },
      headers: { "user-agent": "trade-canvas/1.2.3" },
    });
  });

  it("goes to the other route on futures and leaves out what is not asked", async () => {
    const { client } = await setUp([json([], USED)], { market: "futures" });
    expect(await client.klines(ONE_MINUTE_BTC)).toEqual([]);
    expect(server.requests[0]).toMatchObject({ path: "/fapi/v1/klines" });
    expect(Object.keys(server.requests[0]?.query ?? {})).toEqual(["symbol", "interval", "limit"]);
  });

  it("refuses what the exchange would refuse, without sending it", async () => {
    const { client } = await setUp([]);
    for (const limit of [0, 1001, 1.5, Number.NaN]) {
      await expect(client.klines({ ...ONE_MINUTE_BTC, limit })).rejects.toThrow(`klines limit ${limit} is not a whole`);
    }
    await expect(client.klines({ ...ONE_MINUTE_BTC, startTimeMs: 2, endTimeMs: 1 })).rejects.toThrow(
      "klines startTime 2 is after endTime 1",
    );
    expect(server.requests).toHaveLength(0);
  });

  it("refuses an answer with a bad row, without asking again", async () => {
    const { client } = await setUp([json([ROW, ROW.with(4, "")], USED)]);
    await expect(client.klines(ONE_MINUTE_BTC)).rejects.toMatchObject({ code: "unexpected_shape" });
    expect(server.requests).toHaveLength(1);
  });
});

describe("exchangeInfo and serverTime", () => {
  it("reads the symbols and tells the governor the limit", async () => {
    const rateLimits = [{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 1234 }];
    const { client, governor } = await setUp([
      json({ rateLimits, symbols: [{ symbol: "BTCUSDT", status: "TRADING" }] }),
    ]);
    expect((await client.exchangeInfo(never)).symbols.get("BTCUSDT")?.status).toBe("TRADING");
    expect(governor.snapshot()).toMatchObject({ limitPerMinute: 1234, usedWeight: 20 });
    expect(server.requests[0]?.path).toBe("/api/v3/exchangeInfo");
  });

  it("keeps the limit when none is told", async () => {
    const { client, governor } = await setUp([json({ symbols: [{ symbol: "BTCUSDT", status: "TRADING" }] })]);
    await client.exchangeInfo(never);
    expect(governor.snapshot().limitPerMinute).toBe(6000);
  });

  it("gives the exchange's time with the travel times of the attempt that succeeded", async () => {
    const { client, clock } = await setUp([{ status: 500 }, json({ serverTime: 1499827319559 }, USED)]);
    const time = client.serverTime(never);
    const [pauseMs] = await skipPauses(clock, 2);
    expect(await time).toEqual({
      serverTimeMs: 1499827319559,
      sentMonotonicMs: pauseMs,
      receivedMonotonicMs: pauseMs,
    });
  });

  it("refuses a time answer without time", async () => {
    const { client } = await setUp([json({})]);
    await expect(client.serverTime(never)).rejects.toMatchObject({ code: "unexpected_shape" });
  });
});

describe("repetition", () => {
  const faults: readonly (readonly [string, Answer])[] = [
    ["server_error", { status: 503, body: "Service Unavailable." }],
    ["server_error", { status: 408 }],
    ["network", "reset"],
    ["network", "cut_body"],
    ["malformed_body", { headers: { "content-type": "text/html" }, body: "<html>" }],
    ["malformed_body", { headers: JSON_HEADERS, body: "" }],
    ["malformed_body", { headers: JSON_HEADERS, body: "[[16349" }],
  ];

  it.each(faults)("F29: of a request that met %s (%j) brings the data", async (_code, fault) => {
    const { client, clock } = await setUp([fault, json([ROW], USED)]);
    const rows = client.klines(ONE_MINUTE_BTC);
    expect(await skipPauses(clock, 2)).toEqual([RETRY_BASE_MS / 2]);
    expect(await rows).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("ends after the last attempt with its error, the pauses growing", async () => {
    const { client, clock } = await setUp(() => ({ status: 502, body: "<html>" }));
    const rows = client.klines(ONE_MINUTE_BTC);
    const failed = expect(rows).rejects.toMatchObject({ code: "server_error", status: 502 });
    expect(await skipPauses(clock, MAX_ATTEMPTS)).toEqual([RETRY_BASE_MS / 2, RETRY_BASE_MS]);
    await failed;
    expect(server.requests).toHaveLength(MAX_ATTEMPTS);
  });

  it("follows a deadline that has passed; the exchange may have counted the weight all the same", async () => {
    const { client, clock, governor } = await setUp(["hang", json([ROW], USED)]);
    const rows = client.klines(ONE_MINUTE_BTC);
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), { interval: 1 });
    clock.advance(10_000);
    await skipPauses(clock, 2);
    expect(await rows).toHaveLength(1);
    expect(governor.snapshot().usedWeight).toBe(4);
  });

  it.each([
    [400, "invalid_symbol", `{"code":-1121,"msg":"Invalid symbol."}`],
    [404, "route_gone", "<html>"],
    [301, "redirected", ""],
  ])("does not follow HTTP %i", async (status, code, body) => {
    const { client } = await setUp([{ status, body, headers: { ...JSON_HEADERS, location: "/x" } }]);
    await expect(client.klines(ONE_MINUTE_BTC)).rejects.toMatchObject({ code, status });
    expect(server.requests).toHaveLength(1);
  });

  it("stops when the caller gives up in the pause", async () => {
    const { client, clock } = await setUp([{ status: 500 }]);
    const stop = new AbortController();
    const rows = client.klines({ ...ONE_MINUTE_BTC, signal: stop.signal });
    const aborted = expect(rows).rejects.toMatchObject({ code: "aborted" });
    await vi.waitFor(() => expect(clock.nextDueMs).toBe(START_MS + RETRY_BASE_MS / 2), { interval: 1 });
    stop.abort();
    await aborted;
    expect(server.requests).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("refusals", () => {
  it("F26: silence REST at once, for as long as told, on every endpoint", async () => {
    const body = `{"code":-1003,"msg":"IP banned until ${START_MS + 400_000}."}`;
    const { client, clock, governor } = await setUp([{ status: 418, body, headers: { "retry-after": "120" } }]);
    const silences: unknown[] = [];
    governor.onSilence((silence) => silences.push(silence));
    await expect(client.klines(ONE_MINUTE_BTC)).rejects.toMatchObject({ code: "banned", retryAfterMs: 400_000 });
    expect(silences).toEqual([{ cause: "banned", untilMs: START_MS + 400_000 }]);
    clock.advance(399_999);
    await expect(client.serverTime(never)).rejects.toMatchObject({ code: "silenced", retryAfterMs: 1 });
    await expect(client.exchangeInfo(never)).rejects.toMatchObject({ code: "silenced" });
    expect(server.requests).toHaveLength(1);
    clock.advance(1);
    expect(await client.klines(ONE_MINUTE_BTC)).toEqual([]);
  });

  it.each([
    [429, "rate_limited", RATE_LIMIT_DEFAULT_MS],
    [403, "blocked", BLOCKED_MS],
    [451, "restricted", RESTRICTED_MS],
  ])("HTTP %i is %s and does not count against the endpoint", async (status, code, retryAfterMs) => {
    const { client } = await setUp([{ status, body: "<html>" }]);
    await expect(client.klines(ONE_MINUTE_BTC)).rejects.toMatchObject({ code, retryAfterMs });
    expect(client.breakers()[0]).toMatchObject({ state: "closed", failures: 0 });
  });

  it("B10: are not provoked: of many requests at once the first learns that others have used the weight", async () => {
    const { client, clock } = await setUp(() => json([], { "x-mbx-used-weight-1m": "5962" }));
    const stop = new AbortController();
    const waiting = Array.from({ length: 20 }, () => client.klines({ ...ONE_MINUTE_BTC, signal: stop.signal }));
    const settled = Promise.allSettled(waiting);
    await Promise.race(waiting);
    expect(server.requests).toHaveLength(1);
    clock.advance(60_000);
    await vi.waitFor(() => expect(server.requests).toHaveLength(2), { interval: 1 });
    stop.abort();
    expect((await settled).filter((result) => result.status === "fulfilled").length).toBeLessThanOrEqual(2);
  });
});

describe("the circuit breaker", () => {
  it("opens per endpoint, and refuses at once instead of waiting for weight first", async () => {
    const { client, clock, governor } = await setUp(() => ({ status: 500 }));
    for (const attempts of [MAX_ATTEMPTS, 5 - MAX_ATTEMPTS + 1]) {
      const rows = client.klines(ONE_MINUTE_BTC);
      const failed = expect(rows).rejects.toThrow();
      await skipPauses(clock, attempts);
      await failed;
    }
    expect(server.requests).toHaveLength(5);
    const permit = await governor.acquire(1, never);
    await expect(client.klines(ONE_MINUTE_BTC)).rejects.toMatchObject({
      code: "breaker_open",
      retryAfterMs: expect.any(Number),
    });
    expect(server.requests).toHaveLength(5);
    permit.settle({ type: "unsent" });
    expect(client.breakers().map(({ name, state }) => `${name} ${state}`)).toEqual([
      "binance:spot:klines open",
      "binance:spot:exchangeInfo closed",
      "binance:spot:time closed",
      "binance:spot:ticker/24hr closed",
    ]);
    clock.advance(BREAKER_OPEN_MS);
    expect(client.breakers()[0]?.state).toBe("half_open");
  });

  it("lets one request try, and gives back the weight of those that were let through to it meanwhile", async () => {
    const { client, clock, governor } = await setUp(() => ({ status: 500, headers: USED }));
    for (const attempts of [MAX_ATTEMPTS, 5 - MAX_ATTEMPTS + 1]) {
      const failed = expect(client.klines(ONE_MINUTE_BTC)).rejects.toThrow();
      await skipPauses(clock, attempts);
      await failed;
    }
    clock.advance(BREAKER_OPEN_MS);
    const trial = expect(client.klines(ONE_MINUTE_BTC)).rejects.toMatchObject({ code: "breaker_open" });
    await expect(client.klines(ONE_MINUTE_BTC)).rejects.toMatchObject({ code: "breaker_open" });
    await skipPauses(clock, 2);
    await trial;
    expect(server.requests).toHaveLength(6);
    expect(governor.snapshot()).toMatchObject({ usedWeight: 12, inFlight: 0 });
  });
});

describe("construction", () => {
  it("refuses a wrong base at once", async () => {
    await expect(setUp([], { baseUrl: "api.binance.com" })).rejects.toThrow("'api.binance.com' is not a http://");
  });
});
