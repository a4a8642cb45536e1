import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom, systemRandom } from "../../src/clock/random.js";

const draw = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

test("the same seed gives the same numbers, another seed others", () => {
  expect(draw(seededRandom(7), 50)).toEqual(draw(seededRandom(7), 50));
  expect(draw(seededRandom(7), 50)).not.toEqual(draw(seededRandom(8), 50));
});

test("the sequence stays what it was: seeds are quoted in reports", () => {
  expect(draw(seededRandom(1), 3)).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
});

test("numbers lie in [0, 1) and are spread evenly, whatever the seed", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const numbers = draw(seededRandom(seed), 2_000);
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      const buckets = Array<number>(10).fill(0);
      for (const number of numbers) {
        const bucket = Math.floor(number * 10);
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      // 200 are expected in each; 120 is six standard deviations away.
      for (const count of buckets) expect(count).toBeGreaterThan(120);
    }),
    { numRuns: 30 },
  );
});

test("the machine's randomness lies in the same range", () => {
  for (const number of draw(systemRandom, 100)) expect(number >= 0 && number < 1).toBe(true);
});
