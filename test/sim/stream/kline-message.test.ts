import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type KlineEvent, klineFrame, klineRow, wireDecimals } from "../../../src/sim/stream/kline-message.js";
import { klineAt, PRECISION, T0 } from "../support.js";

const RAW = { combined: false, microseconds: false };
const COMBINED = { combined: true, microseconds: false };

function recordedMessages(name: string): string[] {
  const text = readFileSync(new URL(`../../../data/recorded/${name}`, import.meta.url), "utf8");
  // The message is cut out of its line, so that it is compared byte for byte and not as JSON reads it.
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.slice(line.indexOf('"msg":') + '"msg":'.length, -1));
}

const decimalsOf = (text: string): number => text.split(".")[1]?.length ?? 0;

/** Reads a recorded message into what the simulator would write it from. */
function eventOf(text: string): KlineEvent {
  const { stream, data } = JSON.parse(text);
  const { k } = data;
  return {
    stream,
    target: { shape: "kline", symbol: data.s, interval: k.i },
    final: k.x,
    eventMs: data.E,
    decimals: { price: decimalsOf(k.o), volume: decimalsOf(k.v), quote: decimalsOf(k.q) },
    kline: {
      openMs: k.t,
      closeMs: k.T,
      open: Number(k.o),
      high: Number(k.h),
      low: Number(k.l),
      close: Number(k.c),
      volume: Number(k.v),
      quoteVolume: Number(k.q),
      takerVolume: Number(k.V),
      takerQuoteVolume: Number(k.Q),
      trades: k.n,
      firstTradeId: k.f,
      lastTradeId: k.L,
    },
  };
}

describe("kline messages", () => {
  it.each([
    ["futures", "recorded-ws-binance-futures-kline1m-20210722.jsonl", 67],
    ["spot", "recorded-ws-binance-spot-kline1m-20211012.jsonl", 2],
  ] as const)("of %s are written as the recorded ones, byte for byte", (market, file, count) => {
    const messages = recordedMessages(file);
    expect(messages).toHaveLength(count);
    for (const message of messages) {
      const event = eventOf(message);
      expect(klineFrame(event, COMBINED)).toBe(message);
      expect(klineFrame(event, RAW)).toBe(JSON.stringify(JSON.parse(message).data));
      const { price, volume } = event.decimals;
      expect(wireDecimals(market, { price, volume })).toEqual(event.decimals);
    }
  });

  it("of a zero-trade interval say so", () => {
    const flat = { volume: 0, quoteVolume: 0, takerVolume: 0, takerQuoteVolume: 0, trades: 0 };
    const event: KlineEvent = {
      stream: "ethusdt@kline_1m",
      target: { shape: "kline", symbol: "ETHUSDT", interval: "1m" },
      kline: klineAt(T0, {
        ...flat,
        open: 1_870.76,
        high: 1_870.76,
        low: 1_870.76,
        close: 1_870.76,
        firstTradeId: -1,
        lastTradeId: -1,
      }),
      final: true,
      eventMs: T0 + 60_001,
      decimals: wireDecimals("spot", PRECISION),
    };
    expect(klineFrame(event, RAW)).toBe(
      `{"e":"kline","E":${T0 + 60_001},"s":"ETHUSDT","k":{"t":${T0},"T":${T0 + 59_999},"s":"ETHUSDT","i":"1m","f":-1,"L":-1,"o":"1870.76000000","c":"1870.76000000","h":"1870.76000000","l":"1870.76000000","v":"0.00000000","n":0,"x":true,"q":"0.00000000","V":"0.00000000","Q":"0.00000000","B":"0"}}`,
    );
  });

  it("of continuous contracts carry pair and contract type instead of a symbol", () => {
    const event: KlineEvent = {
      stream: "btcusdt_perpetual@continuousKline_1m",
      target: { shape: "continuous", symbol: "BTCUSDT", interval: "1m" },
      kline: klineAt(T0),
      final: false,
      eventMs: T0 + 5,
      decimals: wireDecimals("futures", PRECISION),
    };
    expect(klineFrame(event, RAW)).toBe(
      `{"e":"continuous_kline","E":${T0 + 5},"ps":"BTCUSDT","ct":"PERPETUAL","k":{"t":${T0},"T":${T0 + 59_999},"i":"1m","f":1000,"L":1099,"o":"100.00","c":"101.00","h":"103.00","l":"98.00","v":"12.500","n":100,"x":false,"q":"1256.25000","V":"6.000","Q":"603.00000","B":"0"}}`,
    );
  });

  it("count in microseconds when asked to", () => {
    const event = { ...eventOf(recordedMessages("recorded-ws-binance-spot-kline1m-20211012.jsonl")[0]!) };
    const { E, k } = JSON.parse(klineFrame(event, { combined: false, microseconds: true }));
    expect([E, k.t, k.T]).toEqual([1_633_998_523_963_000, 1_633_998_480_000_000, 1_633_998_539_999_999]);
  });
});

describe("rows of REST klines", () => {
  it("are written as documented", () => {
    expect(klineRow(klineAt(T0), wireDecimals("futures", PRECISION), false)).toEqual([
      T0,
      "100.00",
      "103.00",
      "98.00",
      "101.00",
      "12.500",
      T0 + 59_999,
      "1256.25000",
      100,
      "6.000",
      "603.00000",
      "0",
    ]);
    const micro = klineRow(klineAt(T0), wireDecimals("spot", PRECISION), true);
    expect([micro[0], micro[1], micro[6]]).toEqual([T0 * 1_000, "100.00000000", (T0 + 60_000) * 1_000 - 1]);
  });
});
