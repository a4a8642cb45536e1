import { describe, expect, it } from "vitest";
import { parseEndpoint } from "../../../src/sim/socket/endpoint.js";

describe("endpoints", () => {
  it.each([
    ["/ws", false, []],
    ["/ws/", false, []],
    ["/ws/btcusdt@kline_1m", false, ["btcusdt@kline_1m"]],
    ["/ws/a/b/a", false, ["a", "b"]],
    ["/ws?btcusdt@kline_1m", false, []],
    ["/stream", true, []],
    ["/stream?streams=", true, []],
    ["/stream?streams=a/b", true, ["a", "b"]],
    ["/stream?streams=btcusdt%40kline_1m", true, ["btcusdt@kline_1m"]],
  ])("spot %s", (target, combined, streams) => {
    expect(parseEndpoint(target, "spot")).toEqual({ combined, streams, microseconds: false, deliversKlines: true });
  });

  it.each([
    ["/market/ws/a", true],
    ["/market/stream?streams=a", true],
    ["/public/stream?streams=a", false],
    ["/private/ws/a", false],
    ["/ws/a", false],
    ["/stream?streams=a", false],
  ])("futures %s delivers klines: %s", (target, deliversKlines) => {
    expect(parseEndpoint(target, "futures")).toMatchObject({ streams: ["a"], deliversKlines });
  });

  it.each([
    ["spot", "/"],
    ["spot", "/stream/nonsense"],
    ["spot", "/market/ws"],
    ["spot", "/wss/a"],
    ["spot", "ws"],
    ["spot", "/ws/%E0%A4%A"],
    ["futures", "/markets/ws"],
    ["futures", "/market"],
  ] as const)("%s %s does not exist", (market, target) => {
    expect(parseEndpoint(target, market)).toBeUndefined();
  });

  it("spot counts in microseconds when asked to, futures never", () => {
    for (const unit of ["MICROSECOND", "microsecond"]) {
      expect(parseEndpoint(`/stream?streams=a&timeUnit=${unit}`, "spot")?.microseconds).toBe(true);
    }
    expect(parseEndpoint("/ws/a?timeUnit=MILLISECOND", "spot")?.microseconds).toBe(false);
    expect(parseEndpoint("/market/ws/a?timeUnit=MICROSECOND", "futures")?.microseconds).toBe(false);
  });
});
