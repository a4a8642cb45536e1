/** What a client of the stream side sees while it behaves. */
import { describe, expect, it } from "vitest";
import { advance, startExchange, TestClient } from "../exchange-support.js";
import { MINUTE, T0, until } from "../support.js";

const STREAM = "btcusdt@kline_1m";

describe("streams in the address", () => {
  it("come raw on /ws and wrapped on /stream, and end in the truth", async () => {
    const { clock, spot } = await startExchange();
    const raw = await TestClient.connect(`${spot.wsUrl}/ws/${STREAM}`);
    const combined = await TestClient.connect(`${spot.wsUrl}/stream?streams=${STREAM}/ethusdt@kline_1m`);
    await advance(clock, 3 * MINUTE, raw, combined);
    expect(raw.texts.every((text) => text.startsWith('{"e":"kline","E":'))).toBe(true);
    expect(combined.texts.every((text) => /^\{"stream":"(btc|eth)usdt@kline_1m","data":\{"e"/.test(text))).toBe(true);
    const truth = spot.journal.truth("BTCUSDT", "1m", T0 - MINUTE, T0 + 2 * MINUTE);
    expect(truth).toHaveLength(3);
    for (const client of [raw, combined]) {
      const finals = client.finals().filter(({ s }) => s === "BTCUSDT");
      const candles = finals.map(({ k }) => ({
        time: k.t / 1000,
        open: Number(k.o),
        high: Number(k.h),
        low: Number(k.l),
        close: Number(k.c),
        volume: Number(k.v),
      }));
      expect(candles).toEqual(truth);
    }
    expect(spot.journal.entries("final").filter(({ connection }) => connection === 1)).toHaveLength(3);
  });

  it("may count in microseconds", async () => {
    const { clock, spot } = await startExchange();
    const client = await TestClient.connect(`${spot.wsUrl}/ws/${STREAM}?timeUnit=MICROSECOND`);
    await advance(clock, MINUTE, client);
    expect(client.klines()[0]?.E).toBeGreaterThan(T0 * 1_000);
  });
});

describe("routes of futures", () => {
  it("deliver klines on /market only; everywhere else they open, acknowledge, and stay silent", async () => {
    const { clock, futures } = await startExchange();
    const routes = ["/market/stream", "/public/stream", "/private/stream", "/stream", "/ws"];
    const clients = await Promise.all(routes.map((route) => TestClient.connect(futures.wsUrl + route)));
    for (const client of clients) {
      expect(await client.ask({ method: "SUBSCRIBE", params: [STREAM], id: 1 })).toEqual({ result: null, id: 1 });
    }
    await advance(clock, 2 * MINUTE, ...clients);
    expect(clients.map((client) => client.klines().length > 0)).toEqual([true, false, false, false, false]);
    expect(clients.every((client) => client.isOpen)).toBe(true);
  });

  it("that do not exist are 404 at the handshake, and noted", async () => {
    const { futures } = await startExchange();
    const client = await TestClient.connect(`${futures.wsUrl}/stream/nonsense`);
    expect(client.refused?.status).toBe(404);
    expect(futures.journal.entries("attempt")).toMatchObject([
      { target: "/stream/nonsense", outcome: { result: "refused", status: 404 } },
    ]);
    expect((await fetch(futures.wsUrl.replace("ws:", "http:"))).status).toBe(404);
  });

  it("have continuous contracts", async () => {
    const { clock, futures } = await startExchange();
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws/btcusdt_perpetual@continuousKline_1m`);
    await advance(clock, MINUTE, client);
    expect(JSON.parse(client.texts[0] ?? "")).toMatchObject({ e: "continuous_kline", ps: "BTCUSDT", ct: "PERPETUAL" });
  });
});

describe("control messages", () => {
  it("subscribe, list and unsubscribe, and are never wrapped", async () => {
    const { clock, futures } = await startExchange();
    const client = await TestClient.connect(`${futures.wsUrl}/market/stream?streams=${STREAM}`);
    const names = ["ethusdt@kline_1m", "BTCUSDT@kline_1m", "btcusdt@kline_1x"];
    expect(await client.ask({ method: "SUBSCRIBE", params: names, id: 1 })).toEqual({ result: null, id: 1 });
    expect(await client.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).toEqual({ result: [STREAM, ...names], id: 2 });
    await advance(clock, MINUTE, client);
    expect(new Set(client.klines().map(({ s }) => s))).toEqual(new Set(["BTCUSDT", "ETHUSDT"]));
    await client.ask({ method: "UNSUBSCRIBE", params: [STREAM, "ethusdt@kline_1m"], id: 3 });
    const before = client.klines().length;
    await advance(clock, 2 * MINUTE, client);
    expect(client.klines().length).toBe(before);
    expect(futures.liveStreams()).toBe(0);
    expect(futures.connections()[0]?.subscriptions).toEqual(names.slice(1));
    expect(futures.journal.entries("control").map(({ method, params, id }) => [method, params, id])).toEqual([
      ["SUBSCRIBE", names, 1],
      ["LIST_SUBSCRIPTIONS", [], 2],
      ["UNSUBSCRIBE", [STREAM, "ethusdt@kline_1m"], 3],
    ]);
  });

  it("set and get the property combined", async () => {
    const { clock, spot } = await startExchange();
    const client = await TestClient.connect(`${spot.wsUrl}/ws/${STREAM}`);
    expect(await client.ask({ method: "GET_PROPERTY", params: ["combined"], id: 1 })).toEqual({ result: false, id: 1 });
    await client.ask({ method: "SET_PROPERTY", params: ["combined", true], id: 2 });
    expect(await client.ask({ method: "GET_PROPERTY", params: ["combined"], id: 3 })).toEqual({ result: true, id: 3 });
    await advance(clock, MINUTE, client);
    expect(client.texts.at(-1)).toMatch(/^\{"stream":"btcusdt@kline_1m","data":/);
  });

  it("are refused in either shape", async () => {
    const wrapped = await startExchange();
    const plain = await startExchange({ spot: { connection: { errorShape: "plain" } } });
    const bad = { method: "SUBSCRIBE", params: [1], id: 9 };
    const error = { code: 2, msg: "Invalid request: invalid stream" };
    expect(await (await TestClient.connect(`${wrapped.spot.wsUrl}/ws`)).ask(bad)).toEqual({ error, id: 9 });
    expect(await (await TestClient.connect(`${plain.spot.wsUrl}/ws`)).ask(bad)).toEqual(error);
    expect(wrapped.spot.journal.entries("refusal")).toMatchObject([{ code: 2 }]);
  });

  it("that are no JSON disconnect on futures and not on spot", async () => {
    const { spot, futures } = await startExchange();
    const onSpot = await TestClient.connect(`${spot.wsUrl}/ws`);
    const onFutures = await TestClient.connect(`${futures.wsUrl}/market/ws`);
    const invalid = { code: 3, msg: "Invalid JSON: expected value at line 1 column 1" };
    expect(await onSpot.ask("hello")).toEqual({ error: invalid, id: null });
    expect(await onFutures.ask("hello")).toEqual({ error: invalid, id: null });
    await until(() => onFutures.isOver);
    expect(onSpot.isOpen).toBe(true);
  });

  it("are cut at 4,096 bytes, and so are no JSON when longer", async () => {
    const { spot } = await startExchange();
    const client = await TestClient.connect(`${spot.wsUrl}/ws`);
    const params = Array.from({ length: 400 }, (_, index) => `c${index}usdt@kline_1m`);
    expect(await client.ask({ method: "SUBSCRIBE", params, id: 1 })).toMatchObject({
      error: { code: 3, msg: "Invalid JSON: expected value at line 1 column 4096" },
    });
  });
});
