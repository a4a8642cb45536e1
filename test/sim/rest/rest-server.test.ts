/** Everything about REST that is not klines: limits, other routes, error words. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { getJson, startExchange, walkers } from "../exchange-support.js";
import { MINUTE, type symbolOf, T0 } from "../support.js";

describe("time and ping", () => {
  it("tell the exchange's clock, which may be off the machine's", async () => {
    const { spot, futures } = await startExchange({ spot: { clockOffsetMs: -1_500 }, futures: { clockOffsetMs: 250 } });
    expect((await getJson(`${spot.restUrl}/api/v3/time`)).body).toEqual({ serverTime: T0 - 1_500 });
    expect((await getJson(`${futures.restUrl}/fapi/v1/time`)).body).toEqual({ serverTime: T0 + 250 });
    const micro = await getJson(`${spot.restUrl}/api/v3/time`, { "X-MBX-TIME-UNIT": "MICROSECOND" });
    expect(micro.body).toEqual({ serverTime: (T0 - 1_500) * 1_000 });
    expect((await getJson(`${spot.restUrl}/api/v3/ping`)).body).toEqual({});
  });
});

describe("exchangeInfo", () => {
  const recorded = JSON.parse(
    readFileSync(new URL("../../../data/recorded/recorded-exchangeInfo-extract-2021.json", import.meta.url), "utf8"),
  );

  it.each([
    ["spot", "/api/v3/exchangeInfo", recorded.spot],
    ["futures", "/fapi/v1/exchangeInfo", recorded.usdm],
  ] as const)("of %s has the shape of the recorded one, as far as it goes", async (market, path, real) => {
    const started = await startExchange();
    const { body } = await getJson(started[market].restUrl + path);
    const info = body as Record<string, unknown> & { symbols: Record<string, unknown>[] };
    const known = new Set([...Object.keys(real), "sors"]);
    for (const key of Object.keys(info)) expect(known.has(key), key).toBe(true);
    const entry = info.symbols[0]!;
    for (const [key, value] of Object.entries(entry)) {
      expect(typeof value, key).toBe(typeof real.symbols[0][key]);
    }
    expect(entry).toMatchObject({ symbol: "BTCUSDT", status: "TRADING", baseAsset: "BTC", quoteAsset: "USDT" });
  });

  it("states the limits that are in force", async () => {
    const { spot, futures } = await startExchange({ futures: { rest: { weightPerMinute: 100 } } });
    const limitOf = async (url: string) => {
      const { rateLimits } = (await getJson(url)).body as { rateLimits: { rateLimitType: string; limit: number }[] };
      return rateLimits.find(({ rateLimitType }) => rateLimitType === "REQUEST_WEIGHT")?.limit;
    };
    expect(await limitOf(`${spot.restUrl}/api/v3/exchangeInfo`)).toBe(6_000);
    expect(await limitOf(`${futures.restUrl}/fapi/v1/exchangeInfo`)).toBe(100);
  });

  it("lists what is asked for, with status and contract type as configured", async () => {
    const [btc, eth] = walkers() as [ReturnType<typeof symbolOf>, ReturnType<typeof symbolOf>];
    const { spot, futures } = await startExchange({ symbols: [btc, { ...eth, status: "BREAK", contractType: "" }] });
    const symbolsOf = async (url: string) => {
      const { body } = await getJson(url);
      return (body as { symbols: { symbol: string }[] }).symbols.map(({ symbol }) => symbol);
    };
    expect(await symbolsOf(`${spot.restUrl}/api/v3/exchangeInfo?symbol=ETHUSDT`)).toEqual(["ETHUSDT"]);
    expect(await symbolsOf(`${spot.restUrl}/api/v3/exchangeInfo?symbols=["BTCUSDT","ETHUSDT"]`)).toHaveLength(2);
    const unknown = await getJson(`${spot.restUrl}/api/v3/exchangeInfo?symbol=XUSDT`);
    expect([unknown.status, unknown.body]).toEqual([400, { code: -1121, msg: "Invalid symbol." }]);
    expect((await getJson(`${spot.restUrl}/api/v3/exchangeInfo?symbols=oops`)).status).toBe(400);
    const { body } = await getJson(`${futures.restUrl}/fapi/v1/exchangeInfo`);
    expect((body as { symbols: unknown[] }).symbols[1]).toMatchObject({ status: "BREAK", contractType: "" });
  });
});

describe("ticker/24hr", () => {
  it("sums up the last day of one symbol, or of all", async () => {
    const { spot, futures } = await startExchange();
    const { body } = await getJson(`${futures.restUrl}/fapi/v1/ticker/24hr?symbol=BTCUSDT`);
    const ticker = body as Record<string, string>;
    const day = futures.journal.truth("BTCUSDT", "1m", T0 - 1_440 * MINUTE, T0);
    expect(Number(ticker.lastPrice)).toBe(day.at(-1)?.close);
    expect(Number(ticker.openPrice)).toBe(day[0]?.open);
    expect(Number(ticker.highPrice)).toBe(Math.max(...day.map(({ high }) => high)));
    expect(Number(ticker.volume)).toBeCloseTo(
      day.reduce((sum, { volume }) => sum + volume, 0),
      2,
    );
    expect(Number(ticker.quoteVolume)).toBeGreaterThan(0);
    expect("bidPrice" in ticker).toBe(false);
    const all = (await getJson(`${spot.restUrl}/api/v3/ticker/24hr`)).body as Record<string, string>[];
    expect(all.map(({ symbol }) => symbol)).toEqual(["BTCUSDT", "ETHUSDT"]);
    expect("bidPrice" in all[0]!).toBe(true);
    expect((await getJson(`${spot.restUrl}/api/v3/ticker/24hr?symbol=XUSDT`)).body).toMatchObject({ code: -1121 });
  });
});

describe("weights", () => {
  it.each([
    ["spot", "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000", 2],
    ["spot", "/api/v3/exchangeInfo", 20],
    ["spot", "/api/v3/ticker/24hr?symbol=BTCUSDT", 2],
    ["spot", "/api/v3/ticker/24hr", 80],
    ["spot", "/api/v3/time", 1],
    ["futures", "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=99", 1],
    ["futures", "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=100", 2],
    ["futures", "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=499", 2],
    ["futures", "/fapi/v1/klines?symbol=BTCUSDT&interval=1m", 5],
    ["futures", "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1000", 5],
    ["futures", "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1001", 10],
    ["futures", "/fapi/v1/exchangeInfo", 1],
    ["futures", "/fapi/v1/ticker/24hr", 40],
  ] as const)("%s %s weighs %d", async (market, path, weight) => {
    const started = await startExchange();
    const { headers } = await getJson(started[market].restUrl + path);
    expect(headers.get("x-mbx-used-weight-1m")).toBe(String(weight));
    expect(headers.get("x-mbx-used-weight")).toBe(market === "spot" ? String(weight) : null);
    expect(headers.get("content-type")).toBe(market === "spot" ? "application/json;charset=UTF-8" : "application/json");
    expect(started[market].journal.entries("rest")).toMatchObject([{ status: 200, weight, usedWeight: weight }]);
  });

  it("over the limit are 429 until the minute ends, then 418 to whom goes on, with the time in both forms", async () => {
    const rest = { weightPerMinute: 40, requestsOverLimitBeforeBan: 2 };
    const { clock, spot } = await startExchange({ startMs: T0 + 20_500, spot: { rest } });
    const ask = () => getJson(`${spot.restUrl}/api/v3/exchangeInfo`);
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const limited = await ask();
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "40"]);
    expect(limited.body).toEqual({
      code: -1003,
      msg: "Too much request weight used; current limit is 40 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
    });
    await ask();
    const banned = await ask();
    expect([banned.status, banned.headers.get("retry-after")]).toEqual([418, "120"]);
    expect(banned.body).toEqual({
      code: -1003,
      msg: `Way too much request weight used; IP banned until ${T0 + 140_500}. Please use WebSocket Streams for live updates to avoid bans.`,
    });
    clock.advance(119_000);
    expect((await ask()).status).toBe(418);
    clock.advance(1_000);
    expect((await ask()).status).toBe(200);
    expect(spot.journal.entries("rest").map(({ status }) => status)).toEqual([200, 200, 429, 429, 418, 418, 200]);
  });

  it("may leave either form of the ban's end out", async () => {
    const rest = { weightPerMinute: 1, requestsOverLimitBeforeBan: 0 };
    const { spot, futures } = await startExchange({
      spot: { rest: { ...rest, banTimeIn: { header: false, text: true } } },
      futures: { rest: { ...rest, banTimeIn: { header: true, text: false } } },
    });
    const onSpot = await getJson(`${spot.restUrl}/api/v3/exchangeInfo`);
    expect([onSpot.status, onSpot.headers.get("retry-after")]).toEqual([418, null]);
    expect(JSON.stringify(onSpot.body)).toContain(`until ${T0 + 120_000}`);
    const onFutures = await getJson(`${futures.restUrl}/fapi/v1/ticker/24hr`);
    expect([onFutures.status, onFutures.headers.get("retry-after")]).toEqual([418, "120"]);
    expect(onFutures.body).toEqual({
      code: -1003,
      msg: "Way too many requests; IP(127.0.0.1) banned. Please use the websocket for live updates to avoid bans.",
    });
  });
});

describe("what has no route", () => {
  it.each([
    ["spot", "/api/v3/nothing", 404],
    ["spot", "/api/v1/klines?symbol=BTCUSDT&interval=1m", 410],
    ["spot", "/fapi/v1/klines", 404],
    ["spot", "/constructor", 404],
    ["futures", "/api/v3/klines", 404],
    ["futures", "/", 404],
  ] as const)("%s %s is %d", async (market, path, status) => {
    const started = await startExchange();
    expect((await getJson(started[market].restUrl + path)).status).toBe(status);
    expect(started[market].journal.entries("rest")).toMatchObject([{ status, path: path.split("?")[0] }]);
  });

  it("includes other methods", async () => {
    const { spot } = await startExchange();
    const response = await fetch(`${spot.restUrl}/api/v3/time`, { method: "POST", body: "x".repeat(100_000) });
    expect(response.status).toBe(404);
  });
});
