import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FEWEST_POINTS, slopeOf } from "../../../src/simulation/soak/slope.js";

const line = (slope: number, count: number, noise: (x: number) => number = () => 0) =>
  Array.from({ length: count }, (_, x) => ({ x, y: 100 + slope * x + noise(x) }));

describe("the slope of samples", () => {
  test("is that of a straight line, without doubt", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000, max: 1_000 }),
        fc.integer({ min: FEWEST_POINTS, max: 60 }),
        (slope, count) => {
          const found = slopeOf(line(slope, count));
          expect(found?.slope).toBeCloseTo(slope, 6);
          expect(found?.low).toBeCloseTo(slope, 4);
          expect(found?.high).toBeCloseTo(slope, 4);
        },
      ),
    );
  });

  test("has the confidence of the textbook", () => {
    // y = 2.2 + 0.6 x with a standard error of sqrt(2.4 / 3 / 10); t for three degrees of freedom is 3.182.
    const points = [2, 4, 5, 4, 5].map((y, index) => ({ x: index + 1, y }));
    const found = slopeOf(points);
    expect(found?.slope).toBeCloseTo(0.6, 9);
    expect(found?.low).toBeCloseTo(0.6 - 3.182 * Math.sqrt(0.08), 9);
    expect(found?.high).toBeCloseTo(0.6 + 3.182 * Math.sqrt(0.08), 9);
  });

  test("is not told from noise around a level", () => {
    const found = slopeOf(line(0, 24, (x) => (x % 2 === 0 ? 5 : -5)));
    expect(found?.low).toBeLessThan(0);
    expect(found?.high).toBeGreaterThan(0);
  });

  test("is surer with more samples", () => {
    const width = (count: number): number => {
      const found = slopeOf(line(3, count, (x) => (x % 2 === 0 ? 5 : -5)));
      return found === undefined ? Number.NaN : found.high - found.low;
    };
    expect(width(40)).toBeLessThan(width(10));
  });

  test.each([
    ["too few samples", line(1, FEWEST_POINTS - 1)],
    ["samples of one moment", Array.from({ length: 5 }, (_, y) => ({ x: 1, y }))],
  ])("is not told of %s", (_, points) => {
    expect(slopeOf(points)).toBeUndefined();
  });
});
