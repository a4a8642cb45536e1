import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import { CrossingWalk } from "../../src/factors/sr-crossings.js";
import { historyOf, timeOf, walkOfCloses } from "./closes.js";

interface Stretch {
  readonly closes: readonly number[];
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** Crossings close by close, up to the one that makes them `stopAt`. */
function plainCrossings({ closes, line, from, to }: Stretch, tolerance: number, stopAt: number): readonly number[] {
  const crossings: number[] = [];
  let side = 0;
  for (let index = from; index < to && crossings.length < stopAt; index += 1) {
    const close = closes[index] as number;
    const here = close > line + tolerance ? 1 : close < line - tolerance ? -1 : 0;
    if (here === 0) continue;
    if (side !== 0 && here !== side) crossings.push(index);
    side = here;
  }
  return crossings;
}

const sides = fc.constantFrom("resistance", "support");
/** Multiples of the grid of closes among them, so that closes lie exactly on the limits. */
const tolerances = fc.oneof(fc.constantFrom(0.5, 1, 1.5, 2, 4), fc.double({ min: 0.01, max: 8, noNaN: true }));
const stopsAt = fc.integer({ min: 1, max: 4 });

const stretches = fc
  .record({
    seed: fc.integer(),
    count: fc.integer({ min: 2, max: 700 }),
    at: fc.nat(),
    off: fc.constantFrom(-1, 0, 0.3, 2),
  })
  .map(({ seed, count, at, off }): Stretch => {
    const closes = walkOfCloses(seed, count);
    const from = at % count;
    return { closes, line: (closes[from] as number) + off, from, to: count };
  });

function crossingsOf(walk: CrossingWalk): readonly [count: number, last: object | undefined] {
  return [walk.count, walk.lastCrossing];
}

function expected(
  stretch: Stretch,
  tolerance: number,
  stopAt: number,
): readonly [count: number, last: object | undefined] {
  const crossings = plainCrossings(stretch, tolerance, stopAt);
  const last = crossings.at(-1);
  return [crossings.length, last === undefined ? undefined : { idx: last, time: timeOf(last) }];
}

describe("a walk", () => {
  test("counts what is counted close by close, in one go", () => {
    fc.assert(
      fc.property(
        stretches,
        sides,
        tolerances,
        stopsAt,
        fc.boolean(),
        (stretch, side, tolerance, stopAt, isReleased) => {
          const history = historyOf(stretch.closes);
          if (isReleased) history.release();
          const walk = new CrossingWalk(side, stretch.line, stretch.from);
          walk.advance(history, stretch.to, tolerance, stopAt);
          expect(crossingsOf(walk)).toEqual(expected(stretch, tolerance, stopAt));
        },
      ),
      { numRuns: 400 },
    );
  });

  test("counts the same in steps, while closes come, and knows for which other tolerances it would", () => {
    const others = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        stretches,
        sides,
        tolerances,
        others,
        fc.integer({ min: 1, max: 90 }),
        (stretch, side, tolerance, factors, step) => {
          const history = historyOf(stretch.closes.slice(0, stretch.from));
          const walk = new CrossingWalk(side, stretch.line, stretch.from);
          for (let index = stretch.from; index < stretch.to; index += 1) {
            history.push(index, timeOf(index), stretch.closes[index] as number);
            if (index % step > 0 || walk.count === 3) continue;
            const to = index + 1;
            walk.advance(history, to, tolerance, 3);
            expect(crossingsOf(walk)).toEqual(expected({ ...stretch, to }, tolerance, 3));
            for (const other of factors.map((factor) => factor * tolerance).filter((one) => walk.holdsFor(one))) {
              expect(crossingsOf(walk), `with ${other}`).toEqual(expected({ ...stretch, to }, other, 3));
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("taken up with another tolerance for which it holds, goes on as if it had been made with that", () => {
    let taken = 0;
    fc.assert(
      fc.property(
        stretches,
        sides,
        tolerances,
        fc.double({ min: 0.7, max: 1.4, noNaN: true }),
        (stretch, side, tolerance, factor) => {
          const half = Math.floor((stretch.from + stretch.to) / 2);
          const history = historyOf(stretch.closes);
          const walk = new CrossingWalk(side, stretch.line, stretch.from);
          walk.advance(history, half, tolerance, 3);
          const other = tolerance * factor;
          if (!walk.holdsFor(other)) return;
          taken += 1;
          walk.advance(history, stretch.to, other, 3);
          expect(crossingsOf(walk)).toEqual(expected(stretch, other, 3));
        },
      ),
      { numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test("holds for its own tolerance, and for about those that it names", () => {
    const held = { named: 0, all: 0 };
    fc.assert(
      fc.property(stretches, sides, tolerances, (stretch, side, tolerance) => {
        const walk = new CrossingWalk(side, stretch.line, stretch.from);
        walk.advance(historyOf(stretch.closes), stretch.to, tolerance, 3);
        expect(walk.holdsFor(tolerance)).toBe(true);
        const { low, high } = walk.tolerances;
        expect(low).toBeLessThanOrEqual(tolerance + 1e-9);
        expect(high).toBeGreaterThanOrEqual(tolerance - 1e-9);
        if (high > 1_000) return;
        held.all += 1;
        if (walk.holdsFor(low + (tolerance - low) / 1_000) && walk.holdsFor(high - (high - tolerance) / 1_000))
          held.named += 1;
        expect(walk.holdsFor(high + 1e-6)).toBe(false);
        if (low > 0) expect(walk.holdsFor(low - 1e-6)).toBe(false);
      }),
      { numRuns: 300 },
    );
    // What it names can be off by what rounding loses.
    expect(held.named).toBeGreaterThan(0.9 * held.all);
  });
});

describe("what a walk reads back", () => {
  const flat = (close: number) => Array.from({ length: BLOCK_CANDLES }, () => close);

  test("is nothing as long as no close is on the far side", () => {
    const history = historyOf([...flat(10), ...flat(12), ...flat(8)], () => expect.unreachable());
    history.release();
    const walk = new CrossingWalk("resistance", 13, 5);
    walk.advance(history, 3 * BLOCK_CANDLES, 0.5, 3);
    expect(walk.count).toBe(0);
    // Below the line all the time: with whatever tolerance, it is not crossed.
    expect([0.1, 5, 100].map((tolerance) => walk.holdsFor(tolerance))).toEqual([true, true, true]);
  });

  test("are the blocks of the crossings, when whole blocks lie between", () => {
    const closes = [...flat(10), ...flat(10), ...flat(20), ...flat(20), ...flat(10), ...flat(20)];
    const asked: number[] = [];
    const history = historyOf(closes, (firstTime, count) => {
      const first = (firstTime - timeOf(0)) / 61;
      asked.push(first / BLOCK_CANDLES);
      const indices = Array.from({ length: count }, (_, at) => first + at);
      return {
        times: Float64Array.from(indices, timeOf),
        closes: Float64Array.from(indices, (at) => closes[at] as number),
      };
    });
    history.release();
    const walk = new CrossingWalk("resistance", 15, 3);
    walk.advance(history, closes.length, 1, 3);
    expect(walk.lastCrossing).toEqual({ idx: 5 * BLOCK_CANDLES, time: timeOf(5 * BLOCK_CANDLES) });
    expect(asked).toEqual([2, 4, 5]);
  });
});
