import fc from "fast-check";
import { expect, test } from "vitest";
import { clampSince, hiddenAfter, latestClosedTime } from "../../src/market/closed-window.js";

test("the newest closed candle by the grid", () => {
  const cases: [number, number, number][] = [
    [1_735_689_665, 60, 1_735_689_600],
    [1_700_000_100, 300, 1_699_999_800],
    [1_200, 3_600, 0],
    [0, 60, 0],
    [59, 60, 0],
    [119, 60, 0],
    [120, 60, 60],
    [10, 0, 9],
    [10, -5, 9],
  ];
  for (const [now, timeframe, latest] of cases)
    expect(latestClosedTime(now, timeframe), `${now} ${timeframe}`).toBe(latest);
});

test("a since up to two timeframes ahead is pulled back, a later one is not", () => {
  expect(clampSince(500, 600, 60)).toBe(500);
  expect(clampSince(600, 600, 60)).toBe(600);
  expect(clampSince(601, 600, 60)).toBe(600);
  expect(clampSince(720, 600, 60)).toBe(600);
  expect(clampSince(721, 600, 60)).toBe(721);
});

test("candles after the newest closed one are hidden unless the read goes far ahead", () => {
  expect(hiddenAfter(540, 600, 60)).toBe(600);
  expect(hiddenAfter(720, 600, 60)).toBe(600);
  expect(hiddenAfter(721, 600, 60)).toBeUndefined();
});

test("whatever the time: the newest closed candle has ended, and the next one has not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), fc.constantFrom(60, 300, 3_600, 86_400), (now, timeframe) => {
      const latest = latestClosedTime(now, timeframe);
      expect(latest % timeframe).toBe(0);
      if (latest > 0) expect(latest + timeframe).toBeLessThanOrEqual(now);
      if (now >= timeframe) expect(latest + 2 * timeframe).toBeGreaterThan(now);
    }),
  );
});

test("a pulled back since never skips a candle that is still to close", () => {
  const time = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(time, time, (since, latest) => {
      const clamped = clampSince(since, latest, 60);
      expect(clamped).toBeLessThanOrEqual(since);
      expect(clamped === since || clamped === latest).toBe(true);
      // Clamping twice changes nothing.
      expect(clampSince(clamped, latest, 60)).toBe(clamped);
    }),
  );
});
