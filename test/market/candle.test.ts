import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Candle,
  candleJson,
  fromWireCandle,
  normaliseCandles,
  sameCandle,
  toWireCandle,
} from "../../src/market/candle.js";
import { candleAt } from "../support/candles.js";

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyCandle: fc.Arbitrary<Candle> = fc.record({
  time: fc.nat(),
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
});

test("the wire form and back", () => {
  const wire = { candle_time: 60, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 };
  const candle = { time: 60, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 };
  expect(fromWireCandle(wire)).toEqual(candle);
  expect(toWireCandle(candle)).toEqual(wire);
});

test("a wire candle's other members are left out", () => {
  const wire = { candle_time: 60, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10, final: true };
  expect(Object.keys(fromWireCandle(wire))).toEqual(["time", "open", "high", "low", "close", "volume"]);
});

test("the JSON text is that of the wire form, to the byte, whatever the values", () => {
  fc.assert(
    fc.property(anyCandle, (candle) => {
      expect(candleJson(candle)).toBe(JSON.stringify(toWireCandle(candle)));
    }),
  );
});

test("candles are the same only if every value is", () => {
  const candle = candleAt(60);
  expect(sameCandle(candle, { ...candle })).toBe(true);
  for (const key of ["time", "open", "high", "low", "close", "volume"] as const) {
    expect(sameCandle(candle, { ...candle, [key]: candle[key] + 1 }), key).toBe(false);
  }
});

test("normalised: ascending, one per time, the last given of each", () => {
  const given = [candleAt(160, 1), candleAt(100, 2), candleAt(160, 3), candleAt(100, 4), candleAt(40, 5)];
  expect(normaliseCandles(given)).toEqual([candleAt(40, 5), candleAt(100, 4), candleAt(160, 3)]);
  expect(normaliseCandles([])).toEqual([]);
});

test("what is in order already is returned as it is", () => {
  const ordered = [candleAt(40), candleAt(100)];
  expect(normaliseCandles(ordered)).toBe(ordered);
  const repeated = [candleAt(40, 1), candleAt(40, 2)];
  expect(normaliseCandles(repeated)).toEqual([candleAt(40, 2)]);
});

test("normalising keeps every time, changes no candle, and is done after once", () => {
  const candles = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.nat()), { maxLength: 40 });
  fc.assert(
    fc.property(candles, (pairs) => {
      const given = pairs.map(([time, close]) => candleAt(time * 60, close));
      const before = structuredClone(given);
      const result = normaliseCandles(given);
      const lastOf = new Map(given.map((candle) => [candle.time, candle]));
      expect(result).toEqual([...lastOf.values()].sort((a, b) => a.time - b.time));
      expect(normaliseCandles(result)).toBe(result);
      expect(given).toEqual(before);
    }),
  );
});
