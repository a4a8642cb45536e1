import { describe, expect, it } from "vitest";
import { parseStreamName } from "../../../src/sim/stream/stream-name.js";

describe("stream names", () => {
  it("name a symbol and an interval", () => {
    const target = { shape: "kline", symbol: "BTCUSDT", interval: "1m" };
    expect(parseStreamName("btcusdt@kline_1m", "spot")).toEqual(target);
    expect(parseStreamName("btcusdt@kline_1M", "futures")).toEqual({ ...target, interval: "1M" });
  });

  it("name continuous contracts of futures", () => {
    expect(parseStreamName("ethusdt_perpetual@continuousKline_5m", "futures")).toEqual({
      shape: "continuous",
      symbol: "ETHUSDT",
      interval: "5m",
    });
    expect(parseStreamName("ethusdt_perpetual@continuousKline_5m", "spot")).toBeUndefined();
    expect(parseStreamName("ethusdt_current_quarter@continuousKline_5m", "futures")).toBeUndefined();
  });

  it.each([
    ["BTCUSDT@kline_1m"],
    ["btcusdt@kline_1x"],
    ["btcusdt@kline_1s"],
    ["btcusdt@kline_1m@+08:00"],
    ["btcusdt@aggTrade"],
    ["!ticker@arr"],
    [""],
  ])("stand for nothing that is ever sent: %s", (name) => {
    expect(parseStreamName(name, "spot")).toBeUndefined();
  });
});
