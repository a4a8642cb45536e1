import fc from "fast-check";
import { expect, test } from "vitest";
import { ledgerHealth } from "../../src/market/ledger-health.js";

const CASES = [
  // store, factor, overlay, status, reason, delays of factor, overlay and the larger one in candles
  [null, null, null, "gray", "no_store_head", null, null, null],
  [null, 60, 60, "gray", "no_store_head", null, null, null],
  [600, null, null, "red", "missing_factor_overlay_head", null, null, null],
  [600, null, 600, "red", "missing_factor_head", null, 0, 0],
  [600, 540, null, "red", "missing_overlay_head", 1, null, 1],
  [600, 600, 600, "green", "up_to_date", 0, 0, 0],
  [600, 660, 600, "green", "up_to_date", 0, 0, 0],
  [600, 540, 600, "yellow", "lagging_one_candle", 1, 0, 1],
  [600, 600, 540, "yellow", "lagging_one_candle", 0, 1, 1],
  [600, 599, 600, "yellow", "lagging_one_candle", 1, 0, 1],
  [600, 539, 600, "red", "lagging_many_candles", 2, 0, 2],
  [600, 0, 480, "red", "lagging_many_candles", 10, 2, 10],
  [0, 0, 0, "green", "up_to_date", 0, 0, 0],
] as const;

test.each(CASES)("store %s, factor %s, overlay %s: %s %s", (store, factor, overlay, status, reason, ...candles) => {
  const health = ledgerHealth({ store, factor, overlay }, 60);
  expect([health.status, health.reason]).toEqual([status, reason]);
  expect([health.factor.candles, health.overlay.candles, health.max.candles]).toEqual(candles);
});

test("delays are in seconds too, and a part of a candle counts as one", () => {
  const health = ledgerHealth({ store: 1_000, factor: 989, overlay: 400 }, 300);
  expect(health.factor).toEqual({ seconds: 11, candles: 1 });
  expect(health.overlay).toEqual({ seconds: 600, candles: 2 });
  expect(health.max).toEqual({ seconds: 600, candles: 2 });
});

test("the worse of the two ledgers decides, whichever it is", () => {
  const time = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(time, time, time, (store, a, b) => {
      const one = ledgerHealth({ store, factor: a, overlay: b }, 60);
      const other = ledgerHealth({ store, factor: b, overlay: a }, 60);
      expect([other.status, other.reason, other.max]).toEqual([one.status, one.reason, one.max]);
      const behind = Math.max(0, store - Math.min(a, b));
      expect(one.max.seconds).toBe(behind);
      expect(one.max.candles).toBe(Math.ceil(behind / 60));
      const expected = behind === 0 ? "green" : behind <= 60 ? "yellow" : "red";
      expect(one.status).toBe(expected);
    }),
  );
});
