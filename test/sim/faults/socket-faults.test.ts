/** Faults of handshakes, heartbeats and frames, as a client sees them. */
import { describe, expect, it } from "vitest";
import type { Fault } from "../../../src/sim/faults/catalogue.js";
import { advance, startExchange, TestClient } from "../exchange-support.js";
import { MINUTE, T0, until } from "../support.js";

const PATH = "/market/stream?streams=btcusdt@kline_1m";

describe("handshakes", () => {
  it("are refused with a status and Retry-After, as often as told", async () => {
    const { futures } = await startExchange();
    futures.faults.switchOn({ kind: "refuse-connections", status: 503, retryAfterS: 7, body: "busy", times: 2 });
    const attempts = [0, 1, 2].map(() => TestClient.connect(futures.wsUrl + PATH));
    const clients = await Promise.all(attempts);
    expect(clients.map((client) => client.refused?.status)).toEqual([503, 503, undefined]);
    expect(clients[0]?.refused?.headers["retry-after"]).toBe("7");
    expect(futures.journal.entries("attempt").map(({ outcome }) => outcome)).toEqual([
      { result: "refused", status: 503 },
      { result: "refused", status: 503 },
      { result: "accepted", connection: 1 },
    ]);
  });

  it("are reset, or hang", async () => {
    const { futures } = await startExchange();
    futures.faults.switchOn({ kind: "break-handshakes", manner: "reset", times: 1 });
    expect((await TestClient.connect(futures.wsUrl + PATH)).failure).toBe("ECONNRESET");
    futures.faults.switchOn({ kind: "break-handshakes", manner: "hang" });
    const hung = new TestClient(futures.wsUrl + PATH);
    await until(() => futures.journal.count("attempt") === 2);
    expect([hung.isOpen, hung.isOver]).toEqual([false, false]);
    expect(futures.journal.entries("attempt").map(({ outcome }) => outcome.result)).toEqual(["reset", "hung"]);
  });

  it("are slow", async () => {
    const { clock, futures } = await startExchange();
    futures.faults.switchOn({ kind: "slow-handshakes", delayMs: 5_000 });
    const client = new TestClient(futures.wsUrl + PATH);
    await until(() => clock.nextDueMs === T0 + 5_000);
    clock.advance(4_999);
    expect(futures.journal.count("attempt")).toBe(0);
    clock.advance(1);
    await until(() => client.isOpen);
    expect(futures.connections()).toHaveLength(1);
  });

  it("that are slow are forgotten when the client gives up", async () => {
    const { clock, futures } = await startExchange();
    futures.faults.switchOn({ kind: "slow-handshakes", delayMs: 5_000 });
    const client = new TestClient(futures.wsUrl + PATH);
    await until(() => clock.nextDueMs === T0 + 5_000);
    client.socket.terminate();
    // A second connection that is accepted at once proves that the end of the first has been seen.
    futures.faults.clear();
    await TestClient.connect(futures.wsUrl + PATH);
    clock.advance(5_000);
    expect(futures.journal.count("attempt")).toBe(1);
    expect(futures.connections()).toHaveLength(1);
  });
});

describe("open sockets", () => {
  it("get no pings, and are not ended for want of pongs", async () => {
    const { clock, futures } = await startExchange();
    futures.faults.switchOn({ kind: "no-pings" });
    const client = await TestClient.connect(futures.wsUrl + PATH);
    await advance(clock, 20 * MINUTE, client);
    expect([client.pings, client.isOpen]).toEqual([0, true]);
  });

  it("get an error for a control message that is not obeyed", async () => {
    const { futures } = await startExchange();
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws`);
    futures.faults.switchOn({ kind: "refuse-control", methods: ["SUBSCRIBE"], code: 2, message: "nope", times: 1 });
    const subscribe = { method: "SUBSCRIBE", params: ["btcusdt@kline_1m"], id: 1 };
    expect(await client.ask({ method: "LIST_SUBSCRIPTIONS", id: 9 })).toEqual({ result: [], id: 9 });
    expect(await client.ask(subscribe)).toEqual({ error: { code: 2, msg: "nope" }, id: 1 });
    expect(futures.connections()[0]?.subscriptions).toEqual([]);
    expect(await client.ask(subscribe)).toEqual({ result: null, id: 1 });
  });

  it.each<[Extract<Fault, { kind: "garble" }>["shape"], (client: TestClient) => boolean]>([
    ["not-json", ({ texts }) => texts.every((text) => text.startsWith("<html>"))],
    ["truncated", ({ texts }) => texts.every((text) => text.startsWith('{"stream"') && !text.endsWith("}"))],
    ["binary", ({ texts, binaries }) => texts.length === 0 && binaries.length > 0],
    ["unknown-event", ({ texts }) => texts.every((text) => text.includes('"e":"klineSnapshot"'))],
    ["extra-fields", (client) => client.klines().every(({ k }) => k.zz !== undefined && k.t === T0)],
    ["numbers", (client) => client.klines().every(({ k }) => typeof k.c === "number" && typeof k.v === "number")],
    ["nulls", (client) => client.klines().every(({ k }) => k.c === null)],
    ["broken-close", (client) => client.klines().every(({ k }) => String(k.c) === "n/a")],
    ["null", ({ texts }) => texts.every((text) => text === "null")],
  ])("get garbled messages: %s", async (shape, isSo) => {
    const { clock, futures } = await startExchange({ startMs: T0 + 5_000 });
    futures.faults.switchOn({ kind: "garble", shape });
    const client = await TestClient.connect(futures.wsUrl + PATH);
    await advance(clock, 50_000, client);
    expect(client.texts.length + client.binaries.length).toBeGreaterThan(3);
    expect(isSo(client)).toBe(true);
  });

  it("get the good message too when the fault keeps it", async () => {
    const { clock, futures } = await startExchange();
    futures.faults.switchOn({ kind: "garble", shape: "null", messages: "finals", keepOriginal: true });
    const client = await TestClient.connect(futures.wsUrl + PATH);
    await advance(clock, 2 * MINUTE, client);
    expect(client.texts.filter((text) => text === "null")).toHaveLength(2);
    expect(client.finals()).toHaveLength(2);
  });
});

describe("strikes", () => {
  it.each([
    [{ by: "reset" }, 1006],
    [{ by: "fin" }, 1006],
    [{ by: "close", code: 1001, reason: "going away" }, 1001],
  ] as const)("cut connections by %j", async (manner, code) => {
    const { futures } = await startExchange();
    const [first, second] = [
      await TestClient.connect(futures.wsUrl + PATH),
      await TestClient.connect(futures.wsUrl + PATH),
    ];
    expect(futures.strike({ kind: "cut", connections: [2], manner })).toBe(1);
    await until(() => second.isOver);
    expect([second.closed?.code, first.isOpen]).toEqual([code, true]);
    expect(futures.strike({ kind: "cut", manner })).toBe(1);
    await until(() => first.isOver);
    expect(futures.journal.entries("closed").map(({ by, code: noted }) => [by, noted])).toEqual([
      ["server", code],
      ["server", code],
    ]);
    expect(futures.journal.count("intervention")).toBe(2);
  });

  it("inject frames", async () => {
    const { clock, spot } = await startExchange({ symbols: [] });
    const client = await TestClient.connect(`${spot.wsUrl}/ws`);
    spot.strike({ kind: "frame", data: '{"error":{"code":9}}', encoding: "text" });
    spot.strike({ kind: "frame", data: "AAEC", encoding: "base64" });
    await advance(clock, 1, client);
    expect([client.texts, client.binaries]).toEqual([['{"error":{"code":9}}'], [Buffer.from([0, 1, 2])]]);
  });

  it("announce a shutdown before it comes", async () => {
    const { clock, futures } = await startExchange({ symbols: [] });
    const client = await TestClient.connect(`${futures.wsUrl}/market/stream`);
    futures.strike({ kind: "server-shutdown", leadMs: 3_000, manner: { by: "close", code: 1001 } });
    await advance(clock, 2_999, client);
    expect(client.texts).toEqual([`{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":${T0}}}`]);
    expect(client.isOpen).toBe(true);
    clock.advance(1);
    await until(() => client.isOver);
  });

  it.each([
    [{ kind: "meteor" }, '"meteor" is unknown; use one of cut, frame'],
    [{ kind: "cut" }, "'cut'"],
    [{ kind: "cut", manner: { by: "close", code: 1006 } }, "close code 1006 cannot be sent"],
    [{ kind: "cut", manner: { by: "close", code: 2000 } }, "close code 2000 cannot be sent"],
    [{ kind: "frame", data: "x", encoding: "hex" }, "/encoding"],
    [null, "undefined is unknown"],
  ])("%j is refused, saying why", async (strike, text) => {
    const { futures } = await startExchange();
    expect(() => futures.strike(strike as never)).toThrow(text);
    expect(futures.journal.count("intervention")).toBe(0);
  });
});
