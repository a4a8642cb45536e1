/** Series and windows for properties of folds: short ones full of rarities, which shrink, and longer walks, told by their seed. */
import fc from "fast-check";
import type { Candle } from "../../src/market/candle.js";
import { candleSeriesOf, seededWalk, type WalkOptions } from "../support/random-series.js";

export interface AnySeries {
  readonly major: number;
  readonly minor: number;
  readonly source: { readonly candles: readonly Candle[] } | { readonly walk: WalkOptions };
}

const windows = { major: fc.integer({ min: 1, max: 5 }), minor: fc.integer({ min: 1, max: 3 }) };

const HOLE_CHANCES = [0, 0.02] as const;

/** Walks of so many candles. */
export function walksOf(count: number): fc.Arbitrary<AnySeries> {
  const walk = fc.record({
    seed: fc.integer(),
    count: fc.constant(count),
    holeChance: fc.constantFrom(...HOLE_CHANCES),
  });
  return fc.record({ ...windows, source: walk.map((options) => ({ walk: options })) });
}

/** Short series of up to so many candles. */
export function shortSeriesOf(maxCandles: number): fc.Arbitrary<AnySeries> {
  return fc.record({ ...windows, source: candleSeriesOf({ maxCandles }).map((candles) => ({ candles })) });
}

export function candlesFrom({ source }: Pick<AnySeries, "source">): readonly Candle[] {
  return "walk" in source ? seededWalk(source.walk) : source.candles;
}

/** One seed for all properties of a file: they then look at the same series, which need be folded only once. */
const SEED = fc.sample(fc.integer(), 1)[0] ?? 0;

/**
 * Runs a property over what was made of the arbitrary's values before, if it was.
 * @param make must be a function of the value alone.
 */
export function poolOf<Given, Made>(
  arbitrary: fc.Arbitrary<Given>,
  numRuns: number,
  make: (given: Given) => Made,
): (check: (made: Made, given: Given) => void) => void {
  const known = new Map<string, Made>();
  const madeOf = (given: Given): Made => {
    const key = JSON.stringify(given);
    const made = known.get(key) ?? make(given);
    known.set(key, made);
    return made;
  };
  return (check) => {
    fc.assert(
      fc.property(arbitrary, (given) => check(madeOf(given), given)),
      { numRuns, seed: SEED },
    );
  };
}
