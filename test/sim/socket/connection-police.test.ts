/** What happens to clients that misbehave, and to connections that grow old. */
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { advance, startExchange, TestClient } from "../exchange-support.js";
import { MINUTE, T0, until } from "../support.js";

const HOUR = 60 * MINUTE;

describe("incoming frames", () => {
  it.each([
    ["spot", "/ws", 5],
    ["futures", "/market/ws", 10],
  ] as const)("of %s are limited per rolling second; one more closes with 1008", async (market, path, limit) => {
    const started = await startExchange({ [market]: { connection: { framesPerSecond: limit } } });
    const { clock } = started;
    const client = await TestClient.connect(started[market].wsUrl + path);
    for (let id = 1; id <= limit; id += 1) await client.ask({ method: "LIST_SUBSCRIPTIONS", id });
    clock.advance(999);
    client.socket.ping();
    await until(() => client.isOver);
    expect(client.closed).toEqual({ code: 1008, reason: "Too many requests" });
    expect(started[market].journal.entries("closed")).toMatchObject([{ by: "server", code: 1008 }]);
    expect(started[market].connections()).toEqual([]);
  });

  it("count pings and pongs like messages", async () => {
    const { clock, spot } = await startExchange({ spot: { connection: { framesPerSecond: 5 } } });
    const client = await TestClient.connect(`${spot.wsUrl}/ws`);
    client.socket.ping();
    client.socket.ping();
    client.socket.pong();
    await client.ask({ method: "LIST_SUBSCRIPTIONS", id: 1 });
    await client.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 });
    clock.advance(1_000);
    for (let id = 3; id <= 7; id += 1) await client.ask({ method: "LIST_SUBSCRIPTIONS", id });
    client.socket.pong();
    await until(() => client.isOver);
    expect(client.closed?.code).toBe(1008);
  });
});

describe("pings", () => {
  it("come in their period with the time as payload, and pongs are noted", async () => {
    const { clock, spot } = await startExchange();
    const client = await TestClient.connect(`${spot.wsUrl}/ws`);
    let payload = "";
    client.socket.on("ping", (data: Buffer) => {
      payload = data.toString();
    });
    for (let ping = 1; ping <= 4; ping += 1) {
      clock.advance(20_000);
      await until(() => spot.journal.entries("heartbeat").filter(({ what }) => what === "pong").length === ping);
    }
    expect(payload).toBe(String(T0 + 80_000));
    await advance(clock, 59_000, client);
    expect(client.isOpen).toBe(true);
  });

  it("that stay unanswered end the connection at the deadline", async () => {
    const { clock, futures } = await startExchange();
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws`, { autoPong: false });
    clock.advance(13 * MINUTE - 1);
    await until(() => client.pings === 4);
    expect(client.isOpen).toBe(true);
    clock.advance(1);
    await until(() => client.isOver);
    expect(client.closed).toEqual({ code: 1008, reason: "Pong timeout" });
  });

  it("are not replaced by pongs that nobody asked for, which are allowed", async () => {
    const { clock, spot } = await startExchange();
    const client = await TestClient.connect(`${spot.wsUrl}/ws`, { autoPong: false });
    clock.advance(20_000);
    client.socket.pong();
    client.socket.pong("not the payload");
    await until(() => spot.journal.count("heartbeat") === 3);
    expect(spot.journal.entries("heartbeat").map(({ what }) => what)).toEqual([
      "ping-sent",
      "unasked-pong",
      "unasked-pong",
    ]);
    clock.advance(60_000);
    await until(() => client.isOver);
    expect(client.closed?.reason).toBe("Pong timeout");
  });
});

describe("streams per connection", () => {
  const names = (count: number, from = 0): string[] =>
    Array.from({ length: count }, (_, index) => `c${index + from}usdt@kline_1m`);

  it("are refused with code 4 beyond the limit, all of a message or none", async () => {
    const { spot } = await startExchange({ spot: { connection: { streamsPerConnection: 100 } } });
    const client = await TestClient.connect(`${spot.wsUrl}/ws`);
    await client.ask({ method: "SUBSCRIBE", params: names(99), id: 1 });
    expect(await client.ask({ method: "SUBSCRIBE", params: names(3, 98), id: 2 })).toEqual({
      error: { code: 4, msg: "Too many subscriptions" },
      id: 2,
    });
    expect(await client.ask({ method: "SUBSCRIBE", params: names(2, 98), id: 3 })).toEqual({ result: null, id: 3 });
    expect(spot.connections()[0]?.subscriptions).toHaveLength(100);
  });

  it("close without a word when the settings say so, and in the address always close", async () => {
    const { spot } = await startExchange({
      spot: { connection: { streamsPerConnection: 2, overStreamLimit: "close" } },
    });
    const client = await TestClient.connect(`${spot.wsUrl}/ws`);
    client.socket.send(JSON.stringify({ method: "SUBSCRIBE", params: names(3), id: 1 }));
    const other = await TestClient.connect(`${spot.wsUrl}/ws/${names(3).join("/")}`);
    await until(() => client.isOver && other.isOver);
    expect([client.texts, other.texts]).toEqual([[], []]);
    expect(spot.connections()).toEqual([]);
  });
});

describe("attempts to connect", () => {
  it("are limited per five minutes; one more is answered 429 with Retry-After", async () => {
    const { clock, spot } = await startExchange({ spot: { connection: { attemptLimit: 3 } } });
    const attempt = () => TestClient.connect(`${spot.wsUrl}/ws`);
    for (let count = 0; count < 3; count += 1) expect((await attempt()).isOpen).toBe(true);
    clock.advance(4 * MINUTE);
    const refused = await attempt();
    expect([refused.refused?.status, refused.refused?.headers["retry-after"]]).toEqual([429, "60"]);
    clock.advance(MINUTE);
    expect((await attempt()).isOpen).toBe(true);
    expect(spot.journal.entries("attempt").map(({ outcome }) => outcome.result)).toEqual([
      ...["accepted", "accepted", "accepted", "refused", "accepted"],
    ]);
  });

  it("of an address banned from REST are refused only when the settings say so", async () => {
    const rest = { weightPerMinute: 1, requestsOverLimitBeforeBan: 0 };
    const { spot, futures } = await startExchange({
      spot: { rest, connection: { banRefusesHandshakes: true } },
      futures: { rest },
    });
    await fetch(`${spot.restUrl}/api/v3/exchangeInfo`);
    await fetch(`${futures.restUrl}/fapi/v1/ticker/24hr`);
    const client = await TestClient.connect(`${spot.wsUrl}/ws`);
    expect(client.refused).toMatchObject({ status: 418, headers: { "retry-after": "120" } });
    expect((await TestClient.connect(`${futures.wsUrl}/market/ws`)).isOpen).toBe(true);
  });

  it("with an address that is too long, or without a WebSocket key, are refused", async () => {
    const { spot } = await startExchange();
    const long = await TestClient.connect(`${spot.wsUrl}/ws/${"a".repeat(8_004)}`);
    expect(long.refused?.status).toBe(414);
    const socket = connect(Number(new URL(spot.wsUrl).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString();
    });
    socket.write("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await until(() => answer !== "");
    expect(answer).toContain("HTTP/1.1 400");
    socket.destroy();
  });
});

describe("the life of a connection", () => {
  it("ends after 24 hours, on spot with a notice first", async () => {
    const { clock, spot, futures } = await startExchange({ symbols: [] });
    const onSpot = await TestClient.connect(`${spot.wsUrl}/ws`);
    const onStream = await TestClient.connect(`${spot.wsUrl}/stream`);
    const onFutures = await TestClient.connect(`${futures.wsUrl}/market/ws`);
    const clients = [onSpot, onStream, onFutures];
    // Without pings a day may pass in one step: nobody has to answer them in real time.
    for (const market of [spot, futures]) market.faults.switchOn({ kind: "no-pings" });
    clock.advance(24 * HOUR - 20_000);
    await advance(clock, 9_999, ...clients);
    expect(onSpot.texts).toEqual([]);
    await advance(clock, 1, ...clients);
    const at = T0 + 24 * HOUR - 10_000;
    expect(onSpot.texts).toEqual([`{"e":"serverShutdown","E":${at}}`]);
    expect(onStream.texts).toEqual([`{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":${at}}}`]);
    await advance(clock, 9_999, ...clients);
    expect(clients.every((client) => client.isOpen)).toBe(true);
    clock.advance(1);
    await until(() => clients.every((client) => client.isOver));
    expect(clients.map((client) => client.closed?.code)).toEqual([1001, 1001, 1001]);
    expect(onFutures.texts).toEqual([]);
  });

  it("ends by reset when the settings say so, which its client sees as 1006", async () => {
    const { clock, futures } = await startExchange({
      futures: { connection: { lifeMs: MINUTE, lifeEnd: { by: "reset" } } },
    });
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws`);
    clock.advance(MINUTE);
    await until(() => client.isOver);
    expect(client.closed?.code).toBe(1006);
    expect(futures.journal.entries("closed")).toMatchObject([{ by: "server", code: 1006, reason: "reset" }]);
  });

  it("ends when the client ends it, which is noted as the client's", async () => {
    const { clock, futures } = await startExchange();
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws/btcusdt@kline_1m`);
    client.socket.close(1000, "done");
    await until(() => futures.journal.count("closed") === 1);
    expect(futures.journal.entries("closed")).toMatchObject([{ by: "client", code: 1000, reason: "done" }]);
    clock.advance(MINUTE);
    expect([futures.liveStreams(), futures.journal.count("final")]).toEqual([0, 0]);
  });
});

describe("a slow consumer", () => {
  it("is cut off when too much piles up", async () => {
    const { clock, futures } = await startExchange({
      futures: { connection: { sendBufferMaxBytes: 10_000, pongDeadlineMs: 24 * HOUR } },
    });
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws/btcusdt@kline_1m/ethusdt@kline_1m`);
    client.socket.pause();
    clock.advance(30 * MINUTE);
    expect(futures.journal.entries("closed")).toMatchObject([{ by: "server", code: 1006, reason: "reset" }]);
  });
});
