import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDebugMessage, readMarketMessage } from "../../src/client/messages.js";
import { ROOT } from "../support/root.js";

/** The messages of the daemon that a page of the API shows. */
function shown(page: string): readonly string[] {
  const text = readFileSync(new URL(`docs/api/${page}`, ROOT), "utf8");
  return [...text.matchAll(/^```json server\n(.*?)\n```$/gms)].map(([, message = ""]) => message);
}

test("every message that the page of the live feed shows is understood as it is", () => {
  const messages = shown("ws-market.md");
  expect(messages.length).toBeGreaterThan(5);
  for (const message of messages) expect(readMarketMessage(message)).toEqual(JSON.parse(message));
  const refusal = '{"type":"error","code":"capacity","message":"ondemand_ingest_capacity","series_id":"x"}';
  expect(readMarketMessage(refusal)).toEqual(JSON.parse(refusal));
});

const event = { ts_ms: 1, source: "backend", pipe: "read", event: "x", series_id: null, level: "info", message: "" };

test("debug events are understood, one and many", () => {
  for (const message of [
    { type: "debug_event", event },
    { type: "debug_snapshot", events: [event, event] },
    { type: "debug_snapshot", events: [] },
  ]) {
    expect(readDebugMessage(JSON.stringify(message))).toEqual(message);
  }
});

test.each([
  ...["", "{", "[]", "null", "5", '"text"', "{}", '{"type":"candle_closed"}', '{"type":"error"}'],
  ...['{"type":"candle_closed","series_id":"x","candle":{"candle_time":"60"}}', undefined, new ArrayBuffer(2)],
  ...['{"type":"candles_batch","series_id":"x","candles":[null]}', '{"type":"gap_state","series_id":"x","gap":{}}'],
])("%j is no message of either", (text) => {
  expect(readMarketMessage(text)).toBeUndefined();
  expect(readDebugMessage(text)).toBeUndefined();
});
