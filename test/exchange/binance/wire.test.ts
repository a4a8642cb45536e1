import { describe, expect, it } from "vitest";
import { type KlineMessage, parseStreamMessage } from "../../../src/exchange/binance/wire.js";

// Real messages: futures 2021-07-22, spot 2021-10-12, spot one-second stream 2023-04-23, futures continuous 2024-01-25.
const LAST_OPEN = `{"stream":"sushiusdt@kline_1m","data":{"e":"kline","E":1626992759565,"s":"SUSHIUSDT","k":{"t":1626992700000,"T":1626992759999,"s":"SUSHIUSDT","i":"1m","f":126902874,"L":126902986,"o":"7.6080","c":"7.6170","h":"7.6180","l":"7.6070","v":"3005","n":113,"x":false,"q":"22875.8590","V":"1900","Q":"14464.6960","B":"0"}}}`;
const FINAL = `{"stream":"sushiusdt@kline_1m","data":{"e":"kline","E":1626992760203,"s":"SUSHIUSDT","k":{"t":1626992700000,"T":1626992759999,"s":"SUSHIUSDT","i":"1m","f":126902874,"L":126902986,"o":"7.6080","c":"7.6170","h":"7.6180","l":"7.6070","v":"3005","n":113,"x":true,"q":"22875.8590","V":"1900","Q":"14464.6960","B":"0"}}}`;
const SPOT = `{"stream":"nknusdt@kline_1m","data":{"e":"kline","E":1633998523963,"s":"NKNUSDT","k":{"t":1633998480000,"T":1633998539999,"s":"NKNUSDT","i":"1m","f":19862761,"L":19862790,"o":"0.35270000","c":"0.35280000","h":"0.35280000","l":"0.35220000","v":"25877.00000000","n":30,"x":false,"q":"9116.04600000","V":"58.00000000","Q":"20.46240000","B":"0"}}}`;
const NO_TRADES = `{"e":"kline","E":1682244928001,"s":"ETHUSDT","k":{"t":1682244927000,"T":1682244927999,"s":"ETHUSDT","i":"1s","f":-1,"L":-1,"o":"1870.76000000","c":"1870.76000000","h":"1870.76000000","l":"1870.76000000","v":"0.00000000","n":0,"x":true,"q":"0.00000000","V":"0.00000000","Q":"0.00000000"}}`;
const CONTINUOUS = `{"e":"continuous_kline","E":1706144867564,"ps":"ILVUSDT","ct":"PERPETUAL","k":{"t":1706144820000,"T":1706144879999,"i":"1m","f":3883429994698,"L":3883432678663,"o":"73.43000","c":"73.48000","h":"73.51000","l":"73.42000","v":"61.9","n":75,"x":false,"q":"4548.372000","V":"59.7","Q":"4386.822000","B":"0"}}`;

const SUSHI: KlineMessage = {
  type: "kline",
  stream: "sushiusdt@kline_1m",
  eventTimeMs: 1626992760203,
  candle: { time: 1626992700, open: 7.608, high: 7.618, low: 7.607, close: 7.617, volume: 3005 },
  final: true,
  tradeCount: 113,
  lastTradeId: 126902986,
};

/** The final message with fields of its `k` replaced. */
function finalWith(kline: Record<string, unknown>, data: Record<string, unknown> = {}): string {
  const message = JSON.parse(FINAL);
  Object.assign(message.data, data);
  Object.assign(message.data.k, kline);
  return JSON.stringify(message);
}

describe("a kline message", () => {
  it("is read from real combined messages", () => {
    expect(parseStreamMessage(FINAL)).toEqual(SUSHI);
    expect(parseStreamMessage(LAST_OPEN)).toEqual({ ...SUSHI, eventTimeMs: 1626992759565, final: false });
    expect(parseStreamMessage(SPOT)).toEqual({
      type: "kline",
      stream: "nknusdt@kline_1m",
      eventTimeMs: 1633998523963,
      candle: { time: 1633998480, open: 0.3527, high: 0.3528, low: 0.3522, close: 0.3528, volume: 25877 },
      final: false,
      tradeCount: 30,
      lastTradeId: 19862790,
    });
  });

  it("is read raw, its stream then named by symbol and interval", () => {
    expect(parseStreamMessage(JSON.stringify(JSON.parse(FINAL).data))).toEqual(SUSHI);
  });

  it("needs no more than its candle and the name of its stream", () => {
    const k = { t: 1626992700000, o: "7.6080", h: "7.6180", l: "7.6070", c: "7.6170", v: "3005", x: true };
    const bare = { ...SUSHI, eventTimeMs: null, tradeCount: null, lastTradeId: null };
    expect(parseStreamMessage(JSON.stringify({ stream: SUSHI.stream, data: { k } }))).toEqual(bare);
    expect(parseStreamMessage(JSON.stringify({ e: "kline", s: "SUSHIUSDT", k: { ...k, i: "1m" } }))).toEqual(bare);
    expect(parseStreamMessage(JSON.stringify({ k }))).toEqual({ type: "ignored", reason: "broken_field", detail: "s" });
  });

  it("that names two different streams belongs to none", () => {
    const other = { type: "ignored", reason: "broken_field", detail: "s" };
    expect(parseStreamMessage(finalWith({ s: "AKROUSDT" }))).toEqual(other);
    expect(parseStreamMessage(finalWith({ i: "5m" }))).toEqual(other);
  });

  it("without trades has no last trade", () => {
    expect(parseStreamMessage(NO_TRADES)).toMatchObject({ final: true, tradeCount: 0, lastTradeId: null });
  });

  it("may write numbers as texts, texts as numbers, and have unknown or no extra fields", () => {
    const numbers = { t: "1626992700000", T: "1626992759999", o: 7.608, h: 7.618, l: 7.607, c: 7.617, v: 3005 };
    expect(parseStreamMessage(finalWith({ ...numbers, n: "113", L: "126902986", x: "true" }))).toEqual(SUSHI);
    expect(parseStreamMessage(finalWith({ st: 1, zz: { deep: [] } }, { ps: "SUSHIUSDT", st: 1 }))).toEqual(SUSHI);
    expect(parseStreamMessage(finalWith({ n: undefined, L: null, s: undefined }))).toEqual({
      ...SUSHI,
      tradeCount: null,
      lastTradeId: null,
    });
  });

  it("F39: in microseconds is the same message", () => {
    const microseconds = finalWith({ t: 1626992700000000, T: 1626992759999999 }, { E: 1626992760203456 });
    expect(parseStreamMessage(microseconds)).toEqual(SUSHI);
  });

  it("off the grid keeps its time", () => {
    expect(parseStreamMessage(finalWith({ t: 1626992715500 }))).toMatchObject({ candle: { time: 1626992715 } });
  });

  it.each([
    ["t", { t: undefined }],
    ["t", { t: 0 }],
    ["t", { t: "soon" }],
    ["T", { T: "later" }],
    ["T", { T: 1626992759999999 }],
    ["T", { T: 1626992699999 }],
    ["o", { o: null }],
    ["o", { o: "" }],
    ["h", { h: "Infinity" }],
    ["l", { l: [] }],
    ["c", { c: "7.6.1" }],
    ["v", { v: undefined }],
    ["x", { x: null }],
    ["x", { x: "closed" }],
    ["s", { s: 7 }],
    ["i", { i: 60 }],
    ["n", { n: "many" }],
    ["n", { n: -2 }],
    ["L", { L: 1.5 }],
  ])("with a broken %s is ignored whole: %j", (detail, kline) => {
    expect(parseStreamMessage(finalWith(kline))).toEqual({ type: "ignored", reason: "broken_field", detail });
  });

  it("F39: with a broken event time, or one in another unit, is ignored", () => {
    const broken = { type: "ignored", reason: "broken_field", detail: "E" };
    expect(parseStreamMessage(finalWith({}, { E: "x" }))).toEqual(broken);
    expect(parseStreamMessage(finalWith({}, { E: 1626992760203456 }))).toEqual(broken);
  });
});

describe("answers and notices", () => {
  it.each([
    [`{"result":null,"id":1}`, { type: "reply", id: 1, error: null }],
    [`{"result":["btcusdt@kline_1m"],"id":"a3"}`, { type: "reply", id: "a3", error: null }],
    [`{"result":null,"id":null}`, { type: "reply", id: null, error: null }],
    [
      `{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":7}`,
      { type: "reply", id: 7, error: { code: 2, msg: "Invalid request: invalid stream" } },
    ],
    [
      `{"code":2,"msg":"too many parameters","id":9}`,
      { type: "reply", id: 9, error: { code: 2, msg: "too many parameters" } },
    ],
    [`{"error":{"code":3,"msg":"Invalid JSON"},"id":null}`, { type: "error", code: 3, msg: "Invalid JSON" }],
    [`{"error":{"code":3,"msg":"Invalid JSON"}}`, { type: "error", code: 3, msg: "Invalid JSON" }],
    [`{"code":0,"msg":"Unknown property"}`, { type: "error", code: 0, msg: "Unknown property" }],
    [`{"code":"1"}`, { type: "error", code: 1, msg: "" }],
    [`{"e":"serverShutdown","E":1770123456789}`, { type: "shutdown", eventTimeMs: 1770123456789 }],
    [
      `{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}`,
      { type: "shutdown", eventTimeMs: 1770123456789 },
    ],
    [`{"e":"serverShutdown","E":"?"}`, { type: "shutdown", eventTimeMs: null }],
  ])("%s", (text, message) => {
    expect(parseStreamMessage(text)).toEqual(message);
  });

  it("cuts long foreign texts", () => {
    const long = "x".repeat(5000);
    expect(parseStreamMessage(`{"code":2,"msg":"${long}"}`)).toMatchObject({ msg: "x".repeat(200) });
    expect(parseStreamMessage(`{"e":"${long}"}`)).toMatchObject({ detail: "x".repeat(200) });
  });
});

describe("everything else is ignored with its reason", () => {
  it.each([
    ["", "not_json", ""],
    ["{", "not_json", ""],
    [FINAL.slice(0, -1), "not_json", ""],
    ["null", "not_an_object", ""],
    ["[]", "not_an_object", ""],
    ["1", "not_an_object", ""],
    [`{"stream":"!ticker@arr","data":[{"e":"24hrTicker"}]}`, "not_an_object", ""],
    [`{"stream":"btcusdt@kline_1m"}`, "not_an_object", ""],
    [`{"stream":"btcusdt@kline_1m","data":null}`, "not_an_object", ""],
    [CONTINUOUS, "other_event", "continuous_kline"],
    [`{"e":"aggTrade","E":1}`, "other_event", "aggTrade"],
    [`{"e":5}`, "other_event", ""],
    [`{"e":"kline","k":null}`, "other_event", "kline"],
    ["{}", "unknown_message", ""],
    [`{"error":"oops"}`, "unknown_message", ""],
    [`{"id":4}`, "unknown_message", ""],
  ])("%s", (text, reason, detail) => {
    expect(parseStreamMessage(text)).toEqual({ type: "ignored", reason, detail });
  });
});
