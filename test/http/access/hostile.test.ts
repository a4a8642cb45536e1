/** Requests that mean no good, against a running daemon: each is refused with its code, and the next honest one is served. */
import { describe, expect, onTestFinished, test } from "vitest";
import { MAX_HEADERS } from "../../../src/http/access/access-guard.js";
import { MAX_HEADER_BYTES } from "../../../src/http/access/bounded-server.js";
import { MAX_BODY_BYTES } from "../../../src/http/body.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { bearer, tokensEnv } from "../../support/access.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { CANDLES, CLOSED, call, exchangeBytes, wire } from "../request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const WHITELIST = "/api/market/whitelist";
const CANDLE = { series_id: SERIES, candle: wire(100) };

/** A daemon that must still serve, and have stored nothing, when the test is over. */
async function startUntouched(env: Readonly<Record<string, string>> = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon({ env });
  onTestFinished(async () => {
    const headers = "TRADE_CANVAS_ACCESS_TOKENS_PATH" in env ? bearer("read") : {};
    expect((await call(daemon.url, WHITELIST, { headers })).status).toBe(200);
    expect(daemon.app.store.head(SERIES).count).toBe(0);
  });
  return daemon;
}

describe("the name that a request is sent to", () => {
  test("must be one of loopback: a page whose name was made to resolve here is told nothing", async () => {
    const { url } = await startUntouched();
    for (const host of [
      "evil.example",
      "evil.example:8000",
      "127.0.0.1.evil.example",
      "[::2]:8000",
      "10.0.0.1",
      "a b",
    ]) {
      const read = await call(url, WHITELIST, { headers: { host } });
      expect([read.status, read.json], host).toEqual([403, { detail: "foreign_host" }]);
      expect((await call(url, CLOSED, { headers: { host }, body: CANDLE })).status, host).toBe(403);
      expect((await call(url, "/nowhere", { headers: { host } })).status, host).toBe(403);
    }
    for (const host of ["localhost", "LOCALHOST:1", "[::1]:8000", "127.8.8.8", "x.localhost"]) {
      expect((await call(url, WHITELIST, { headers: { host } })).status, host).toBe(200);
    }
  });

  test("may be that of a CORS origin, as of a proxy before the daemon", async () => {
    const { url } = await startUntouched({ TRADE_CANVAS_CORS_ORIGINS: "https://canvas.example.org" });
    expect((await call(url, WHITELIST, { headers: { host: "canvas.example.org" } })).status).toBe(200);
    expect((await call(url, WHITELIST, { headers: { host: "www.canvas.example.org" } })).status).toBe(403);
  });

  test("is not asked of what is older than names: HTTP/1.0; a request of today without one is malformed", async () => {
    const { url } = await startUntouched();
    expect(await exchangeBytes(url, `GET ${WHITELIST} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exchangeBytes(url, `GET ${WHITELIST} HTTP/1.1\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });

  test("counts once: a second Host does not stand in for the first", async () => {
    const { url } = await startUntouched();
    const twice = (a: string, b: string) =>
      `GET ${WHITELIST} HTTP/1.1\r\nHost: ${a}\r\nHost: ${b}\r\nConnection: close\r\n\r\n`;
    expect(await exchangeBytes(url, twice("evil.example", "localhost"))).toMatch(/^HTTP\/1\.1 40[03] /);
  });

  test("does not come from the request line", async () => {
    const { url } = await startUntouched();
    const absolute = `GET http://localhost${WHITELIST} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    expect(await exchangeBytes(url, absolute)).toMatch(/^HTTP\/1\.1 40[034] /);
  });
});

describe("a foreign page", () => {
  const page = (site: string) => ({
    origin: "https://evil.example",
    "sec-fetch-site": site,
    "content-type": "text/plain",
  });

  test("changes nothing by a request that its browser sends without asking first", async () => {
    const { url } = await startUntouched({ TRADE_CANVAS_ENABLE_DEV_API: "1" });
    const posts = [CLOSED, "/api/dev/market/ingest/candles_closed_batch", "/api/replay/prepare", "/api/dev/backfill"];
    for (const path of posts) {
      for (const site of ["cross-site", "same-site"]) {
        const answer = await call(url, path, { headers: page(site), body: CANDLE });
        expect([answer.status, answer.json], `${path} ${site}`).toEqual([403, { detail: "foreign_origin" }]);
      }
    }
  });

  test("is allowed nothing by a preflight, whatever it asks for", async () => {
    const { url } = await startUntouched();
    const headers = { ...page("cross-site"), "access-control-request-method": "POST" };
    const answer = await call(url, CLOSED, { method: "OPTIONS", headers });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("a page of ours, a listed one and a program that is no browser write as ever", async () => {
    const { url, app } = await startTestDaemon();
    const writers = [
      { origin: url, "sec-fetch-site": "same-origin" },
      { origin: "http://localhost:5173", "sec-fetch-site": "same-site" },
      { origin: "https://elsewhere.example" },
      {},
    ];
    for (const [at, headers] of writers.entries()) {
      const body = { series_id: SERIES, candle: wire(100 + 60 * at) };
      expect((await call(url, CLOSED, { headers, body })).status, JSON.stringify(headers)).toBe(200);
    }
    expect(app.store.head(SERIES).count).toBe(4);
  });
});

describe("too much of everything", () => {
  const request = (headers: string) =>
    `GET ${WHITELIST} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`;

  test("headers that are too many", async () => {
    const { url } = await startUntouched();
    for (const count of [MAX_HEADERS - 1, 1_000, 3_000]) {
      const answer = await exchangeBytes(url, request("x:y\r\n".repeat(count)));
      expect(answer.split("\r\n")[0], String(count)).toBe("HTTP/1.1 431 Request Header Fields Too Large");
      expect(answer).toContain('{"detail":"headers_too_large"}');
    }
    expect(await exchangeBytes(url, request("x:y\r\n".repeat(MAX_HEADERS - 2)))).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("headers, a header's name, a request line, a token and a query that are too long", async () => {
    const { url } = await startUntouched(tokensEnv());
    const long = "x".repeat(MAX_HEADER_BYTES);
    for (const bytes of [
      request(`x: ${long}\r\n`),
      request(`${long}: y\r\n`),
      request(`Authorization: Bearer ${long}\r\n`),
      `GET /${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET ${WHITELIST}?${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ]) {
      expect(await exchangeBytes(url, bytes), bytes.slice(0, 40)).toMatch(/^HTTP\/1\.1 431 /);
    }
    const longToken = { authorization: `Bearer ${"x".repeat(15_000)}` };
    expect(await call(url, WHITELIST, { headers: longToken })).toMatchObject({ status: 401 });
  });

  test("a body that is too large, announced and in chunks; without a token it is not even read", async () => {
    const { url } = await startUntouched(tokensEnv());
    const announced = `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n`;
    expect(await exchangeBytes(url, `${announced}\r\n`)).toMatch(/^HTTP\/1\.1 401 /);
    const token = `Authorization: ${bearer("ingest").authorization}\r\n`;
    expect(await exchangeBytes(url, `${announced}${token}\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
    const chunk = `100000\r\n${" ".repeat(0x100000)}\r\n`;
    const chunked = `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n${token}\r\n${chunk.repeat(17)}`;
    expect(await exchangeBytes(url, chunked)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("a body that is nested without end is no object, and brings nothing down", async () => {
    const { url } = await startUntouched();
    for (const body of ["[".repeat(1_000_000), `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`]) {
      expect([400, 422]).toContain((await call(url, CLOSED, { body })).status);
    }
  });

  test("a name that every object has is no member of a body", async () => {
    const { url } = await startUntouched();
    const body = '{"__proto__":{"series_id":"a:b:C/D:1m"},"constructor":{"prototype":{"polluted":1}}}';
    expect((await call(url, CLOSED, { body })).status).toBe(422);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("a request inside of another", () => {
  test.each([
    ["two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"],
    ["a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"],
    ["chunks that are not the last coding", "Transfer-Encoding: chunked, identity\r\n"],
    ["a length that is none", "Content-Length: 5x\r\n"],
    ["a negative length", "Content-Length: -5\r\n"],
    ["a space before the colon", "Content-Length : 5\r\n"],
    ["a folded header", "X: a\r\n b\r\n"],
    ["a bare line feed in a header", "X: a\nContent-Length: 5\r\n"],
    ["a NUL in a header", "X: a\0b\r\n"],
  ])("%s: refused, and nothing behind it is looked at", async (_, headers) => {
    const { url } = await startUntouched();
    const inner = `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${JSON.stringify(CANDLE).length}\r\n\r\n${JSON.stringify(CANDLE)}`;
    const bytes = `POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n0\r\n\r\n${inner}`;
    const answers = await exchangeBytes(url, bytes);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual([expect.stringMatching(/ (400|501)$/)]);
  });
});

describe("the rate of requests", () => {
  test("is refused with 429 and when to come again; another token goes on", async () => {
    const clock = new SimulatedClock(DAEMON_NOW_MS);
    const env = { ...tokensEnv(), TRADE_CANVAS_REQUESTS_PER_SECOND: "1", TRADE_CANVAS_ENABLE_LOOPBACK_LIMITS: "1" };
    const { url } = await startTestDaemon({ env, clock });
    const statuses: number[] = [];
    for (let at = 0; at < 21; at += 1) statuses.push((await call(url, WHITELIST, { headers: bearer("read") })).status);
    expect(statuses).toEqual([...Array<number>(20).fill(200), 429]);
    const refused = await call(url, CANDLES, { headers: { ...bearer("read"), origin: "http://localhost:5173" } });
    expect([refused.status, refused.json, refused.headers["retry-after"]]).toEqual([
      429,
      { detail: "too_many_requests" },
      "1",
    ]);
    expect(refused.headers["access-control-allow-origin"]).toBe("http://localhost:5173");
    expect((await call(url, WHITELIST, { headers: bearer("all") })).status).toBe(200);
    clock.advance(1_000);
    expect((await call(url, WHITELIST, { headers: bearer("read") })).status).toBe(200);
  });

  test("is free on loopback: a thousand requests at one moment are answered", async () => {
    const { url } = await startTestDaemon({ env: { TRADE_CANVAS_REQUESTS_PER_SECOND: "1" } });
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => call(url, WHITELIST)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
  });
});

test("refusals are counted by their code, in a number of series that no client can raise", async () => {
  const { url } = await startTestDaemon({
    env: { ...tokensEnv(), TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1" },
  });
  for (let at = 0; at < 3; at += 1) await call(url, WHITELIST);
  await call(url, `${WHITELIST}?${Math.random()}`, { headers: { authorization: "Bearer tc_none" } });
  const { text } = await call(url, "/api/market/debug/metrics", { headers: bearer("debug") });
  expect(text).toContain("http_access_refused_total");
  expect(text).toMatch(/http\.token_required/);
  expect(text).toMatch(/http\.token_unknown/);
  expect(text).not.toContain("tc_none");
});
