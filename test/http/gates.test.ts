import { expect, test } from "vitest";
import { MAX_BODY_BYTES } from "../../src/http/body.js";
import { startTestDaemon } from "../support/daemon.js";
import { BATCH, CANDLES, CLOSED, call, exchangeBytes, FORMING, post, wire } from "./request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const HEALTH = "/api/market/health";
const FEED = "/api/feed/state";
const STATE = "/api/market/debug/ingest_state";
const METRICS = "/api/market/debug/metrics";
const CLOSED_GATE = { detail: "not_found" };

test("everything optional is closed by default", async () => {
  const { url } = await startTestDaemon();
  const candle = { series_id: SERIES, candle: wire(100) };
  const answers = [
    await post(url, FORMING, candle),
    await post(url, BATCH, { series_id: SERIES, candles: [wire(100)] }),
    await call(url, `${HEALTH}?series_id=${SERIES}`),
    await call(url, FEED),
    await call(url, STATE),
    await call(url, METRICS),
  ];
  for (const answer of answers) expect([answer.status, answer.json]).toEqual([404, CLOSED_GATE]);
});

test("a gate inside of a handler comes after validation", async () => {
  const { url } = await startTestDaemon();
  expect((await post(url, FORMING, {})).status).toBe(422);
  expect((await call(url, HEALTH)).status).toBe(422);
  expect((await call(url, `${HEALTH}?series_id=x&now_time=-1`)).status).toBe(422);
  // Valid, but the series id names nothing: the gate is asked first.
  expect((await post(url, FORMING, { series_id: "x", candle: wire(1) })).json).toEqual(CLOSED_GATE);
  expect((await call(url, `${HEALTH}?series_id=x`)).json).toEqual(CLOSED_GATE);
});

test("the gate of a group comes before the body is looked at", async () => {
  const { url } = await startTestDaemon();
  for (const body of ["{", "", { series_id: 1 }, Buffer.alloc(1_000, 0xff)]) {
    expect((await post(url, BATCH, body)).json).toEqual(CLOSED_GATE);
  }
  const claimed = await call(url, BATCH, {
    method: "POST",
    headers: { "content-length": String(MAX_BODY_BYTES + 1), connection: "close" },
  });
  expect([claimed.status, claimed.json]).toEqual([404, CLOSED_GATE]);
});

test("an unknown path is 404, whatever the method and the body", async () => {
  const { url } = await startTestDaemon();
  const paths = ["/api", "/api/market/candles/", "//api/market/candles", "/api/Market/candles", "/api/plot/delta"];
  for (const path of [...paths, "/api/overlay/delta", "/ws/market", "/api/market/candles%2F"]) {
    for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
      const body = method === "GET" ? undefined : "{";
      const answer = await call(url, path, { method, body });
      expect([answer.status, answer.json], `${method} ${path}`).toEqual([404, { detail: "Not Found" }]);
    }
  }
});

test("a known path with another method is 405 and names the right ones, whatever the body", async () => {
  const { url } = await startTestDaemon();
  const cases: [string, string, string][] = [
    ["POST", CANDLES, "GET"],
    ["DELETE", `${CANDLES}?series_id=x`, "GET"],
    ["OPTIONS", CANDLES, "GET"],
    ["PROPFIND", CANDLES, "GET"],
    ["GET", CLOSED, "POST"],
    ["PUT", CLOSED, "POST"],
    ["PATCH", "/api/market/whitelist", "GET"],
    ["GET", BATCH, "POST"],
  ];
  for (const [method, path, allow] of cases) {
    const answer = await call(url, path, { method, body: method === "GET" ? undefined : "{" });
    expect([answer.status, answer.json, answer.headers.allow], `${method} ${path}`).toEqual([
      405,
      { detail: "Method Not Allowed" },
      allow,
    ]);
  }
});

test("HEAD is no method of any path, and is answered without a body", async () => {
  const { url } = await startTestDaemon();
  const known = await exchangeBytes(url, `HEAD ${CANDLES} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  expect(known).toMatch(/^HTTP\/1\.1 405 /);
  expect(known).toMatch(/\r\n\r\n$/);
  expect((await call(url, "/nowhere", { method: "HEAD" })).status).toBe(404);
});

test("a body beyond the bound is refused, announced or not, and changes nothing", async () => {
  const { url, app } = await startTestDaemon();
  const announced = await call(url, CLOSED, {
    method: "POST",
    headers: { "content-length": String(MAX_BODY_BYTES + 1), connection: "close" },
  });
  expect([announced.status, announced.json]).toEqual([413, { detail: "body_too_large" }]);
  // Nothing is sent beyond the byte that is too much: the answer would race with the server's hanging up.
  const chunk = (bytes: number) => Buffer.from(`${bytes.toString(16)}\r\n${" ".repeat(bytes)}`);
  const head = Buffer.from(`POST ${CLOSED} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const answer = await exchangeBytes(url, Buffer.concat([head, chunk(MAX_BODY_BYTES + 1)]));
  expect(answer).toMatch(/^HTTP\/1\.1 413 .*\{"detail":"body_too_large"\}$/s);
  expect(app.store.seriesIds()).toEqual([]);
});

test("a body just within the bound is read", async () => {
  const { url } = await startTestDaemon();
  const text = JSON.stringify({ series_id: SERIES, candle: wire(100) });
  const answer = await post(url, CLOSED, text.padEnd(MAX_BODY_BYTES, " "));
  expect(answer.status).toBe(200);
});

test("the whitelist is given as it was loaded", async () => {
  const whitelist = ["binance:spot:ETH/USDT:1m", "binance:futures:BTC/USDT:1m"];
  const { url } = await startTestDaemon({ whitelist });
  const answer = await call(url, "/api/market/whitelist");
  expect(answer.text).toBe('{"series_ids":["binance:spot:ETH/USDT:1m","binance:futures:BTC/USDT:1m"]}');
});
