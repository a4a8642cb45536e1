import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../src/clock/random.js";
import { silentLog } from "../../src/observability/event-log.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { DAEMON_NOW_MS, startTestDaemon } from "../support/daemon.js";
import { CANDLES, CLOSED, call, exchangeBytes, ingest, wire } from "./request.js";

const SERIES = "binance:spot:BTC/USDT:1m";

function bodyOf(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
}

async function openSocket(url: string, options: { readonly allowHalfOpen?: boolean } = {}): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...options });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

test("a path that is not properly percent-encoded is a malformed request", async () => {
  const { url } = await startTestDaemon();
  for (const path of ["/api/%zz", "/%", "/api/market/candles%E0%A4"]) {
    const answer = await call(url, path);
    expect([answer.status, answer.json], path).toEqual([400, { detail: "malformed_request" }]);
  }
});

test("a query that is not properly percent-encoded is taken by the letter", async () => {
  const { url } = await startTestDaemon();
  const answer = await call(url, `${CANDLES}?series_id=%zz%&`);
  expect(answer.json).toEqual({ series_id: "%zz%", server_head_time: null, candles: [] });
});

test("what is no HTTP at all is told so, and hung up on", async () => {
  const { url } = await startTestDaemon();
  const cases = [
    "\x16\x03\x01\x02\x00 hello TLS\r\n\r\n",
    "GET\r\n\r\n",
    "FROBNICATE /api HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  ];
  for (const bytes of cases) {
    const answer = await exchangeBytes(url, bytes);
    expect(answer, bytes).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(bodyOf(answer), bytes).toEqual({ detail: "malformed_request" });
  }
});

test("headers beyond the bound are refused", async () => {
  const { url } = await startTestDaemon();
  const answer = await exchangeBytes(url, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(17_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(bodyOf(answer)).toEqual({ detail: "headers_too_large" });
});

test("a body that breaks off stores nothing and is no fault of this program", async () => {
  const errors: string[] = [];
  const log = { ...silentLog, error: (event: string) => void errors.push(event), with: () => log };
  const { url, app } = await startTestDaemon({ log });
  const body = JSON.stringify({ series_id: SERIES, candle: wire(100) });
  const head = `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
  for (const bytes of [head, head + body.slice(0, -1)]) await exchangeBytes(url, bytes);
  expect((await ingest(url, SERIES, 160)).status).toBe(200);
  expect(app.store.head(SERIES).count).toBe(1);
  expect(errors).toEqual([]);
});

test("several requests on one connection are answered in order", async () => {
  const { url } = await startTestDaemon();
  const request = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
  const answer = await exchangeBytes(
    url,
    request("/api/market/whitelist") + request("/nowhere") + request(CANDLES, "Connection: close\r\n"),
  );
  expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "404", "422"]);
});

test("random bytes crash nothing", async () => {
  const { url } = await startTestDaemon();
  const random = seededRandom(20_240_501);
  const openings = [
    "",
    "GET ",
    "GET / HTTP/1.1\r\n",
    `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n`,
  ];
  for (let round = 0; round < 200; round += 1) {
    const noise = Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)));
    const opening = openings[round % openings.length] ?? "";
    await exchangeBytes(url, Buffer.concat([Buffer.from(opening), noise]));
  }
  expect((await call(url, "/api/market/whitelist")).status).toBe(200);
});

test("random JSON as a body is answered with 200, 400 or 422, and nothing else", async () => {
  const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEV_API: "1" } });
  const random = seededRandom(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const scalars = [null, true, 0, -1, 1.5, 1e300, 9e15, "", "1", "x", SERIES, "a:b:c:1m", "a:b:c:1x"];
  const names = [
    "series_id",
    "candle",
    "candles",
    "candle_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "__proto__",
  ];
  const value = (depth: number): unknown => {
    if (depth === 0 || random() < 0.3) return pick(scalars);
    if (random() < 0.3) return Array.from({ length: Math.floor(random() * 3) }, () => value(depth - 1));
    return Object.fromEntries(names.filter(() => random() < 0.5).map((name) => [name, value(depth - 1)]));
  };
  const paths = [CLOSED, "/api/dev/market/ingest/candles_closed_batch", "/api/market/ingest/candle_forming"];
  for (let round = 0; round < 300; round += 1) {
    const body = JSON.stringify(value(3));
    const answer = await call(url, pick(paths), { method: "POST", body });
    const expected = answer.json.detail === "not_found" ? 404 : [200, 400, 422];
    expect([expected].flat(), body).toContain(answer.status);
  }
});

test("an upgrade to a path that has none is refused, and the connection does not outlive the refusal", async () => {
  const daemon = await startTestDaemon();
  const upgrade = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  for (const [path, status] of [
    ["/ws/none", "404 Not Found"],
    ["/ws/debug", "403 Forbidden"],
  ] as const) {
    // This client never closes its own side.
    const socket = await openSocket(daemon.url, { allowHalfOpen: true });
    socket.write(upgrade(path));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toBe(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  await daemon.app.stop();
});

test("a handshake that is none is refused", async () => {
  const { url } = await startTestDaemon();
  const answer = await exchangeBytes(
    url,
    "GET /ws/market HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

test("the orderly end: a run under way is answered, new requests are refused, idle connections are closed", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reached: () => void = () => undefined;
  const published = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const sinkFor = () => ({
    publish: () => {
      reached();
      return held;
    },
  });
  const { url, app } = await startTestDaemon({ parts: { sinkFor } });
  const idle = await openSocket(url);
  idle.write("GET /api/market/whitelist HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(idle, "data");
  const busy = await openSocket(url);
  const body = JSON.stringify({ series_id: SERIES, candle: wire(100) });
  busy.write(`POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  // Behind the run on the same connection.
  busy.write("GET /api/market/whitelist HTTP/1.1\r\nHost: localhost\r\n\r\n");
  let answers = "";
  busy.on("data", (data: Buffer) => {
    answers += data.toString("latin1");
  });
  const hungUp = once(busy, "close");
  await published;
  const stopped = app.stop();
  await once(idle, "close");
  await expect(call(url, "/api/market/whitelist")).rejects.toThrow();
  release();
  await stopped;
  await hungUp;
  expect(answers).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answers).toContain('{"ok":true');
});

test("the end does not wait for a request that never comes to its end", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const { url, app } = await startTestDaemon({ clock });
  const dribbling = await openSocket(url);
  dribbling.write(`POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{`);
  await call(url, "/api/market/whitelist");
  const stopped = app.stop();
  await clock.advanceSettled(1_000);
  await stopped;
});
