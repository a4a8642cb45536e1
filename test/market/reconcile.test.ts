import { describe, expect, test } from "vitest";
import { reconcile, toWireDisagreement } from "../../src/market/reconcile.js";
import { candleAt, candleSeries } from "../support/candles.js";

const OURS = candleSeries(300, 4, 300);

describe("two lists of candles of one timeframe", () => {
  test("that are the same do not differ, but for the last digits of a sum", () => {
    const sums = OURS.map((candle) => ({ ...candle, volume: candle.volume * (1 + 1e-12) }));
    expect(reconcile(OURS, sums)).toEqual({ compared: 4, differences: [] });
  });

  test.each(["open", "high", "low", "close", "volume"] as const)("differ where %s does", (field) => {
    const theirs = OURS.map((candle) => (candle.time === 900 ? { ...candle, [field]: candle[field] * 1.001 } : candle));
    expect(reconcile(OURS, theirs)).toEqual({
      compared: 4,
      differences: [{ time: 900, derived: OURS[2], exchange: theirs[2] }],
    });
  });

  test("differ where one lacks a bucket", () => {
    const { compared, differences } = reconcile(OURS.slice(1), OURS.slice(0, 3));
    expect(compared).toBe(4);
    expect(differences).toEqual([
      { time: 300, derived: null, exchange: OURS[0] },
      { time: 1_200, derived: OURS[3], exchange: null },
    ]);
  });

  test("are told with both candles", () => {
    const told = toWireDisagreement({ time: 300, derived: null, exchange: candleAt(300) });
    expect(told).toMatchObject({ candle_time: 300, derived: null, exchange: { candle_time: 300, close: 301 } });
  });
});
