/** Nothing that this program writes or tells has a token in it: log, debug events, metrics, answers. */
import { expect, test } from "vitest";
import type { EventLog } from "../../../src/observability/event-log.js";
import { TOKENS, tokensEnv } from "../../support/access.js";
import { startTestDaemon } from "../../support/daemon.js";
import { failingPublication } from "../failing.js";
import { CLOSED, call, exchangeBytes, wire } from "../request.js";
import { upgrade } from "./upgrade.js";

/** A log that keeps every line, as it would be written. */
function keptLog(): { readonly log: EventLog; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (event: string, fields: object = {}) => void lines.push(JSON.stringify({ event, ...fields }));
  const log: EventLog = { debug: write, info: write, warn: write, error: write, with: () => log };
  return { log, lines };
}

test("wherever a token is put, right or wrong, it comes back nowhere", async () => {
  const { log, lines } = keptLog();
  const env = {
    ...tokensEnv(),
    TRADE_CANVAS_ENABLE_DEBUG_API: "1",
    TRADE_CANVAS_ENABLE_DEV_API: "1",
    TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1",
    TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1",
  };
  const daemon = await startTestDaemon({ env, log, parts: failingPublication({ message: "broken" }) });
  const { url } = daemon;
  const told: string[] = [];
  const tokens = [TOKENS.all, TOKENS.read, "tc_almost-right"];
  for (const token of tokens) {
    const base64 = Buffer.from(token).toString("base64url");
    const headers = { authorization: `Bearer ${token}` };
    const inQuery = `series_id=binance:spot:BTC/USDT:1m&token=${token}`;
    for (const path of ["/api/market/candles", "/api/factor/slices", "/api/market/debug/metrics", "/nowhere"]) {
      told.push(
        (await call(url, `${path}?${inQuery}`, { headers })).text,
        (await call(url, `${path}?${inQuery}`)).text,
      );
    }
    // A failure of ours, which is logged with where it happened.
    const body = { series_id: "binance:spot:BTC/USDT:1m", candle: wire(100) };
    told.push((await call(url, `${CLOSED}?token=${token}`, { headers, body })).text);
    told.push((await call(url, CLOSED, { headers: { authorization: `bearer  ${token} ` }, body: "{" })).text);
    told.push(await exchangeBytes(url, `GET /?${token} HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nX\r\n\r\n`));
    for (const path of ["/ws/market", "/ws/debug", "/ws/none"]) {
      const { text, protocol } = await upgrade(url, `${path}?token=${token}`, headers);
      const offered = { "sec-websocket-protocol": `trade-canvas, trade-canvas.token.${base64}` };
      const answered = await upgrade(url, path, offered);
      told.push(text, String(protocol), answered.text, String(answered.protocol));
    }
  }
  const headers = { authorization: `Bearer ${TOKENS.all}` };
  told.push((await call(url, "/api/market/debug/metrics", { headers })).text);
  told.push((await call(url, "/api/market/debug/ingest_state", { headers })).text);
  await daemon.app.stop();
  expect(lines.join("\n")).toContain('"event":"request.failed"');
  expect(lines.join("\n")).toContain(`"path":"${CLOSED}"`);
  for (const token of [...Object.values(TOKENS), "tc_almost-right"]) {
    for (const form of [token, Buffer.from(token).toString("base64url"), Buffer.from(token).toString("base64")]) {
      for (const text of [...lines, ...told]) expect(text).not.toContain(form);
    }
  }
});

test("a log line of a failure has the path, and no query", async () => {
  const { log, lines } = keptLog();
  const { url } = await startTestDaemon({ log, parts: failingPublication({ message: "broken" }) });
  const body = { series_id: "binance:spot:BTC/USDT:1m", candle: wire(100) };
  expect((await call(url, `${CLOSED}?secret=42`, { body })).status).toBe(500);
  const failed = lines.filter((line) => line.includes("request.failed"));
  expect(failed).toEqual([expect.stringContaining(`"path":"${CLOSED}"`)]);
  expect(failed.join()).not.toContain("secret");
});
