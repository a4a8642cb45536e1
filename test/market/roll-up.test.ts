import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Candle } from "../../src/market/candle.js";
import { bucketTime, canRollUp, rollUp } from "../../src/market/roll-up.js";
import { candleSeries } from "../support/candles.js";

const minute = (time: number, close: number, volume = 1): Candle => ({
  time,
  open: close - 1,
  high: close + 2,
  low: close - 3,
  close,
  volume,
});

const FIVE = [minute(300, 10), minute(360, 14), minute(420, 5), minute(480, 8), minute(540, 9, 4)];

describe("a bucket", () => {
  test("opens with its first candle, closes with its last, and has the extremes and the volume of all", () => {
    expect(rollUp(FIVE, 60, 300)).toEqual([{ time: 300, open: 9, high: 16, low: 2, close: 9, volume: 8 }]);
  });

  test.each([0, 1, 2, 3, 4])("is not made without its candle number %i", (missing) => {
    expect(
      rollUp(
        FIVE.filter((_, index) => index !== missing),
        60,
        300,
      ),
    ).toEqual([]);
  });

  test("is not made of candles off the grid, and not kept from being made by one between the others", () => {
    expect(rollUp(candleSeries(301, 10), 60, 300)).toEqual([]);
    const stray = minute(431, 1_000, 1_000);
    const withStray = [...FIVE.slice(0, 3), stray, ...FIVE.slice(3)];
    expect(rollUp(withStray, 60, 300)).toEqual(rollUp(FIVE, 60, 300));
  });

  test("of a day is made of its hours", () => {
    expect(rollUp(candleSeries(0, 24, 3_600), 3_600, 86_400)).toMatchObject([
      { time: 0, close: candleSeries(0, 24, 3_600)[23]?.close },
    ]);
  });
});

test("a timeframe that is no proper multiple of the base is refused, by name", () => {
  expect([canRollUp(60, 300), canRollUp(60, 60), canRollUp(300, 60), canRollUp(120, 180)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(() => rollUp([], 120, 180)).toThrow("180 s is no multiple of 120 s");
});

test("spec vector: the minutes 3600 to 4140 make the five minutes 3600 and 3900", () => {
  expect(rollUp(candleSeries(3_600, 10), 60, 300).map(({ time }) => time)).toEqual([3_600, 3_900]);
});

/** Minutes with holes and strays: ascending, one per time. */
const anyMinutes = fc
  .uniqueArray(
    fc.oneof(
      fc.nat(60).map((n) => n * 60),
      fc.nat(3_600),
    ),
    { maxLength: 90 },
  )
  .chain((times) =>
    fc
      .array(fc.integer({ min: 1, max: 1_000 }), { minLength: times.length, maxLength: times.length })
      .map((closes) => [...times].sort((a, b) => a - b).map((time, index) => minute(time, closes[index] ?? 1))),
  );

const anyTarget = fc.constantFrom(120, 300, 900, 3_600);

describe("whatever the minutes", () => {
  test("a bucket is made exactly when all of its minutes are there, of those and nothing else", () => {
    fc.assert(
      fc.property(anyMinutes, anyTarget, (minutes, target) => {
        const byTime = new Map(minutes.map((candle) => [candle.time, candle]));
        const expected = [];
        for (let open = 0; open <= 3_600; open += target) {
          const parts = Array.from({ length: target / 60 }, (_, i) => byTime.get(open + i * 60));
          if (!parts.every((part) => part !== undefined)) continue;
          expected.push({
            time: open,
            open: parts[0]!.open,
            high: Math.max(...parts.map(({ high }) => high)),
            low: Math.min(...parts.map(({ low }) => low)),
            close: parts.at(-1)!.close,
            volume: parts.reduce((sum, { volume }) => sum + volume, 0),
          });
        }
        expect(rollUp(minutes, 60, target)).toEqual(expected);
      }),
    );
  });

  test("going by way of a timeframe between makes the same", () => {
    fc.assert(
      fc.property(anyMinutes, (minutes) => {
        expect(rollUp(rollUp(minutes, 60, 300), 300, 900)).toEqual(rollUp(minutes, 60, 900));
      }),
    );
  });
});

test("a bucket begins at or before the time it holds, and ends after it", () => {
  fc.assert(
    fc.property(fc.nat(2_000_000_000), fc.integer({ min: 1, max: 100_000 }), (time, timeframe) => {
      const open = bucketTime(time, timeframe);
      expect(open % timeframe).toBe(0);
      expect(open <= time && time < open + timeframe).toBe(true);
    }),
  );
});

test("volumes add up as decimals do, and keep what is finer than those of an exchange", () => {
  const minute = (at: number, volume: number): Candle => ({
    time: at * 60,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume,
  });
  const volumeOf = (...volumes: number[]) =>
    rollUp(
      volumes.map((volume, at) => minute(at, volume)),
      60,
      180,
    )[0]?.volume;
  expect(volumeOf(0.1, 0.2, 0.3)).toBe(0.6);
  expect(volumeOf(142.311, 211.97, 76.405)).toBe(430.686);
  expect(volumeOf(1e-12, 2e-12, 4e-12)).toBe(7e-12);
  expect(volumeOf(123_456_789_012, 1, 1)).toBe(123_456_789_014);
});
