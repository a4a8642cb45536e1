import fc from "fast-check";
import { expect, test } from "vitest";
import { seriesLag } from "../../src/market/health.js";

test("the vectors of the contract: 5m at 960", () => {
  expect(seriesLag(300, 960, 300)).toEqual({
    expectedTime: 600,
    lagSeconds: 660,
    missingSeconds: 300,
    missingCandles: 1,
    status: "red",
    reason: "lagging_no_recent_backfill",
  });
  expect(seriesLag(600, 960, 300)).toMatchObject({ missingSeconds: 0, status: "green", reason: "up_to_date" });
  expect(seriesLag(900, 960, 300)).toMatchObject({ status: "yellow", reason: "head_ahead_of_closed_window" });
  expect(seriesLag(null, 960, 300)).toEqual({
    expectedTime: 600,
    lagSeconds: null,
    missingSeconds: null,
    missingCandles: null,
    status: "red",
    reason: "missing_head",
  });
});

test("a part of a candle counts as one that is missing", () => {
  expect(seriesLag(599, 960, 300)).toMatchObject({ missingSeconds: 1, missingCandles: 1, status: "red" });
});

test("a head ahead of the clock has no lag", () => {
  expect(seriesLag(5_000, 960, 300)).toMatchObject({ lagSeconds: 0, missingSeconds: 0, missingCandles: 0 });
});

test("green exactly if nothing is missing and nothing is ahead", () => {
  const time = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(time, time, fc.constantFrom(60, 300, 3_600), (head, now, timeframe) => {
      const { status, expectedTime, missingSeconds, missingCandles } = seriesLag(head, now, timeframe);
      expect(status === "green").toBe(head === expectedTime);
      expect(missingSeconds).toBe(Math.max(0, expectedTime - head));
      expect((missingCandles ?? 0) * timeframe).toBeGreaterThanOrEqual(missingSeconds ?? 0);
    }),
  );
});
