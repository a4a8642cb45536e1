/** Faults of REST and of the market itself, as a client sees them. */
import { describe, expect, it } from "vitest";
import { getJson, type Started, startExchange, TestClient } from "../exchange-support.js";
import { MINUTE, T0, until } from "../support.js";

const NOW = T0 + 60 * MINUTE;
const start = () => startExchange({ startMs: NOW });

const klines = (from: number, to: number, symbol = "BTCUSDT", interval = "1m") =>
  `/fapi/v1/klines?symbol=${symbol}&interval=${interval}&startTime=${T0 + from * MINUTE}&endTime=${T0 + to * MINUTE}`;

async function minutesOf({ futures }: Started, path: string): Promise<number[]> {
  const { body } = await getJson(futures.restUrl + path);
  return (body as [number][]).map(([openMs]) => (openMs - T0) / MINUTE);
}

describe("refusals", () => {
  it.each([
    ["spot", 429, -1003, "current limit is 6000 request weight per 1 MINUTE"],
    ["spot", 418, -1003, "IP banned until 1234567890123."],
    ["futures", 418, -1003, "IP(127.0.0.1) banned until 1234567890123."],
    ["spot", 451, 0, "restricted location"],
    ["spot", 503, -1008, "overloaded"],
    ["futures", 503, -1000, "Unknown error"],
    ["futures", 500, -1000, "unknown error"],
  ] as const)("on %s with %d are in the exchange's words", async (market, status, code, text) => {
    const started = await start();
    const fault = { kind: "rest-refusal", status, retryAfterS: 33, bannedUntilMs: 1_234_567_890_123 } as const;
    started[market].faults.switchOn(fault);
    const answer = await getJson(`${started[market].restUrl}/whatever`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, "33"]);
    expect(answer.body).toMatchObject({ code, msg: expect.stringContaining(text) });
    expect(started[market].journal.entries("rest")[0]?.status).toBe(status);
  });

  it.each([[403], [502], [504]])("with %d are HTML", async (status) => {
    const { spot } = await start();
    spot.faults.switchOn({ kind: "rest-refusal", status });
    const response = await fetch(`${spot.restUrl}/api/v3/ping`);
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "text/html"]);
    expect(await response.text()).toMatch(/^<html>/);
  });

  it("concern only the routes and symbols that they name", async () => {
    const { futures } = await start();
    futures.faults.switchOn({ kind: "rest-refusal", status: 500, paths: ["/fapi/v1/klines"], symbols: ["BTCUSDT"] });
    const statusOf = async (path: string) => (await fetch(futures.restUrl + path)).status;
    expect(await statusOf(klines(0, 5))).toBe(500);
    expect(await statusOf(klines(0, 5, "ETHUSDT"))).toBe(200);
    expect(await statusOf("/fapi/v1/ticker/24hr?symbol=BTCUSDT")).toBe(200);
  });
});

describe("garbage", () => {
  it.each([
    ["html", "text/html", /^<html>/],
    ["empty", "application/json", /^$/],
    ["truncated", "application/json", /^\[\[\d+,.*[^\]]$/],
    ["other-shape", "application/json", /^\{"status":"ok"\}$/],
    ["wrong-content-type", "text/plain", /^\[\[\d+,.*\]\]$/],
  ] as const)("%s", async (shape, contentType, body) => {
    const { futures } = await start();
    futures.faults.switchOn({ kind: "rest-garbage", shape, paths: ["/fapi/v1/klines"] });
    const response = await fetch(futures.restUrl + klines(0, 50));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, contentType]);
    expect(await response.text()).toMatch(body);
    expect((await getJson(`${futures.restUrl}/fapi/v1/ping`)).body).toEqual({});
  });
});

describe("slowness", () => {
  it("answers late by the exchange's clock, or never", async () => {
    const { clock, futures } = await start();
    futures.faults.switchOn({ kind: "rest-slow", delayMs: 5_000, times: 1 });
    let status = 0;
    const slow = fetch(`${futures.restUrl}/fapi/v1/ping`).then((response) => {
      status = response.status;
    });
    await until(() => clock.nextDueMs === NOW + 5_000);
    clock.advance(4_999);
    expect(futures.journal.count("rest")).toBe(0);
    clock.advance(1);
    await slow;
    expect(status).toBe(200);
    futures.faults.switchOn({ kind: "rest-slow" });
    const patience = new AbortController();
    const hung = fetch(`${futures.restUrl}/fapi/v1/ping`, { signal: patience.signal });
    await until(() => futures.journal.count("rest") === 2);
    expect(futures.journal.entries("rest")[1]?.status).toBeUndefined();
    patience.abort();
    await expect(hung).rejects.toThrow();
  });
});

describe("weight used by others", () => {
  it("counts in the header, every minute or once", async () => {
    const { clock, futures } = await start();
    const ask = () => getJson(`${futures.restUrl}/fapi/v1/ping`);
    futures.faults.switchOn({ kind: "foreign-weight", weight: 2_398 });
    expect((await ask()).headers.get("x-mbx-used-weight-1m")).toBe("2399");
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
    clock.advance(MINUTE);
    expect((await ask()).headers.get("x-mbx-used-weight-1m")).toBe("2399");
    futures.faults.clear();
    futures.strike({ kind: "spend-weight", weight: 40 });
    expect((await ask()).headers.get("x-mbx-used-weight-1m")).toBe("42");
    clock.advance(MINUTE);
    expect((await ask()).headers.get("x-mbx-used-weight-1m")).toBe("1");
  });
});

describe("a lag of REST", () => {
  it("hides what just closed, for the symbols that it names", async () => {
    const started = await start();
    started.futures.faults.switchOn({ kind: "rest-lag", lagMs: 90_000, shows: "nothing", symbols: ["BTCUSDT"] });
    expect(await minutesOf(started, klines(56, 70))).toEqual([56, 57]);
    expect(await minutesOf(started, klines(56, 70, "ETHUSDT"))).toEqual([56, 57, 58, 59]);
  });
});

describe("a halt", () => {
  it("leaves a hole in REST and in the truth alike", async () => {
    const started = await start();
    const halt = { kind: "halt", haltFromMs: T0 + 11 * MINUTE, haltToMs: T0 + 22 * MINUTE } as const;
    started.futures.faults.switchOn({ ...halt, symbols: ["BTCUSDT"] });
    expect(await minutesOf(started, klines(9, 23))).toEqual([9, 10, 22, 23]);
    expect(await minutesOf(started, klines(0, 30, "BTCUSDT", "5m"))).toEqual([0, 5, 10, 20, 25, 30]);
    expect(await minutesOf(started, klines(9, 23, "ETHUSDT"))).toHaveLength(15);
    const truth = started.futures.journal.truth("BTCUSDT", "1m", T0 + 9 * MINUTE, T0 + 24 * MINUTE);
    expect(truth.map(({ time }) => (time * 1_000 - T0) / MINUTE)).toEqual([9, 10, 22, 23]);
    const fives = started.futures.journal.truth("BTCUSDT", "5m", T0 + 10 * MINUTE, T0 + 11 * MINUTE);
    expect(fives).toMatchObject([
      { volume: started.futures.journal.truth("BTCUSDT", "1m", T0 + 10 * MINUTE, T0 + 11 * MINUTE)[0]?.volume },
    ]);
  });
});

describe("a delisting", () => {
  const delisting = { kind: "delisting" as const, symbols: ["BTCUSDT"], atMs: NOW };
  const listed = async ({ futures }: Started) => {
    const { body } = await getJson(`${futures.restUrl}/fapi/v1/exchangeInfo`);
    return (body as { symbols: { symbol: string; status: string }[] }).symbols.map(
      ({ symbol, status }) => `${symbol} ${status}`,
    );
  };

  it("changes the status and leaves the old candles", async () => {
    const started = await start();
    const client = await TestClient.connect(`${started.futures.wsUrl}/market/ws/btcusdt@kline_1m`);
    started.futures.faults.switchOn({ ...delisting, status: "SETTLING", klines: "old-candles" });
    expect(await listed(started)).toEqual(["BTCUSDT SETTLING", "ETHUSDT TRADING"]);
    started.clock.advance(5 * MINUTE);
    expect(await minutesOf(started, klines(57, 70))).toEqual([57, 58, 59]);
    await until(() => client.finals().length === 1);
    expect(client.finals()[0]?.k.t).toBe(NOW - MINUTE);
  });

  it("removes the symbol altogether", async () => {
    const started = await start();
    started.futures.faults.switchOn({ ...delisting, status: "gone", klines: "invalid-symbol" });
    expect(await listed(started)).toEqual(["ETHUSDT TRADING"]);
    expect((await getJson(started.futures.restUrl + klines(0, 5))).body).toMatchObject({ code: -1121 });
    const tickers = (await getJson(`${started.futures.restUrl}/fapi/v1/ticker/24hr`)).body as unknown[];
    expect(tickers).toHaveLength(1);
  });

  it("does nothing before its time", async () => {
    const started = await start();
    started.futures.faults.switchOn({ ...delisting, atMs: NOW + MINUTE, status: "gone", klines: "invalid-symbol" });
    expect(await listed(started)).toEqual(["BTCUSDT TRADING", "ETHUSDT TRADING"]);
  });
});

describe("a revision", () => {
  it("changes closed candles some time after their close, in REST and in the truth alike", async () => {
    const started = await start();
    const truth = () => started.futures.journal.truth("BTCUSDT", "1m", NOW - 3 * MINUTE, NOW);
    const before = truth();
    started.futures.faults.switchOn({ kind: "revision", afterMs: 100_000, volumeFactor: 2, intervals: ["1m"] });
    const [revised, ...untouched] = truth();
    expect(revised).toEqual({ ...before[0], volume: expect.closeTo((before[0]?.volume ?? 0) * 2, 8) });
    expect(untouched).toEqual(before.slice(1));
    const { body } = await getJson(started.futures.restUrl + klines(57, 59));
    expect((body as string[][]).map((row) => Number(row[5]))).toEqual(truth().map(({ volume }) => volume));
  });
});
