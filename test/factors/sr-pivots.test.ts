import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/clock/random.js";
import { CrossingWalk } from "../../src/factors/sr-crossings.js";
import { PIVOTS_PER_SIDE, PivotSide, type SrPivot } from "../../src/factors/sr-pivots.js";
import { bandOf, isTouching, lineOf, toleranceOf } from "../../src/factors/sr-shape.js";
import { historyOf, timeOf, walkOfCloses } from "./closes.js";

const SPACING = 9;
const MANY = PIVOTS_PER_SIDE + 60;

/** A pivot every few candles, whose wick lies about the close there. Some have no average true range. */
function pivotsOf(closes: readonly number[], seed: number, count: number): readonly SrPivot[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, nth) => {
    const idx = nth * SPACING + Math.floor(random() * SPACING);
    const close = closes[idx] as number;
    const [high, low] = [close + random() * 4, close - random() * 4];
    return { idx, time: timeOf(idx), high, low, atr: random() < 0.1 ? 0 : 0.2 + random() * 3 };
  });
}

/** For each pivot the earlier one with which it makes a level, looked for among those that are kept when it comes. */
function plainPartners(
  side: PivotSide["side"],
  pivots: readonly SrPivot[],
  closes: readonly number[],
): readonly (SrPivot | undefined)[] {
  const history = historyOf(closes);
  return pivots.map((last, nth) =>
    pivots.slice(Math.max(0, nth + 1 - PIVOTS_PER_SIDE), nth).findLast((first) => {
      const [lowest, highest] = [Math.max(first.low, last.low), Math.min(first.high, last.high)];
      const line = lineOf(side, lowest, highest);
      const tolerance = toleranceOf(first.atr, last.atr, line);
      if (lowest > highest + tolerance) return false;
      const walk = new CrossingWalk(side, line, first.idx + 1);
      walk.advance(history, last.idx, tolerance, 100);
      return walk.count <= 3;
    }),
  );
}

/** The levels of the newest pivots, their touches counted anew. */
function plainLevels(
  side: PivotSide["side"],
  pivots: readonly SrPivot[],
  partners: readonly (SrPivot | undefined)[],
): readonly object[] {
  const kept = pivots.slice(-PIVOTS_PER_SIDE);
  return kept.map((last) => {
    const first = partners[pivots.indexOf(last)];
    if (first === undefined || !kept.includes(first)) return { idx: last.idx };
    const [lowest, highest] = [Math.max(first.low, last.low), Math.min(first.high, last.high)];
    const band = bandOf(lowest, highest, lineOf(side, lowest, highest), first.atr, last.atr);
    return {
      idx: last.idx,
      partner: first.idx,
      touches: kept.filter((one) => isTouching(one, band.low, band.high)).length,
    };
  });
}

function levelsOf(side: PivotSide): readonly object[] {
  const { idx, partner, touches } = side.columns;
  return Array.from({ length: side.count }, (_, position) => {
    const slot = side.slotAt(position);
    const first = partner[slot] as number;
    return first < 0 ? { idx: idx[slot] } : { idx: idx[slot], partner: idx[first], touches: touches[slot] };
  });
}

const sides = fc.constantFrom("resistance", "support");

describe("the pivots of a side", () => {
  test("make levels with earlier ones, and touch them, as looked for and counted anew", () => {
    fc.assert(
      fc.property(sides, fc.integer(), fc.integer({ min: 1, max: 60 }), (name, seed, count) => {
        const closes = walkOfCloses(seed, (count + 1) * SPACING);
        const pivots = pivotsOf(closes, seed, count);
        const side = new PivotSide(name);
        const history = historyOf(closes);
        for (const pivot of pivots) side.add(pivot, history);
        expect(levelsOf(side)).toEqual(plainLevels(name, pivots, plainPartners(name, pivots, closes)));
      }),
      { numRuns: 40 },
    );
  });

  test("are the newest so many: with an older one go its levels and touches", () => {
    const closes = walkOfCloses(11, (MANY + 1) * SPACING);
    const pivots = pivotsOf(closes, 11, MANY);
    for (const name of ["resistance", "support"] as const) {
      const side = new PivotSide(name);
      const history = historyOf(closes);
      const partners = plainPartners(name, pivots, closes);
      for (const [nth, pivot] of pivots.entries()) {
        side.add(pivot, history);
        expect(side.count).toBe(Math.min(nth + 1, PIVOTS_PER_SIDE));
        expect(side.oldestIdx).toBe(pivots[Math.max(0, nth + 1 - PIVOTS_PER_SIDE)]?.idx);
        if (nth < PIVOTS_PER_SIDE - 1 && nth % 20 > 0) continue;
        expect(levelsOf(side)).toEqual(plainLevels(name, pivots.slice(0, nth + 1), partners));
      }
      const oldest = side.oldestIdx ?? 0;
      expect(partners.filter((one, nth) => one && one.idx < oldest && nth >= MANY - PIVOTS_PER_SIDE)).not.toEqual([]);
    }
  });

  test("have none before the first", () => {
    expect(new PivotSide("support").oldestIdx).toBeUndefined();
  });

  test("are the same when they were saved and restored, and go on the same way", () => {
    const closes = walkOfCloses(12, (MANY + 1) * SPACING);
    const pivots = pivotsOf(closes, 12, MANY);
    const history = historyOf(closes);
    for (const at of [0, 1, 15, 16, 17, PIVOTS_PER_SIDE - 1, PIVOTS_PER_SIDE, PIVOTS_PER_SIDE + 30]) {
      const side = new PivotSide("resistance");
      for (const pivot of pivots.slice(0, at)) side.add(pivot, history);
      const restored = PivotSide.load("resistance", JSON.parse(JSON.stringify(side.save())));
      for (const pivot of pivots.slice(at)) {
        expect(restored.save()).toEqual(side.save());
        side.add(pivot, history);
        restored.add(pivot, history);
      }
      expect(levelsOf(restored)).toEqual(levelsOf(side));
    }
  });
});
