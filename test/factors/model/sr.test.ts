/** Corners of support and resistance that the computed examples leave out. Spec: factors §12. */
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../src/market/candle.js";
import { seededWalk } from "../../support/random-series.js";
import * as Model from "./index.js";

const EMPTY: Model.SrSnapshot = { algorithm: "", levels: [], pivots: [] };

/** Candles of `[high, low, close]`. */
function candlesOf(rows: readonly (readonly [number, number, number])[]): Candle[] {
  return rows.map(([high, low, close], i) => ({ time: 60 * i, open: close, high, low, close, volume: 1 }));
}

function times<Row>(count: number, row: Row): Row[] {
  return Array.from({ length: count }, () => row);
}

/** A resistance pivot at each of these indices. */
function resistances(candles: readonly Candle[], ...indices: number[]): Model.IndexedPivot[] {
  return indices.map((pivot_idx) => {
    const { time: pivot_time, high: pivot_price } = candles[pivot_idx]!;
    return { pivot_time, pivot_price, direction: "resistance", visible_time: pivot_time + 60, pivot_idx };
  });
}

test("levels are made of the newest 200 pivots of a side", () => {
  const candles = seededWalk({ seed: 1, count: 900 });
  const majors = candles.flatMap((_, end) => {
    const settings = { timeframeSeconds: 60, major: 1, minor: 1 };
    const seen = candles.slice(Math.max(0, end - 2), end + 1);
    return Model.majorPivots(seen, settings).map((pivot) => ({ ...pivot, pivot_idx: end - 1 }));
  });
  const newest = (count: number) =>
    (["resistance", "support"] as const).flatMap((side) =>
      majors.filter((one) => one.direction === side).slice(-count),
    );
  expect(newest(220)).toHaveLength(440);
  const snapshot = Model.srSnapshot(candles, majors);
  expect(snapshot).toEqual(Model.srSnapshot(candles, newest(200)));
  expect(snapshot).not.toEqual(Model.srSnapshot(candles, newest(199)));
});

describe("where nothing has moved", () => {
  test.each([10, 1e-8])("tolerance and band are parts of the price %d", (price) => {
    const candles = candlesOf(times(6, [price, price, price]));
    const { levels } = Model.srSnapshot(candles, resistances(candles, 1, 3));
    expect(levels).toHaveLength(1);
    expect(levels[0]).toMatchObject({ price, status: "active", count: 2, level_score: 0.75, band_width_atr: 0.5 });
    expect(levels[0]!.band_low / price).toBeCloseTo(0.995, 9);
    expect(levels[0]!.band_high / price).toBeCloseTo(1.005, 9);
  });

  test("there are no levels before the fifth candle", () => {
    const candles = candlesOf(times(4, [10, 10, 10]));
    expect(Model.srSnapshot(candles, resistances(candles, 1, 3))).toEqual(EMPTY);
  });
});

describe("the pair of pivots", () => {
  const QUIET = [100.1, 99.9, 100] as const;
  const ABOVE = [110, 100, 110] as const;
  const BELOW = [100, 90, 90] as const;

  test("may have three crosses between them, not four", () => {
    const three = candlesOf([...times(15, QUIET), ABOVE, BELOW, ABOVE, BELOW, ...times(4, QUIET)]);
    expect(Model.srSnapshot(three, resistances(three, 14, 20)).levels).toHaveLength(1);
    const four = candlesOf([...times(15, QUIET), ABOVE, BELOW, ABOVE, BELOW, ABOVE, ...times(4, QUIET)]);
    expect(Model.srSnapshot(four, resistances(four, 14, 21))).toEqual(EMPTY);
  });

  test("makes a band of three ranges at most", () => {
    const spike = [110, 100, 100] as const;
    const candles = candlesOf([...times(15, QUIET), spike, QUIET, QUIET, spike, QUIET]);
    const [level] = Model.srSnapshot(candles, resistances(candles, 15, 18)).levels;
    // The ATR is (10 + 13·0.2)/14 at the first spike and (2·10 + 12·0.2)/14 at the second.
    const range = (12.6 / 14 + 22.4 / 14) / 2;
    expect(level?.band_width_atr).toBeCloseTo(3, 9);
    expect(level?.band_low).toBeCloseTo(105 - 1.5 * range, 9);
    expect(level?.band_high).toBeCloseTo(105 + 1.5 * range, 9);
  });
});

describe("levels near each other", () => {
  test("are one when they lie within a thousandth of the price", () => {
    const quiet = [1000.1, 999.9, 1000] as const;
    const higher = [1000.6, 999.9, 1000] as const;
    const rows = [...times(2, quiet), higher, ...times(2, quiet), higher, ...times(10, quiet)];
    const candles = candlesOf(rows);
    const { levels } = Model.srSnapshot(candles, resistances(candles, 2, 5, 8, 11));
    expect(levels.map(({ price, first_idx, last_idx }) => [price, first_idx, last_idx])).toEqual([[1000.1, 8, 11]]);
  });

  test("a broken one gives its place to one that still holds", () => {
    const quiet = [11, 9, 10] as const;
    const [older, newer] = [[10.4, 9, 10] as const, [10, 9, 10] as const];
    const [up, down] = [[11.25, 9, 11.25] as const, [11, 8.75, 8.75] as const];
    // Closes of 11.25 and 8.75 change sides of 10 ± 1.1 four times, of 10.4 ± 1.1 never.
    const rows = [...times(2, quiet), older, ...times(2, quiet), older, ...times(2, quiet), newer, ...times(2, quiet)];
    const candles = candlesOf([...rows, newer, up, down, up, down, up]);
    const brokenOnly = Model.srSnapshot(candles, resistances(candles, 8, 11)).levels;
    expect(brokenOnly).toMatchObject([
      { price: 10, status: "broken", death_idx: 15, death_time: 900, death_price: 10 },
    ]);
    const { levels } = Model.srSnapshot(candles, resistances(candles, 2, 5, 8, 11));
    expect(levels).toMatchObject([{ price: 10.4, status: "active", first_idx: 2, last_idx: 5 }]);
  });
});
