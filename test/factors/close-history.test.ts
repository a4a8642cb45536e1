import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlockPool, POOL_BLOCKS } from "../../src/factors/block-closes.js";
import { BLOCK_CANDLES, CloseHistory, type SearchTrail } from "../../src/factors/close-history.js";
import { historyOf, timeOf, walkOfCloses, watchedSource } from "./closes.js";

const freshTrail = (): SearchTrail => ({ highest: -Infinity, lowest: Infinity, close: 0, time: 0 });

/** Closes over several blocks, and a search in them: most limits are between the closes there are, some are one of them. */
const searches = fc
  .record({
    seed: fc.integer(),
    count: fc.integer({ min: 1, max: 4 * BLOCK_CANDLES }),
    ends: fc.tuple(fc.nat(), fc.nat()),
    limitAt: fc.nat(),
    limitOff: fc.constantFrom(-3, -0.5, -0.25, 0, 0.25, 0.5, 3),
  })
  .map(({ seed, count, ends, limitAt, limitOff }) => {
    const closes = walkOfCloses(seed, count);
    const [from, to] = ends.map((end) => end % (count + 1)).sort((a, b) => a - b) as [number, number];
    return { closes, from, to, limit: (closes[limitAt % count] as number) + limitOff };
  });

type Search = ReturnType<typeof searches.generate>["value"];

function expectFirstAbove(history: CloseHistory, { closes, from, to, limit }: Search): void {
  const trail = freshTrail();
  const within = closes.slice(from, to).findIndex((close) => close > limit);
  const found = history.firstAbove(from, to, limit, trail);
  expect(found).toBe(within < 0 ? -1 : from + within);
  if (found >= 0) expect([trail.close, trail.time]).toEqual([closes[found], timeOf(found)]);
  const passed = closes.slice(from, found < 0 ? to : found);
  expect(trail.highest).toBeGreaterThanOrEqual(Math.max(...passed, -Infinity));
  expect(trail.highest).toBeLessThanOrEqual(limit);
  expect(trail.lowest).toBe(Infinity);
}

function expectFirstBelow(history: CloseHistory, { closes, from, to, limit }: Search): void {
  const trail = freshTrail();
  const within = closes.slice(from, to).findIndex((close) => close < limit);
  const found = history.firstBelow(from, to, limit, trail);
  expect(found).toBe(within < 0 ? -1 : from + within);
  if (found >= 0) expect([trail.close, trail.time]).toEqual([closes[found], timeOf(found)]);
  const passed = closes.slice(from, found < 0 ? to : found);
  expect(trail.lowest).toBeLessThanOrEqual(Math.min(...passed, Infinity));
  expect(trail.lowest).toBeGreaterThanOrEqual(limit);
  expect(trail.highest).toBe(-Infinity);
}

describe("a search", () => {
  test("finds the first close beyond the limit, in memory or read back", () => {
    fc.assert(
      fc.property(searches, fc.boolean(), (search, isReleased) => {
        const history = historyOf(search.closes);
        if (isReleased) history.release();
        expectFirstAbove(history, search);
        expectFirstBelow(history, search);
      }),
      { numRuns: 300 },
    );
  });

  test("goes on from where another one left its trail", () => {
    const closes = walkOfCloses(5, 3 * BLOCK_CANDLES);
    const [half, limit] = [300, 10 * Math.max(...closes)];
    const trail = freshTrail();
    const history = historyOf(closes);
    expect(history.firstAbove(0, half, limit, trail)).toBe(-1);
    expect(history.firstAbove(half, closes.length, limit, trail)).toBe(-1);
    expect(trail.highest).toBe(Math.max(...closes));
  });

  test("reads no block back whose extremes say enough, and none twice", () => {
    // Blocks of closes from 10 to 20, from 30 to 40, and from 10 to 20 again.
    const closes = [10, 30, 10].flatMap((low) => Array.from({ length: BLOCK_CANDLES }, (_, at) => low + (at % 11)));
    const { source, asked } = watchedSource(closes);
    const history = historyOf(closes, source);
    history.release();
    expect(history.firstAbove(0, closes.length, 40, freshTrail())).toBe(-1);
    expect(asked).toEqual([]);
    expect(history.firstAbove(0, closes.length, 35, freshTrail())).toBe(BLOCK_CANDLES + 6);
    expect(history.firstBelow(BLOCK_CANDLES, closes.length, 35, freshTrail())).toBe(BLOCK_CANDLES);
    expect(asked).toEqual([BLOCK_CANDLES]);
    history.release();
    expect(history.firstAbove(0, closes.length, 35, freshTrail())).toBe(BLOCK_CANDLES + 6);
    expect(asked).toEqual([BLOCK_CANDLES]);
  });

  test("reads nothing back before it was released", () => {
    const closes = walkOfCloses(3, 2 * BLOCK_CANDLES + 7);
    const history = historyOf(closes, () => expect.unreachable());
    expectFirstAbove(history, { closes, from: 0, to: closes.length, limit: Math.max(...closes) - 1 });
    expectFirstBelow(history, { closes, from: 0, to: closes.length, limit: Math.min(...closes) + 1 });
  });
});

describe("blocks that were read back", () => {
  const FEW = 30;
  const closes = Array.from({ length: (POOL_BLOCKS + FEW) * BLOCK_CANDLES }, (_, at) => at % 2);
  /** A history and what it reads back. Every block reaches from 0 to 1: to be searched, every one must be at hand. */
  function searched(pool: BlockPool) {
    const { source, asked } = watchedSource(closes);
    const history = historyOf(closes, source, pool);
    history.release();
    return (from: number, count: number): number => {
      const before = asked.length;
      for (let block = from; block < from + count; block += 1) {
        const start = block * BLOCK_CANDLES;
        expect(history.firstAbove(start + 2, start + BLOCK_CANDLES, 0.5, freshTrail())).toBe(start + 3);
      }
      return asked.length - before;
    };
  }

  test("are kept, as many as there is room for; the first one goes first", () => {
    const readBack = searched(new BlockPool());
    expect(readBack(0, POOL_BLOCKS)).toBe(POOL_BLOCKS);
    expect(readBack(0, POOL_BLOCKS)).toBe(0);
    expect(readBack(POOL_BLOCKS, FEW)).toBe(FEW);
    expect(readBack(FEW, POOL_BLOCKS)).toBe(0);
    expect(readBack(0, FEW)).toBe(FEW);
  });

  test("share one room, whichever fold they are of, and are not taken for one another", () => {
    const pool = new BlockPool();
    const [one, other] = [searched(pool), searched(pool)];
    expect([one(0, FEW), other(0, FEW), one(0, FEW), other(0, FEW)]).toEqual([FEW, FEW, 0, 0]);
    expect(one(FEW, POOL_BLOCKS - FEW)).toBe(POOL_BLOCKS - FEW);
    expect([other(0, FEW), one(FEW, POOL_BLOCKS - FEW)]).toEqual([0, 0]);
    expect(one(0, FEW)).toBe(FEW);
  });
});

test("the extremes of full blocks are those of their closes", () => {
  fc.assert(
    fc.property(searches, ({ closes, from, to }) => {
      const history = historyOf(closes);
      const full = closes.filter((_, index) => {
        const start = Math.floor(index / BLOCK_CANDLES) * BLOCK_CANDLES;
        return start >= from && start + BLOCK_CANDLES <= to;
      });
      expect(history.highestBlock(from, to)).toBe(Math.max(...full, -Infinity));
      expect(history.lowestBlock(from, to)).toBe(Math.min(...full, Infinity));
    }),
  );
});

describe("closes that are not needed any more", () => {
  const closes = walkOfCloses(9, 4 * BLOCK_CANDLES);
  const firstKept = (history: CloseHistory) => history.save().firstBlock;

  test("go block by block; those that are needed stay", () => {
    const history = historyOf(closes);
    history.keepFrom(BLOCK_CANDLES - 1);
    expect(firstKept(history)).toBe(0);
    history.keepFrom(2 * BLOCK_CANDLES + 5);
    expect(firstKept(history)).toBe(2);
    history.keepFrom(BLOCK_CANDLES);
    expect(firstKept(history)).toBe(2);
    const search = { closes, from: 2 * BLOCK_CANDLES + 5, to: closes.length };
    for (const limit of [40, 45, 50, 55, 60]) {
      expectFirstAbove(history, { ...search, limit });
      expectFirstBelow(history, { ...search, limit });
    }
  });

  test("can be all there are; the next ones are found all the same", () => {
    const history = historyOf(closes);
    history.keepFrom(10 * BLOCK_CANDLES);
    expect(history.save()).toEqual({ firstBlock: 4, blocks: [] });
    history.push(closes.length, timeOf(closes.length), 1_000);
    expect(history.firstAbove(closes.length, closes.length + 1, 999, freshTrail())).toBe(closes.length);
  });
});

test("saved and restored, a history answers as before and goes on", () => {
  fc.assert(
    fc.property(searches, fc.integer({ min: 0, max: 3 }), fc.nat({ max: 3 }), (search, blocks, kept) => {
      const { closes } = search;
      const restoredAt = Math.min(blocks * BLOCK_CANDLES, Math.floor(closes.length / BLOCK_CANDLES) * BLOCK_CANDLES);
      const { source } = watchedSource(closes);
      const before = historyOf(closes.slice(0, restoredAt), source);
      before.keepFrom(kept * BLOCK_CANDLES);
      const saved = before.save();
      const restored = CloseHistory.restore(source, JSON.parse(JSON.stringify(saved)));
      expect(restored.save()).toEqual(saved);
      for (let index = restoredAt; index < closes.length; index += 1) {
        restored.push(index, timeOf(index), closes[index] as number);
      }
      const from = Math.max(search.from, saved.firstBlock * BLOCK_CANDLES);
      const later = { ...search, from, to: Math.max(search.to, from) };
      expectFirstAbove(restored, later);
      expectFirstBelow(restored, later);
    }),
    { numRuns: 150 },
  );
});
