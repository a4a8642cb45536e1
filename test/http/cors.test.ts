import { expect, test } from "vitest";
import { startTestDaemon } from "../support/daemon.js";
import { failingPublication } from "./failing.js";
import { CANDLES, CLOSED, call, type HttpAnswer, wire } from "./request.js";

const OURS = "http://localhost:5173";
const ALSO_OURS = "http://127.0.0.1:5173";
const FOREIGN = "https://evil.example";
const SERIES = "binance:spot:BTC/USDT:1m";

function cors({ headers }: HttpAnswer): unknown[] {
  return [headers["access-control-allow-origin"], headers["access-control-allow-credentials"], headers.vary];
}

test("an allowed origin is echoed, with credentials and vary", async () => {
  const { url } = await startTestDaemon();
  for (const origin of [OURS, ALSO_OURS]) {
    const answer = await call(url, "/api/market/whitelist", { headers: { origin } });
    expect(answer.status).toBe(200);
    expect(cors(answer)).toEqual([origin, "true", "Origin"]);
  }
});

test("a foreign origin, or none, is served without being allowed", async () => {
  const { url } = await startTestDaemon();
  const foreign = ["http://localhost:5174", "https://localhost:5173", "http://localhost:5173.evil.example", "null"];
  for (const origin of [FOREIGN, ...foreign]) {
    const answer = await call(url, "/api/market/whitelist", { headers: { origin } });
    expect(answer.json).toEqual({ series_ids: [] });
    expect(answer.headers["access-control-allow-origin"], origin).toBeUndefined();
  }
  const plain = await call(url, "/api/market/whitelist");
  expect(plain.headers["access-control-allow-origin"]).toBeUndefined();
});

test("error answers carry the same headers: 400, 404, 405, 422 and 500", async () => {
  const { url } = await startTestDaemon({ parts: failingPublication({ message: "broken" }) });
  const ask = async (origin: string): Promise<HttpAnswer[]> => {
    const headers = { origin };
    return [
      await call(url, CLOSED, { headers, body: { series_id: "x", candle: wire(1) } }),
      await call(url, "/nowhere", { headers }),
      await call(url, CANDLES, { headers, method: "DELETE" }),
      await call(url, CANDLES, { headers }),
      await call(url, CLOSED, { headers, body: "{" }),
      await call(url, CLOSED, { headers, body: { series_id: SERIES, candle: wire(100) } }),
    ];
  };
  const ours = await ask(OURS);
  expect(ours.map(({ status }) => status)).toEqual([400, 404, 405, 422, 422, 500]);
  for (const answer of ours) expect(cors(answer)).toEqual([OURS, "true", "Origin"]);
  for (const answer of await ask(FOREIGN)) expect(cors(answer)[0]).toBeUndefined();
});

test("a preflight allows every method and the headers that were asked for, for ten minutes", async () => {
  const { url } = await startTestDaemon();
  for (const path of [CLOSED, CANDLES, "/nowhere"]) {
    const answer = await call(url, path, {
      method: "OPTIONS",
      headers: {
        origin: OURS,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-anything",
      },
    });
    expect([answer.status, answer.text]).toEqual([200, ""]);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": OURS,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
      "access-control-allow-headers": "content-type,x-anything",
      "access-control-max-age": "600",
      vary: expect.stringMatching(/\bOrigin\b/),
    });
  }
});

test("a preflight of a foreign origin allows nothing", async () => {
  const { url } = await startTestDaemon();
  const headers = { origin: FOREIGN, "access-control-request-method": "POST" };
  const answer = await call(url, CLOSED, { method: "OPTIONS", headers });
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
});

test("OPTIONS that is no preflight is an ordinary wrong method", async () => {
  const { url } = await startTestDaemon();
  for (const headers of [{}, { origin: OURS }, { "access-control-request-method": "POST" }]) {
    const answer = await call(url, CLOSED, { method: "OPTIONS", headers });
    expect([answer.status, answer.json]).toEqual([405, { detail: "Method Not Allowed" }]);
  }
});

test("the origins are those of the setting", async () => {
  const { url } = await startTestDaemon({ env: { TRADE_CANVAS_CORS_ORIGINS: "https://chart.example" } });
  const allowed = async (origin: string) =>
    (await call(url, CANDLES, { headers: { origin } })).headers["access-control-allow-origin"];
  expect(await allowed("https://chart.example")).toBe("https://chart.example");
  expect(await allowed(OURS)).toBeUndefined();
});
