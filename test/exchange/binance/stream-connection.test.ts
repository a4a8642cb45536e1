import { describe, expect, onTestFinished, test } from "vitest";
import {
  type ConnectionEnding,
  endingText,
  StreamConnection,
  type StreamConnectionOptions,
} from "../../../src/exchange/binance/stream-connection.js";
import type { BinanceMarket } from "../../../src/exchange/binance/urls.js";
import type { StreamMessage } from "../../../src/exchange/binance/wire.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { type Handshake, roundTrip, startSocketServer, until } from "../../actors/endpoint/socket-server.js";
import { candleAt } from "../../support/candles.js";

const STREAM = "btcusdt@kline_1m";

/** A connection to a server of the test's own, and what it told its owner. */
async function dial(
  options: { readonly market?: BinanceMarket; readonly handshake?: Handshake; readonly url?: string } = {},
) {
  const server = await startSocketServer();
  server.handshake = options.handshake ?? "accept";
  const clock = new SimulatedClock();
  const told = { opened: 0, messages: [] as StreamMessage[], endings: [] as ConnectionEnding[] };
  const callbacks: Pick<StreamConnectionOptions, "onOpen" | "onMessage" | "onClosed"> = {
    onOpen: () => {
      told.opened += 1;
    },
    onMessage: (message) => told.messages.push(message),
    onClosed: (ending) => told.endings.push(ending),
  };
  const market = options.market ?? "spot";
  const connection = new StreamConnection({ market, baseUrl: options.url ?? server.url, clock, ...callbacks });
  onTestFinished(() => connection.close());
  const ended = () => until("the end", () => told.endings.length > 0);
  return { server, clock, told, connection, ended };
}

/** A connection that is open. */
async function open(market: BinanceMarket = "spot") {
  const parts = await dial({ market });
  await until("the handshake", () => parts.connection.isOpen);
  const { side } = parts.server;
  return { ...parts, side };
}

describe("the handshake", () => {
  test.each([
    ["spot", "/stream"],
    ["futures", "/market/stream"],
  ] as const)("%s dials the combined route %s", async (market, path) => {
    const { server, told, clock } = await open(market);
    expect([server.attempts, told.opened]).toEqual([[path], 1]);
    expect(clock.pendingTimers).toBe(1);
  });

  test.each([429, 418, 403, 451, 503, 404])(
    "RS-N1 refused with HTTP %i ends with the status and its Retry-After",
    async (status) => {
      const { told, ended, clock, connection } = await dial({
        handshake: { status, headers: { "retry-after": "17" } },
      });
      await ended();
      expect(told).toEqual({ opened: 0, messages: [], endings: [{ type: "refused", status, retryAfter: "17" }] });
      expect([connection.isOpen, clock.pendingTimers]).toEqual([false, 0]);
    },
  );

  test("a redirect is not followed, and a missing Retry-After is null", async () => {
    const { told, ended } = await dial({ handshake: { status: 302, headers: { location: "ws://127.0.0.1:1/" } } });
    await ended();
    expect(told.endings).toEqual([{ type: "refused", status: 302, retryAfter: null }]);
  });

  test("RS-N2 without an answer is given up after ten seconds", async () => {
    const { told, ended, clock, server } = await dial({ handshake: "hang" });
    await until("the attempt", () => server.attempts.length === 1);
    clock.advance(9_999);
    expect(told.endings).toEqual([]);
    clock.advance(1);
    await ended();
    expect(told.endings).toEqual([{ type: "unreachable", reason: "no answer to the handshake in time" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("that is cut, or that nobody answers, ends as unreachable with the system's word", async () => {
    const cut = await dial({ handshake: "reset" });
    await cut.ended();
    expect(cut.told.endings).toMatchObject([{ type: "unreachable", reason: expect.stringMatching(/hang up|reset/i) }]);
    const nobody = await dial({ url: "ws://127.0.0.1:1" });
    await nobody.ended();
    expect(nobody.told.endings).toMatchObject([
      { type: "unreachable", reason: expect.stringContaining("ECONNREFUSED") },
    ]);
  });

  test("a base from which no address can be made is an error at once", async () => {
    await expect(dial({ url: "http://127.0.0.1" })).rejects.toMatchObject({ code: "invalid_base_url" });
  });
});

describe("messages", () => {
  test("are passed on understood", async () => {
    const { side, told } = await open();
    side.kline(STREAM, candleAt(60), true);
    side.reply(7);
    await until("both messages", () => told.messages.length === 2);
    expect(told.messages).toMatchObject([
      { type: "kline", stream: STREAM, final: true, candle: candleAt(60) },
      { type: "reply", id: 7, error: null },
    ]);
  });

  test("RS-N3 garbage costs nothing but itself: the connection stays", async () => {
    const { side, told, connection } = await open();
    for (const text of ["{", "null", "[]", '"text"', '{"e":"unheard"}', '{"stream":"x","data":{"e":"kline","k":{}}}']) {
      side.socket.send(text);
    }
    side.socket.send(Buffer.from([0, 1, 2, 255]));
    side.socket.send(Buffer.from(JSON.stringify({ result: null, id: 1 })));
    side.kline(STREAM, candleAt(60));
    await until("the candle", () => told.messages.some(({ type }) => type === "kline"));
    expect(told.messages.map(({ type }) => type)).toEqual([...Array(6).fill("ignored"), "kline"]);
    expect([connection.isOpen, told.endings]).toEqual([true, []]);
  });

  test("a frame beyond all reason ends the connection", async () => {
    const { side, told, ended } = await open();
    side.socket.send("x".repeat(1024 * 1024 + 1));
    await ended();
    expect(told.endings).toMatchObject([{ type: "dropped" }]);
  });
});

describe("control messages", () => {
  test("wait for the connection to open", async () => {
    const { connection, server } = await dial();
    connection.control("SUBSCRIBE", [STREAM]);
    await until("the handshake", () => connection.isOpen);
    connection.control("SUBSCRIBE", ["ethusdt@kline_1m"]);
    await until("both messages", () => server.side.controls.length === 2);
    expect(server.side.controls).toEqual([
      { method: "SUBSCRIBE", params: [STREAM], id: 1 },
      { method: "SUBSCRIBE", params: ["ethusdt@kline_1m"], id: 2 },
    ]);
  });

  test("RS-N4 are split below the length that the exchange takes, under ids of their own", async () => {
    const { connection, clock, side } = await open("futures");
    const streams = Array.from({ length: 500 }, (_, n) => `symbol${n}usdt@kline_15m`);
    const messages = connection.control("SUBSCRIBE", streams);
    expect(messages.flatMap((message) => message.streams)).toEqual(streams);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
    for (let sent = 0; sent < messages.length; sent = side.controls.length) {
      await roundTrip(side);
      clock.advance(1_250);
    }
    expect(side.streams("SUBSCRIBE")).toEqual(streams);
    for (const { kind, text } of side.frames) if (kind === "text") expect(Buffer.byteLength(text)).toBeLessThan(4_096);
  });

  test("nothing to say sends nothing", async () => {
    const { connection, side } = await open();
    expect(connection.control("SUBSCRIBE", [])).toEqual([]);
    await roundTrip(side);
    expect(side.controls).toEqual([]);
  });

  test.each([
    ["spot", 4],
    ["futures", 8],
  ] as const)(
    "RS-N5 %s: no more than %i frames leave in a window, pongs included, and a pong always finds room",
    async (market, limit) => {
      const { connection, clock, side, told } = await open(market);
      for (let n = 0; n < 20; n += 1) connection.control("SUBSCRIBE", [`s${n}usdt@kline_1m`]);
      await roundTrip(side);
      expect(side.frames.map(({ kind }) => kind)).toEqual([...Array(limit - 1).fill("text"), "pong"]);
      clock.advance(1_249);
      side.socket.ping("too soon");
      side.kline(STREAM, candleAt(60));
      await until("the candle after the ping", () => told.messages.some(({ type }) => type === "kline"));
      clock.advance(1);
      await until("the next frames", () => side.controls.length === 2 * (limit - 1));
      expect(side.frames.filter(({ text }) => text === "too soon")).toEqual([]);
    },
  );
});

describe("pings", () => {
  test("RS-N6 are answered at once with their own payload", async () => {
    const { side } = await open();
    side.socket.ping("1746403230000");
    await until("the pong", () => side.frames.length === 1);
    expect(side.frames).toEqual([{ kind: "pong", text: "1746403230000" }]);
  });

  test("own ones go out every 20 s; answers count as life", async () => {
    const { side, clock, told, connection } = await open();
    for (let n = 1; n <= 10; n += 1) {
      clock.advance(20_000);
      await until(`ping ${n}`, () => side.frames.length === n);
      side.socket.pong();
      side.kline(STREAM, candleAt(60 * n));
      await until("the candle", () => told.messages.length === n);
    }
    expect(side.frames.every(({ kind }) => kind === "ping")).toBe(true);
    expect(connection.isOpen).toBe(true);
  });

  test("RS-N7 without any frame for more than 90 s the connection is given up", async () => {
    const { clock, told, ended, connection } = await open();
    clock.advance(90_000);
    expect(connection.isOpen).toBe(true);
    clock.advance(10_000);
    await ended();
    expect(told.endings).toEqual([{ type: "dropped", code: 1006, reason: "no frame for 90 s" }]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("the end", () => {
  test.each([
    [1001, "going away"],
    [1008, "Too many requests"],
    [1006, ""],
  ])("RS-N8 by the exchange with %i is told once, with code and reason", async (code, reason) => {
    const { side, told, ended, connection, clock } = await open();
    if (code === 1006) side.socket.terminate();
    else side.socket.close(code, reason);
    await ended();
    expect(told.endings).toEqual([{ type: "dropped", code, reason }]);
    connection.close();
    expect([told.endings.length, connection.isOpen, clock.pendingTimers]).toEqual([1, false, 0]);
  });

  test("RS-N9 by its owner is told to the exchange, and nothing is called afterwards", async () => {
    const { side, told, connection, clock } = await open();
    connection.control("SUBSCRIBE", [STREAM]);
    await until("the reply", () => told.messages.length === 1);
    connection.close();
    connection.close();
    side.kline(STREAM, candleAt(60));
    await until("the close", () => side.closed !== undefined);
    await until("the timers' end", () => clock.pendingTimers === 0);
    expect(side.closed).toEqual({ code: 1000 });
    expect(told).toMatchObject({ opened: 1, endings: [] });
    expect(told.messages).toHaveLength(1);
    expect(connection.control("SUBSCRIBE", [STREAM])).toHaveLength(1);
  });

  test("does not wait longer than two seconds for the other side", async () => {
    const { side, connection, clock } = await open();
    side.socket.pause();
    connection.close();
    clock.advance(1_999);
    expect(side.closed).toBeUndefined();
    clock.advance(1);
    side.socket.resume();
    await until("the end", () => side.closed !== undefined);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each<[string, Handshake]>([
    ["dialing", "hang"],
    ["being refused", { status: 503 }],
    ["being accepted", "accept"],
  ])("while %s is silent and leaves nothing behind", async (_when, handshake) => {
    const { server, told, connection, clock } = await dial({ handshake });
    await until("the attempt", () => server.attempts.length === 1);
    connection.close();
    await until("the timers' end", () => clock.pendingTimers === 0);
    clock.advance(120_000);
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(told).toEqual({ opened: 0, messages: [], endings: [] });
  });
});

test("endings read well in logs", () => {
  const texts: [ConnectionEnding, string][] = [
    [{ type: "refused", status: 503, retryAfter: null }, "handshake refused with HTTP 503"],
    [{ type: "unreachable", reason: "connect ECONNREFUSED" }, "unreachable: connect ECONNREFUSED"],
    [{ type: "dropped", code: 1006, reason: "" }, "connection lost (1006)"],
    [{ type: "dropped", code: 1008, reason: "Too many requests" }, "connection lost (1008 Too many requests)"],
  ];
  for (const [ending, text] of texts) expect(endingText(ending)).toBe(text);
});
