import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KlineMessage, parseStreamMessage } from "../../../src/exchange/binance/wire.js";

const FINAL = `{"stream":"akrousdt@kline_1m","data":{"e":"kline","E":1626992762002,"s":"AKROUSDT","k":{"t":1626992700000,"T":1626992759999,"s":"AKROUSDT","i":"1m","f":27931328,"L":27931356,"o":"0.01731","c":"0.01732","h":"0.01733","l":"0.01730","v":"235736","n":29,"x":true,"q":"4081.50","V":"68508","Q":"1186.71720","B":"0"}}}`;

/** What may be relied on of whatever is not ignored. */
function expectWhole(message: KlineMessage): void {
  const { candle } = message;
  expect(Number.isSafeInteger(candle.time) && candle.time >= 0).toBe(true);
  for (const value of [candle.open, candle.high, candle.low, candle.close, candle.volume]) {
    expect(Number.isFinite(value)).toBe(true);
  }
  expect(message.eventTimeMs === null || Number.isSafeInteger(message.eventTimeMs)).toBe(true);
  expect(message.stream).not.toBe("");
  expect(typeof message.final).toBe("boolean");
}

function expectSane(text: string): void {
  const message = parseStreamMessage(text);
  if (message.type === "kline") expectWhole(message);
  if (message.type === "ignored") expect(message.detail.length).toBeLessThanOrEqual(200);
}

describe("parseStreamMessage, whatever comes", () => {
  it("survives random bytes and texts", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectSane(Buffer.from(bytes).toString("utf8"))),
    );
    fc.assert(fc.property(fc.string({ unit: "binary" }), expectSane));
  });

  it("survives random JSON, alone and in every place of a message", () => {
    fc.assert(fc.property(fc.json(), expectSane));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (stream, data, k) => {
        expectSane(JSON.stringify({ stream, data }));
        expectSane(JSON.stringify({ stream: "a@kline_1m", data: { e: "kline", E: 1, k } }));
        expectSane(JSON.stringify({ id: stream, error: data, code: k }));
      }),
    );
  });

  it("survives a real message with any bytes changed, cut or doubled", () => {
    const edit = fc.tuple(fc.nat(FINAL.length - 1), fc.nat(3), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = edits.reduce((t, [at, cut, put]) => t.slice(0, at) + put + t.slice(at + cut), FINAL);
        expectSane(text);
        expectSane(text.slice(0, edits[0]?.[0]));
      }),
      { numRuns: 500 },
    );
  });

  it("never gives a candle of a real message in which a needed field is not what it should be", () => {
    const needed = ["t", "T", "o", "h", "l", "c", "v", "x", "i"];
    const broken = fc.oneof(
      fc.constantFrom("", "abc", "NaN", "Infinity", [], {}, [1], "1e999", "0x1"),
      fc.array(fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.constantFrom(...needed), broken, (field, value) => {
        fc.pre(!(field === "i" && typeof value === "string" && value !== ""));
        const message = JSON.parse(FINAL);
        message.data.k[field] = value;
        expect(parseStreamMessage(JSON.stringify(message))).toEqual({
          type: "ignored",
          reason: "broken_field",
          detail: field,
        });
      }),
    );
  });
});
