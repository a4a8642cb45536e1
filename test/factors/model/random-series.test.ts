/** The random series are valid, repeatable, and hold what the rules must be tried on. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../src/market/candle.js";
import { candleSeriesOf, seededWalk } from "../../support/random-series.js";

const SAMPLE_SEED = 7;
const SAMPLES = 100;

function expectValid(candles: readonly Candle[]): void {
  for (const [i, { time, open, high, low, close, volume }] of candles.entries()) {
    expect(Number.isSafeInteger(time)).toBe(true);
    expect(time).toBeGreaterThan(candles[i - 1]?.time ?? -1);
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThanOrEqual(Math.min(open, close));
    expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
    expect(Number.isFinite(high) && volume > 0).toBe(true);
  }
}

/** How often a candle stands in a relation to the one before it. */
function count(series: readonly Candle[][], relation: (before: Candle, candle: Candle) => boolean): number {
  const pairs = series.flatMap((candles) => candles.slice(1).map((candle, i) => [candles[i]!, candle] as const));
  return pairs.filter(([before, candle]) => relation(before, candle)).length;
}

describe("candleSeriesOf", () => {
  test("gives valid candles in ascending order, within the asked length", () => {
    fc.assert(
      fc.property(candleSeriesOf({ minCandles: 3, maxCandles: 80 }), (candles) => {
        expectValid(candles);
        expect(candles.length).toBeGreaterThanOrEqual(3);
        expect(candles.length).toBeLessThanOrEqual(80);
      }),
    );
  });

  test("holds every kind of candle and of hole", () => {
    const series = fc.sample(candleSeriesOf(), { seed: SAMPLE_SEED, numRuns: SAMPLES });
    const often = 20;
    expect(count(series, (before, candle) => before.high === candle.high)).toBeGreaterThan(often);
    expect(count(series, (before, candle) => before.low === candle.low && before.high === candle.high)).toBeGreaterThan(
      often,
    );
    expect(count(series, (_, candle) => candle.high === candle.low)).toBeGreaterThan(often);
    expect(count(series, (before, candle) => candle.high > before.high && candle.low < before.low)).toBeGreaterThan(
      often,
    );
    expect(count(series, (before, candle) => candle.low > before.high * 1.1)).toBeGreaterThan(often);
    expect(count(series, (before, candle) => candle.time - before.time >= 120)).toBeGreaterThan(often);
    expect(count(series, (before, candle) => (candle.time - before.time) % 60 !== 0)).toBeGreaterThan(often);
    expect(count(series, (_, candle) => candle.high < 1e-5)).toBeGreaterThan(often);
    expect(count(series, (_, candle) => candle.high > 1e8)).toBeGreaterThan(often);
    expect(series.some((candles) => candles[0]?.time === 0)).toBe(true);
  });

  test("keeps to the grid when asked", () => {
    const regular = candleSeriesOf({ irregular: false, timeframeSeconds: 300 });
    fc.assert(
      fc.property(regular, (candles) => {
        for (const [i, { time }] of candles.entries()) expect(time).toBe(candles[0]!.time + 300 * i);
      }),
    );
  });
});

describe("seededWalk", () => {
  test("is the same for the same seed, another for another", () => {
    expect(seededWalk({ seed: 5, count: 50 })).toEqual(seededWalk({ seed: 5, count: 50 }));
    expect(seededWalk({ seed: 5, count: 50 })).not.toEqual(seededWalk({ seed: 6, count: 50 }));
  });

  test("gives as many valid candles as asked, on the grid or with holes", () => {
    const candles = seededWalk({ seed: 1, count: 5000, start: 600, timeframeSeconds: 300, tick: 0.25 });
    expect(candles).toHaveLength(5000);
    expectValid(candles);
    expect(candles.at(-1)?.time).toBe(600 + 4999 * 300);
    const holed = seededWalk({ seed: 1, count: 5000, holeChance: 0.1 });
    expectValid(holed);
    expect(count([holed], (before, candle) => candle.time - before.time > 60)).toBeGreaterThan(300);
  });
});
