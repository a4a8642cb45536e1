import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atMostRanges, gridAfter, gridBefore, missingRanges } from "../../src/market/gap-ranges.js";

const RANGE = { from: 60, to: 600 };
const missing = (times: readonly number[]) => missingRanges(RANGE, times, 60);
const ALL = [60, 120, 180, 240, 300, 360, 420, 480, 540, 600];

describe("missing ranges", () => {
  test("of a range without candles are the whole range, of a full one none", () => {
    expect(missing([])).toEqual([RANGE]);
    expect(missing(ALL)).toEqual([]);
  });

  test("lie before, between and after the candles", () => {
    expect(missing([180, 240, 420])).toEqual([
      { from: 60, to: 120 },
      { from: 300, to: 360 },
      { from: 480, to: 600 },
    ]);
  });

  test("are not widened by candles outside of the range", () => {
    expect(missing([0, 720])).toEqual([RANGE]);
    expect(missing([-60, 0, ...ALL, 660, 1_200])).toEqual([]);
  });

  test("F34 of candles off the grid are steps longer than the timeframe, and nothing else", () => {
    expect(missing([75, 135, 195, 255, 315, 375, 435, 495, 555, 600])).toEqual([]);
    expect(missing([75, 135, 400, 460, 520, 580])).toEqual([{ from: 180, to: 360 }]);
  });

  test("whatever the candles: ascending, inside the range, apart, without a candle in them; and all of the rest is covered", () => {
    const times = fc.uniqueArray(fc.integer({ min: -100, max: 800 })).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, (list) => {
        const ranges = missing(list);
        let after = Number.NEGATIVE_INFINITY;
        for (const { from, to } of ranges) {
          expect(from).toBeGreaterThan(after);
          expect(to).toBeGreaterThanOrEqual(from);
          expect([from >= RANGE.from, to <= RANGE.to]).toEqual([true, true]);
          expect(list.some((time) => time >= from && time <= to)).toBe(false);
          after = to;
        }
        // A slot is accounted for: it is named as missing, or a candle is less than a timeframe away.
        for (const slot of ALL) {
          const named = ranges.some(({ from, to }) => slot >= from && slot <= to);
          const near = list.some((time) => time >= RANGE.from && time <= RANGE.to && Math.abs(time - slot) < 60);
          expect(named || near).toBe(true);
        }
      }),
    );
  });

  test("what is left of a range after some candles does not depend on the order in which they came", () => {
    const slots = fc.subarray(ALL);
    fc.assert(
      fc.property(slots, slots, (first, second) => {
        const inTwo = missing(first).flatMap((range) => missingRanges(range, second, 60));
        expect(inTwo).toEqual(missing([...new Set([...first, ...second])].sort((a, b) => a - b)));
      }),
    );
  });
});

test("the grid around a time", () => {
  expect([gridAfter(60, 60), gridAfter(59, 60), gridAfter(61, 60)]).toEqual([120, 60, 120]);
  expect([gridBefore(60, 60), gridBefore(61, 60), gridBefore(59, 60)]).toEqual([0, 60, 0]);
});

test("too many ranges are joined at the end, so that none is left out", () => {
  const ranges = [1, 3, 5, 7].map((from) => ({ from, to: from }));
  expect(atMostRanges(ranges, 4)).toEqual(ranges);
  expect(atMostRanges(ranges, 2)).toEqual([
    { from: 1, to: 1 },
    { from: 3, to: 7 },
  ]);
});
