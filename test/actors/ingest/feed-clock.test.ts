import fc from "fast-check";
import { expect, test } from "vitest";
import { FINAL_GRACE_MS, newestClosed, sinceCloseMs, untilOverdueMs } from "../../../src/actors/ingest/feed-clock.js";

test("the newest closed candle is the one before the open one", () => {
  expect([newestClosed(120_000, 60), newestClosed(119_999, 60), newestClosed(179_999, 60)]).toEqual([60, 0, 60]);
});

test("time since a close is negative before it", () => {
  expect([sinceCloseMs(60, 60, 121_500), sinceCloseMs(60, 60, 119_000)]).toEqual([1_500, -1_000]);
});

test("the next check comes ten seconds after a boundary, always later than now and within one timeframe", () => {
  expect(untilOverdueMs(60_000, 60)).toBe(FINAL_GRACE_MS);
  expect(untilOverdueMs(70_000, 60)).toBe(60_000);
  const timeframe = fc.constantFrom(60, 300, 3_600, 86_400);
  fc.assert(
    fc.property(fc.integer({ min: FINAL_GRACE_MS, max: 2_000_000_000_000 }), timeframe, (nowMs, timeframeSeconds) => {
      const waitMs = untilOverdueMs(nowMs, timeframeSeconds);
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(timeframeSeconds * 1000);
      expect((nowMs + waitMs - FINAL_GRACE_MS) % (timeframeSeconds * 1000)).toBe(0);
    }),
  );
});
