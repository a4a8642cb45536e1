import fc from "fast-check";
import { expect, test } from "vitest";
import { SeriesGapScan } from "../../src/market/series-gaps.js";

function scanned(timeframeS: number, maxRecent: number, ...slices: number[][]) {
  const scan = new SeriesGapScan(timeframeS, maxRecent);
  for (const slice of slices) scan.add(slice);
  return scan.result;
}

test("nothing has no gaps", () => {
  expect(scanned(60, 5)).toEqual({ firstTime: null, lastTime: null, candles: 0, gaps: 0, longestS: null, recent: [] });
});

test("a gap is a step longer than the timeframe, on the grid or off it", () => {
  expect(scanned(300, 5, [300, 900])).toMatchObject({
    gaps: 1,
    longestS: 600,
    recent: [{ prev_time: 300, next_time: 900, delta_seconds: 600, missing_candles: 1 }],
  });
  expect(scanned(60, 5, [0, 60, 121, 150])).toMatchObject({
    candles: 4,
    gaps: 1,
    recent: [{ prev_time: 60, next_time: 121, delta_seconds: 61, missing_candles: 0 }],
  });
});

test("the newest gaps are named, newest first; of the others the number and the longest are known", () => {
  const { gaps, longestS, recent } = scanned(60, 2, [0, 6_000, 6_120], [6_300, 6_360]);
  expect([gaps, longestS]).toEqual([3, 6_000]);
  expect(recent.map(({ prev_time, missing_candles }) => [prev_time, missing_candles])).toEqual([
    [6_120, 2],
    [6_000, 1],
  ]);
});

test("where the slices are cut makes no difference", () => {
  const series = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(series, fc.nat(60), (unordered, cut) => {
      const times = unordered.toSorted((a, b) => a - b);
      expect(scanned(60, 3, times.slice(0, cut), times.slice(cut))).toEqual(scanned(60, 3, times));
    }),
  );
});
