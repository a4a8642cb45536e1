/** Who may open a WebSocket, and how much may be said on it. Spec: ws-api §1.1; docs/security.md. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { bearer, TOKENS, tokensEnv } from "../../support/access.js";
import { DAEMON_NOW_MS, startTestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { WsClient } from "../../support/ws-client.js";
import { upgrade, upgradeStatus } from "../access/upgrade.js";
import { call, ingestAll } from "../request.js";

/** A client that does what a test wants, and answers nothing by itself. */
async function rawWebSocket(url: string): Promise<{ readonly socket: Socket; received(): string }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  let text = "";
  socket.on("data", (data: Buffer) => {
    text += data.toString("latin1");
  });
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  socket.write(
    `GET /ws/market HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
  );
  await untilTrue("the upgrade", () => text.includes("\r\n\r\n"));
  return { socket, received: () => text };
}

/** A text frame of a client, with a mask of zeros. */
function maskedText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

const SERIES = "binance:futures:BTC/USDT:1m";
const DEBUG = { TRADE_CANVAS_ENABLE_DEBUG_API: "1" };
const carrier = (token: string): string => `trade-canvas.token.${Buffer.from(token, "utf8").toString("base64url")}`;

describe.each(["/ws/market", "/ws/debug"])("the origin of %s", (path) => {
  test("none, our own and a listed one are let in", async () => {
    const { url } = await startTestDaemon({ env: DEBUG });
    for (const headers of [
      {},
      { origin: url },
      { origin: "http://localhost:5173" },
      { origin: "http://127.0.0.1:5173" },
    ]) {
      expect(await upgradeStatus(url, path, headers), JSON.stringify(headers)).toBe(101);
    }
  });

  test("a foreign one is refused with 403 and why", async () => {
    const { url } = await startTestDaemon({ env: DEBUG });
    const near = [
      "null",
      url.replace("http:", "https:").replace(/\d+$/, "1"),
      url.replace(/:\d+$/, ""),
      `${url}.evil.example`,
    ];
    for (const origin of ["https://evil.example", "http://localhost:5174", "file://", ...near]) {
      const answer = await upgrade(url, path, { origin });
      expect(answer, origin).toEqual({ status: 403, protocol: undefined, text: '{"detail":"foreign_origin"}' });
    }
  });

  test("a foreign name is refused, though the page calls itself by it", async () => {
    const { url } = await startTestDaemon({ env: DEBUG });
    const rebound = { host: "evil.example:8000", origin: "http://evil.example:8000" };
    expect(await upgrade(url, path, rebound)).toMatchObject({ status: 403, text: '{"detail":"foreign_host"}' });
  });
});

describe("the subprotocol", () => {
  test("is answered with ours when it is offered, and never with the one that carries a token", async () => {
    const { url } = await startTestDaemon({ env: tokensEnv() });
    const offer = async (...names: readonly string[]) => {
      const { status, protocol } = await upgrade(url, "/ws/market", { "sec-websocket-protocol": names.join(", ") });
      return [status, protocol];
    };
    const token = carrier(TOKENS.read);
    expect(await offer("trade-canvas", token)).toEqual([101, "trade-canvas"]);
    expect(await offer(token, "trade-canvas")).toEqual([101, "trade-canvas"]);
    expect(await offer(token, "other")).toEqual([101, "other"]);
    expect(await offer(token)).toEqual([101, undefined]);
    expect(await offer("trade-canvas")).toEqual([401, undefined]);
    expect(await offer("trade-canvas", carrier("tc_none"))).toEqual([401, undefined]);
    expect(await offer("trade-canvas", carrier("tc_none"), token)).toEqual([401, undefined]);
  });

  test("of another kind is accepted as ever where no token is needed", async () => {
    const { url } = await startTestDaemon();
    expect(await upgrade(url, "/ws/market", { "sec-websocket-protocol": "chat, superchat" })).toMatchObject({
      status: 101,
      protocol: "chat",
    });
  });

  test("lets a client as browsers have it follow a series", async () => {
    const daemon = await startTestDaemon({ env: { ...tokensEnv(), ...DEBUG } });
    const socket = new WebSocket(`${daemon.wsUrl}/ws/market`, ["trade-canvas", carrier(TOKENS.all)]);
    await once(socket, "open");
    expect(socket.protocol).toBe("trade-canvas");
    socket.terminate();
    const feed = await WsClient.connect(`${daemon.wsUrl}/ws/market`, { headers: bearer("read") });
    feed.subscribe(SERIES);
    await feed.settled();
    const refused = await call(daemon.url, "/api/market/ingest/candle_closed", { headers: bearer("read"), body: {} });
    expect(refused.status).toBe(403);
  });
});

test("a refused upgrade says what it needs, as a request is told", async () => {
  const { url } = await startTestDaemon({ env: tokensEnv() });
  expect(await upgrade(url, "/ws/market", {})).toEqual({
    status: 401,
    protocol: undefined,
    text: '{"detail":"token_required"}',
  });
  expect(await upgrade(url, "/ws/market", bearer("ingest"))).toEqual({
    status: 403,
    protocol: undefined,
    text: '{"detail":"scope_missing:read"}',
  });
});

describe("the rate of messages", () => {
  const LIMITED = { TRADE_CANVAS_CLIENT_MESSAGES_PER_SECOND: "2", TRADE_CANVAS_ENABLE_LOOPBACK_LIMITS: "1" };

  test("one client that says too much is closed with 1008, nothing more of it is looked at, and others go on", async () => {
    const daemon = await startTestDaemon({ env: LIMITED });
    const [loud, calm] = [await daemon.connect(), await daemon.connect()];
    calm.subscribe(SERIES);
    await calm.settled();
    for (let at = 0; at < 1_000; at += 1) loud.sendRaw("[]");
    expect(await loud.closed).toEqual({ code: 1008, reason: "too_many_messages" });
    expect(loud.messages.length).toBeLessThanOrEqual(40);
    await ingestAll(daemon.url, SERIES, [1_700_000_100]);
    await calm.atLeast(1);
  });

  test("pings count like messages, and on /ws/debug as well", async () => {
    const daemon = await startTestDaemon({ env: { ...LIMITED, ...DEBUG } });
    for (const path of ["/ws/market", "/ws/debug"]) {
      const pinging = await daemon.connect(path);
      for (let at = 0; at < 100; at += 1) pinging.socket.ping();
      expect(await pinging.closed, path).toEqual({ code: 1008, reason: "too_many_messages" });
    }
  });

  test("nothing that comes after the cut is looked at, however long the client stays", async () => {
    const clock = new SimulatedClock(DAEMON_NOW_MS);
    const daemon = await startTestDaemon({ env: LIMITED, clock });
    const subscribe = vi.spyOn(daemon.app.runtime, "subscribe");
    const { socket, received } = await rawWebSocket(daemon.url);
    for (let at = 0; at < 40; at += 1) socket.write(maskedText("[]"));
    await untilTrue("answers to all that it may say", () => received().split("invalid message").length === 41);
    socket.write(maskedText("[]"));
    // It does not answer the close, and sends on when it would have messages to spare.
    await untilTrue("the close", () => received().includes("too_many_messages"));
    clock.advance(5_000);
    socket.write(maskedText(JSON.stringify({ type: "subscribe", series_id: SERIES })));
    const other = await daemon.connect();
    await other.quiet();
    expect(subscribe).not.toHaveBeenCalled();
    other.subscribe(SERIES);
    await other.settled();
    expect(subscribe).toHaveBeenCalledOnce();
  });

  test("one that keeps to it may go on for ever", async () => {
    const clock = new SimulatedClock(DAEMON_NOW_MS);
    const daemon = await startTestDaemon({ env: LIMITED, clock });
    const client = await daemon.connect();
    for (let at = 0; at < 200; at += 1) {
      await client.settled();
      clock.advance(500);
    }
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("is free on loopback: ten thousand messages are answered", async () => {
    const daemon = await startTestDaemon({ env: { TRADE_CANVAS_CLIENT_MESSAGES_PER_SECOND: "1" } });
    const client = await daemon.connect();
    for (let round = 1; round <= 10; round += 1) {
      for (let at = 0; at < 1_000; at += 1) client.sendRaw("[]");
      await client.atLeast(1_000 * round);
    }
  });

  test("frees what a client held when it is cut off", async () => {
    const daemon = await startTestDaemon({ env: LIMITED });
    const loud = await daemon.connect();
    loud.subscribe(SERIES);
    for (let at = 0; at < 100; at += 1) loud.sendRaw("[]");
    await loud.closed;
    await ingestAll(daemon.url, SERIES, [1_700_000_100]);
    expect(loud.messages.filter(({ type }) => type === "candle_closed")).toEqual([]);
  });
});

test("connections of one address are bounded, WebSockets among them, and one more is told so", async () => {
  const env = { TRADE_CANVAS_MAX_CONNECTIONS_PER_ADDRESS: "3", TRADE_CANVAS_ENABLE_LOOPBACK_LIMITS: "1" };
  const daemon = await startTestDaemon({ env });
  const clients = [await daemon.connect(), await daemon.connect(), await daemon.connect()];
  const refused = await upgrade(daemon.url, "/ws/market", {});
  expect(refused).toEqual({ status: 503, protocol: undefined, text: '{"detail":"too_many_connections"}' });
  expect(await call(daemon.url, "/api/market/whitelist")).toMatchObject({ status: 503 });
  await clients[0]?.end();
  expect(await upgradeStatus(daemon.url, "/ws/market", {})).toBe(101);
});

test("many clients of this machine are let in at once", async () => {
  const daemon = await startTestDaemon({ env: { TRADE_CANVAS_MAX_CONNECTIONS_PER_ADDRESS: "1" } });
  const clients = await Promise.all(Array.from({ length: 300 }, () => daemon.connect()));
  await Promise.all(clients.map((client) => client.settled()));
});
