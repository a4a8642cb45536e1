import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { seededRandom } from "../../src/clock/random.js";
import { type Ground, LevelJudge } from "../../src/factors/sr-judge.js";
import type { SrSide } from "../../src/factors/sr-kept.js";
import { PIVOTS_PER_SIDE, PivotSide } from "../../src/factors/sr-pivots.js";
import { COLUMNS } from "../../src/factors/sr-rows.js";
import { snapshotLevels } from "../../src/factors/sr-snapshot.js";
import { historyOf, timeOf, walkOfCloses, watchedSource } from "./closes.js";

const SPACING = 4;
const CLOSES = 1_100;

interface Sides {
  readonly resistance: SrSide;
  readonly support: SrSide;
}

function sidesOf(resistance: PivotSide, support: PivotSide): Sides {
  return {
    resistance: { pivots: resistance, judge: new LevelJudge(resistance) },
    support: { pivots: support, judge: new LevelJudge(support) },
  };
}

/**
 * Candles come, and every few of them a pivot, at which all levels are judged: by judges that remember, and by new ones.
 * @param atrOf the average true range at a candle, from a random number.
 * @returns the status of every level at every pivot, and the sides in the end.
 */
function judgeOften(seed: number, atrOf: (random: number) => number): { statuses: number[]; sides: Sides } {
  const closes = walkOfCloses(seed, CLOSES);
  const history = historyOf([], watchedSource(closes).source);
  const random = seededRandom(seed);
  const sides = sidesOf(new PivotSide("resistance"), new PivotSide("support"));
  const statuses: number[] = [];
  for (const [index, close] of closes.entries()) {
    history.push(index, timeOf(index), close);
    if (index % 64 === 0) history.release();
    const idx = index - 2;
    if (index % SPACING > 0 || idx < 0) continue;
    const at = closes[idx] as number;
    const pivot = { idx, time: timeOf(idx), high: at + random() * 3, low: at - random() * 3, atr: 0.3 + random() * 2 };
    const { pivots, judge } = sides[random() < 0.5 ? "resistance" : "support"];
    judge.forget(pivots.add(pivot, history));
    const ground = { closes: history, index, close, atr: atrOf(random()) };
    const rows = snapshotLevels(sides.resistance, sides.support, ground);
    const anew = sidesOf(sides.resistance.pivots, sides.support.pivots);
    expect(snapshotLevels(anew.resistance, anew.support, ground)).toEqual(rows);
    statuses.push(...rows.filter((_, column) => column % COLUMNS === 2));
    if (random() < 0.02) for (const side of Object.values(sides)) side.judge.release();
  }
  return { statuses, sides };
}

describe("a judge that remembers", () => {
  test("says what one says that remembers nothing, whatever the tolerance does", () => {
    const ways = fc.constantFrom(
      (random: number) => 0.5 + random * 3,
      (random: number) => 2 ** (random * 10 - 6),
      (random: number) => (random < 0.3 ? 0 : 1 + Math.floor(random * 4)),
    );
    const seen = [0, 0, 0];
    let most = 0;
    fc.assert(
      fc.property(fc.integer(), ways, (seed, atrOf) => {
        const { statuses, sides } = judgeOften(seed, atrOf);
        for (const status of statuses) seen[status] = (seen[status] ?? 0) + 1;
        most = Math.max(most, sides.resistance.pivots.count + sides.support.pivots.count);
      }),
      { numRuns: 6 },
    );
    for (const count of seen) expect(count).toBeGreaterThan(500);
    expect(most).toBeGreaterThan(PIVOTS_PER_SIDE);
  });

  test("with prices that 32-bit numbers cannot hold, remembers nothing wrong", () => {
    for (const scale of [1e-44, 1e39]) {
      const closes = walkOfCloses(8, 300).map((close) => close * scale);
      const history = historyOf(closes);
      const pivots = new PivotSide("support");
      const judge = new LevelJudge(pivots);
      const wick = { high: 51 * scale, low: 49 * scale, atr: scale };
      for (const idx of [3, 40]) judge.forget(pivots.add({ idx, time: timeOf(idx), ...wick }, history));
      const ground = { closes: history, index: 299, close: closes[299] as number, atr: scale };
      const slot = pivots.slotAt(1);
      const told = () => [judge.isStanding(slot, wick.low, ground), judge.lastCrossing(slot, wick.low, ground)];
      const first = told();
      expect(told()).toEqual(first);
      expect(first[1]).toEqual(new LevelJudge(pivots).lastCrossing(slot, wick.low, ground));
    }
  });

  test("searches closes far more seldom", () => {
    const counted = (forgets: boolean): number => {
      const closes = walkOfCloses(21, 4_000);
      const history = historyOf(closes);
      const searches = [vi.spyOn(history, "firstAbove"), vi.spyOn(history, "firstBelow")];
      const pivots = new PivotSide("resistance");
      const judge = new LevelJudge(pivots);
      for (let idx = 5; idx < 2_000; idx += 25) {
        const at = closes[idx] as number;
        judge.forget(pivots.add({ idx, time: timeOf(idx), high: at + 2, low: at - 2, atr: 1 }, history));
      }
      const side = { pivots, judge };
      const none = { pivots: new PivotSide("support"), judge: new LevelJudge(new PivotSide("support")) };
      for (let index = 2_000; index < 4_000; index += 20) {
        if (forgets) judge.release();
        const ground = { closes: history, index, close: closes[index] as number, atr: 1 + (index % 100) / 200 };
        snapshotLevels(side, none, ground);
      }
      return searches.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    };
    expect(counted(false)).toBeLessThan(counted(true) / 4);
  });
});

test("a level that breaks stays broken, at the same candle for the same tolerance", () => {
  const closes = [50, 40, 60, 40, 60, 40, 60, 40];
  const history = historyOf(closes);
  const pivots = new PivotSide("resistance");
  const judge = new LevelJudge(pivots);
  pivots.add({ idx: 0, time: timeOf(0), high: 51, low: 49, atr: 2 }, history);
  const level = { slot: 0, line: 50 };
  const at = (index: number, atr: number): Ground => ({ closes: history, index, close: closes[index] as number, atr });
  const told = (index: number, atr: number) => [
    judge.isStanding(level.slot, level.line, at(index, atr)),
    judge.lastCrossing(level.slot, level.line, at(index, atr))?.idx,
  ];
  expect(told(1, 4)).toEqual([true, undefined]);
  expect(told(2, 4)).toEqual([true, 2]);
  expect(told(3, 4)).toEqual([true, 3]);
  expect(told(4, 4)).toEqual([false, 4]);
  expect(told(7, 4)).toEqual([false, 4]);
  // Ten either way is not beyond a tolerance of ten.
  expect(told(7, 20)).toEqual([true, undefined]);
  expect(told(7, 19.9)).toEqual([false, 4]);
  expect(told(7, 4)).toEqual([false, 4]);
});

test("tolerances nearer to each other than 32-bit numbers are told apart", () => {
  // The fourth close is above the line with a tolerance a little wider than one, and not with one a little wider still.
  const closes = [50, 40, 60, 40, 51 + 2 ** -31, 60];
  const history = historyOf(closes);
  const pivots = new PivotSide("resistance");
  pivots.add({ idx: 0, time: timeOf(0), high: 51, low: 49, atr: 2 }, history);
  const brokenWith = (judge: LevelJudge, tolerance: number) =>
    judge.lastCrossing(0, 50, { closes: history, index: 5, close: 60, atr: 2 * tolerance })?.idx;
  const [narrower, wider] = [1 + 2 ** -32, 1 + 2 ** -30];
  for (const asked of [
    [wider, narrower, wider],
    [narrower, wider, narrower],
  ]) {
    const judge = new LevelJudge(pivots);
    expect(asked.map((tolerance) => brokenWith(judge, tolerance))).toEqual(asked.map((one) => (one === wider ? 5 : 4)));
  }
});
