import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Candle } from "../../src/market/candle.js";
import { crossCheck } from "../../src/market/cross-check.js";
import { rollUp } from "../../src/market/roll-up.js";
import { seededWalk } from "../support/random-series.js";

const MINUTES = seededWalk({ seed: 3, count: 60, start: 1_700_000_100 });
const FIVES = rollUp(MINUTES, 60, 300);

const changed = (at: number, change: Partial<Candle>): readonly Candle[] =>
  FIVES.map((candle, index) => (index === at ? { ...candle, ...change } : candle));

describe("F35: two timeframes of one symbol", () => {
  test("agree where the longer one is what the shorter one makes", () => {
    expect(FIVES.length).toBeGreaterThan(10);
    expect(crossCheck(MINUTES, 60, FIVES, 300)).toEqual({ compared: FIVES.length, differences: [] });
  });

  test.each(["open", "high", "low", "close", "volume"] as const)("differ in %s, which is named", (field) => {
    const { time, [field]: rolledUp } = FIVES[4] as Candle;
    const stored = rolledUp + 0.5;
    expect(crossCheck(MINUTES, 60, changed(4, { [field]: stored }), 300)).toEqual({
      compared: FIVES.length,
      differences: [{ time, field, stored, rolledUp }],
    });
  });

  test("are compared only where both are whole", () => {
    const [, ...rest] = MINUTES.filter(({ time }) => time >= (FIVES[0]?.time ?? 0));
    expect(crossCheck(rest, 60, FIVES, 300).compared).toBe(FIVES.length - 1);
    expect(crossCheck(MINUTES, 60, FIVES.slice(3), 300).compared).toBe(FIVES.length - 3);
    expect(crossCheck([], 60, FIVES, 300)).toEqual({ compared: 0, differences: [] });
  });

  test("do not differ by the rounding of a sum of volumes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 5, maxLength: 5 }),
        (volumes) => {
          const minutes = volumes.map((volume, at) => ({ time: at * 60, open: 1, high: 1, low: 1, close: 1, volume }));
          const volume = [...volumes].reverse().reduce((sum, one) => sum + one, 0);
          const five = { time: 0, open: 1, high: 1, low: 1, close: 1, volume };
          expect(crossCheck(minutes, 60, [five], 300).differences).toEqual([]);
        },
      ),
    );
  });

  test("must be multiples of each other", () => {
    expect(() => crossCheck(MINUTES, 60, FIVES, 90)).toThrow(RangeError);
  });
});
