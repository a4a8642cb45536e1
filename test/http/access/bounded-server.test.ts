/** Clients that take their time: each part of a connection has a limit. The limits are short here, and otherwise the real ones. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { AccessGuard } from "../../../src/http/access/access-guard.js";
import { CONNECTION_TIMES, type ConnectionTimes } from "../../../src/http/access/bounded-server.js";
import type { HttpContext } from "../../../src/http/context.js";
import { createHttpServer } from "../../../src/http/server.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { OPEN_ACCESS } from "../../support/access.js";
import { until } from "../../support/until.js";

const SHORT: ConnectionTimes = { headersMs: 150, requestMs: 300, keepAliveMs: 150, stalledMs: 10_000, checkMs: 20 };

let limits: ConnectionTimes = SHORT;
beforeEach(() => {
  limits = SHORT;
});

async function startServer(): Promise<number> {
  return (await startWatched()).port;
}

/** A server without anything behind its routes, and its side of the first connection to it. */
async function startWatched() {
  const clock = new SimulatedClock();
  const context = {
    clock,
    gates: {},
    backfills: {},
    metrics: { count: () => undefined },
    runtime: { whitelist: Array.from({ length: 400_000 }, (_, at) => `series-${at}`) },
    log: { error: () => undefined },
  } as unknown as HttpContext;
  const server = await createHttpServer({
    context,
    guard: new AccessGuard(OPEN_ACCESS, clock),
    corsOrigins: [],
    loopDelay: { read: () => 0, stop: () => undefined },
    times: limits,
  });
  onTestFinished(async () => {
    const closed = server.close();
    server.app.server.closeAllConnections();
    await closed;
  });
  const accepted = once(server.app.server, "connection") as Promise<[Socket]>;
  return { port: await server.listen("127.0.0.1", 0), accepted };
}

interface Slow {
  readonly socket: Socket;
  text(): string;
  /** Resolves with all that came when the server has hung up. */
  readonly ended: Promise<string>;
}

async function open(port: number, paused = false): Promise<Slow> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  let text = "";
  const take = (data: Buffer): void => {
    text += data.toString("latin1");
  };
  if (!paused) socket.on("data", take);
  await once(socket, "connect");
  const ended = once(socket, "close").then(() => text);
  return { socket, text: () => text, ended };
}

const detailOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));

describe("a request that does not come to its end", () => {
  const NEVER_MS = 600_000;

  async function expectTimeout(bytes: string): Promise<void> {
    const slow = await open(await startServer());
    slow.socket.write(bytes);
    const answer = await slow.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(detailOf(answer)).toEqual({ detail: "request_timeout" });
  }

  test.each([
    ["nothing at all", ""],
    ["half a request line", "GET /api"],
    ["headers without an end", "GET /api/market/whitelist HTTP/1.1\r\nHost: localhost\r\nX: y\r\n"],
  ])("%s: 408 when the headers are due, long before the whole is", async (_, bytes) => {
    limits = { ...SHORT, requestMs: NEVER_MS };
    await expectTimeout(bytes);
  });

  test.each([
    [
      "a body that is announced and does not come",
      "POST /api/market/ingest/candle_closed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
    ],
    [
      "half a body",
      'POST /api/market/ingest/candle_closed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"a":',
    ],
    [
      "chunks without an end",
      "POST /api/market/ingest/candle_closed HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
  ])("%s: 408 when the whole is due", (_, bytes) => expectTimeout(bytes));

  test("a header every now and then does not put the end off", async () => {
    limits = { ...SHORT, requestMs: NEVER_MS };
    const slow = await open(await startServer());
    slow.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
    const dribble = setInterval(() => slow.socket.write("X: y\r\n"), 20);
    onTestFinished(() => clearInterval(dribble));
    expect(await slow.ended).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("a byte of the body every now and then does not, either", async () => {
    const slow = await open(await startServer());
    slow.socket.write(
      "POST /api/market/ingest/candle_closed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n",
    );
    const dribble = setInterval(() => slow.socket.write(" "), 20);
    onTestFinished(() => clearInterval(dribble));
    expect(await slow.ended).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe("an answered connection", () => {
  test("is closed when no other request comes", async () => {
    const idle = await open(await startServer());
    idle.socket.write("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await idle.ended).toMatch(/^HTTP\/1\.1 404 /);
  });

  test("whose client does not read its answer is closed", async () => {
    limits = { ...SHORT, headersMs: 10_000, requestMs: 10_000, keepAliveMs: 10_000, stalledMs: 150 };
    const { port, accepted } = await startWatched();
    const deaf = await open(port, true);
    const [served] = await accepted;
    const hungUp = once(served, "close");
    // More than the buffers of both ends hold.
    for (let at = 0; at < 4; at += 1)
      deaf.socket.write("GET /api/market/whitelist HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await hungUp;
    expect(served.bytesWritten).toBeGreaterThan(1_000_000);
  });
});

describe("a client in time", () => {
  test("is answered on one connection as often as it likes", async () => {
    limits = { ...SHORT, headersMs: 5_000, requestMs: 5_000, keepAliveMs: 5_000 };
    const quick = await open(await startServer());
    for (let at = 1; at <= 20; at += 1) {
      quick.socket.write("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await until("an answer", () => (quick.text().split("HTTP/1.1 404").length > at ? true : undefined));
    }
  });

  test("has more time than anybody needs", () => {
    expect(CONNECTION_TIMES).toEqual({
      headersMs: 10_000,
      requestMs: 30_000,
      keepAliveMs: 75_000,
      stalledMs: 120_000,
      checkMs: 1_000,
    });
  });
});
