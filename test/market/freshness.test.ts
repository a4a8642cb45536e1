import { expect, test } from "vitest";
import { seriesFreshness } from "../../src/market/freshness.js";

const WINDOWS = { freshCandles: 2, staleCandles: 5 };
const at = (nowS: number, headTime: number | null = 100, timeframeS: number | null = 60) =>
  seriesFreshness(headTime, nowS, timeframeS, WINDOWS);

test("boundaries belong to the better side", () => {
  expect([at(220), at(221), at(340), at(400), at(401), at(500)]).toEqual([
    "fresh",
    "stale",
    "stale",
    "stale",
    "degraded",
    "degraded",
  ]);
});

test("a head beyond the clock does not lag", () => {
  expect(at(50)).toBe("fresh");
});

test("without candles it is missing, whatever its timeframe; without a timeframe degraded", () => {
  expect([at(100, null), at(100, null, null), at(100, 100, null)]).toEqual(["missing", "missing", "degraded"]);
});

test("the windows count in candles of the timeframe", () => {
  expect([at(7_300, 100, 3_600), at(7_301, 100, 3_600)]).toEqual(["fresh", "stale"]);
  expect(seriesFreshness(100, 400, 60, { freshCandles: 8, staleCandles: 9 })).toBe("fresh");
});
