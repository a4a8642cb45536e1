/** Whatever comes from the exchange's side (random bytes, random frames, nonsense in JSON), nothing crashes or is invented. */
import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { type Random, seededRandom } from "../../src/clock/random.js";
import { candles, flat, ingest } from "../support/http.js";
import { type DaemonProcess, startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, nowhereEnv, SPOT_BTC } from "../support/world.js";

const bytes = (random: Random, most: number) =>
  Buffer.from(Array.from({ length: Math.floor(random() * most) }, () => Math.floor(random() * 256)));

/** Answers every connection with what `speak` says, and counts them. */
async function rawServer(speak: (socket: Socket) => void): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    speak(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as { port: number }).port, connections: () => connections };
}

/** A daemon on a fast clock whose exchange is at the given addresses. */
function daemonAt(ws: number, rest: number): Promise<DaemonProcess> {
  return startProcess(["start"], {
    ...nowhereEnv(),
    TRADE_CANVAS_SIM_CLOCK: `1746403200000@${Date.now()}x60`,
    TRADE_CANVAS_BINANCE_SPOT_WS_URL: `ws://127.0.0.1:${ws}`,
    TRADE_CANVAS_BINANCE_FUTURES_WS_URL: `ws://127.0.0.1:${ws}`,
    TRADE_CANVAS_BINANCE_SPOT_BASE_URL: `http://127.0.0.1:${rest}`,
    TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: `http://127.0.0.1:${rest}`,
    TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC, SPOT_BTC]),
  });
}

/** The daemon lives, serves, takes candles in, and has stored nothing that nobody sent. */
async function expectUnharmed(daemon: DaemonProcess): Promise<void> {
  for (const series of [BTC, SPOT_BTC]) {
    expect(await candles(daemon.url, series)).toMatchObject({
      status: 200,
      body: { server_head_time: null, candles: [] },
    });
  }
  expect((await ingest(daemon.url, "a:b:C/D:1m", flat(60, 1))).status).toBe(200);
  expect(daemon.output()).not.toContain('"event":"actor.crashed"');
  expect(await daemon.end("SIGTERM")).toBe(0);
}

describe("random bytes", () => {
  test.each([
    ["at once", (random: Random) => (socket: Socket) => void socket.end(bytes(random, 3_000))],
    [
      "after the head of an HTTP answer",
      (random: Random) => (socket: Socket) =>
        void socket.once("data", () =>
          socket.end(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), bytes(random, 3_000)])),
        ),
    ],
    [
      "after a switch of protocols",
      (random: Random) => (socket: Socket) =>
        void socket.once("data", () =>
          socket.end(
            Buffer.concat([
              Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
              bytes(random, 3_000),
            ]),
          ),
        ),
    ],
  ])("%s", async (_, speaker) => {
    const random = seededRandom(1);
    const server = await rawServer(speaker(random));
    const daemon = await daemonAt(server.port, server.port);
    await untilTrue("a number of connections", () => server.connections() >= 20);
    await expectUnharmed(daemon);
  });
});

test("random frames and nonsense on an open stream are passed over, and are no reason to reconnect (B20)", async () => {
  const random = seededRandom(2);
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  let connections = 0;
  let frames = 0;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const kline = {
    t: 1746403200000,
    T: 1746403259999,
    s: "BTCUSDT",
    i: "1m",
    o: "1",
    h: "1",
    l: "1",
    c: "1",
    v: "1",
    x: true,
  };
  const nonsense = (): string | Buffer => {
    const broken = {
      ...kline,
      [pick(["t", "o", "h", "l", "c", "v", "x"])]: pick([null, "", "NaN", [], {}, "1e999", undefined]),
    };
    return pick<string | Buffer>([
      bytes(random, 400),
      bytes(random, 400).toString("latin1"),
      JSON.stringify(pick([null, 1, "x", [], {}, { stream: 1 }, { data: null }, { e: "kline" }, { id: 1, result: 5 }])),
      JSON.stringify({ stream: "btcusdt@kline_1m", data: { e: "kline", E: 1, s: "BTCUSDT", k: broken } }),
      JSON.stringify({ error: { code: pick([1, "x", null]), msg: pick(["no", 5, null]) }, id: pick([1, 99, null]) }),
    ]);
  };
  server.on("connection", (socket) => {
    connections += 1;
    const send = () => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(nonsense(), () => {
        frames += 1;
        setImmediate(send);
      });
    };
    send();
  });
  const rest = await rawServer((socket) => void socket.destroy());
  const daemon = await daemonAt((server.address() as { port: number }).port, rest.port);
  await untilTrue(
    "a few thousand frames, on the connections of both markets",
    () => connections >= 2 && frames > 5_000,
  );
  // One connection per market.
  expect(connections).toBe(2);
  await expectUnharmed(daemon);
});
