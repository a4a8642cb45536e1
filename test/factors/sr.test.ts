/** The sr factor in a fold. What its levels are is compared with the plain reading of the rules in fold.property.test.ts. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import { type FactorCheckpoint, FactorEngine, type FactorFold } from "../../src/factors/engine.js";
import { pivotFactor } from "../../src/factors/pivot.js";
import { srFactor } from "../../src/factors/sr.js";
import { LevelJudge } from "../../src/factors/sr-judge.js";
import { PIVOTS_PER_SIDE } from "../../src/factors/sr-pivots.js";
import type { Candle } from "../../src/market/candle.js";
import { seededWalk } from "../support/random-series.js";
import { beginFold, headOf, restoreFold } from "./fold.js";

/** About 280 pivots a side with a window of one candle. */
const COUNT = 4 * BLOCK_CANDLES + 90;

function engineFor(pivotWindowMajor: number): FactorEngine {
  const factors = [pivotFactor, srFactor];
  return new FactorEngine({ factors, pivotWindowMajor, pivotWindowMinor: 1, logicVersion: "" });
}

/** The snapshots that a fold emits over candles, as text. */
function snapshotsOf(fold: FactorFold, candles: readonly Candle[]): string[] {
  return candles.flatMap((candle) => {
    const { events } = fold.step(candle);
    return events.filter(({ kind }) => kind === "sr.snapshot").map((event) => JSON.stringify(event));
  });
}

function savedSides(text: string): { resistance: number[][]; support: number[][] } {
  const { states } = JSON.parse(text) as FactorCheckpoint;
  const { resistance, support } = states.sr as Record<string, { pivots: number[][] }>;
  return { resistance: resistance?.pivots ?? [], support: support?.pivots ?? [] };
}

describe("saved at the start of any block and restored", () => {
  test("sr goes on as if nothing had happened, beyond the pivots that it keeps", () => {
    const series = fc.record({ seed: fc.integer(), major: fc.constantFrom(1, 1, 2, 3), releases: fc.boolean() });
    let full = 0;
    fc.assert(
      fc.property(series, ({ seed, major, releases }) => {
        const candles = seededWalk({ seed, count: COUNT, holeChance: 0.01 });
        const engine = engineFor(major);
        const fold = beginFold(engine, candles);
        const saved: { at: number; text: string }[] = [];
        const emitted = candles.map((candle, at) => {
          if (fold.isAtBlockStart) saved.push({ at, text: fold.save() });
          if (releases && at % 100 === 0) fold.release();
          return snapshotsOf(fold, [candle]);
        });
        for (const { at, text } of saved) {
          const restored = restoreFold(engine, candles, at, text);
          expect(restored.save()).toBe(text);
          expect(snapshotsOf(restored, candles.slice(at))).toEqual(emitted.slice(at).flat());
          full += Number(savedSides(text).support.length === PIVOTS_PER_SIDE);
        }
      }),
      { numRuns: 6, examples: [[{ seed: 1, major: 1, releases: true }]] },
    );
    expect(full).toBeGreaterThan(0);
  });

  test("its head is still that of the last snapshot", () => {
    const candles = seededWalk({ seed: 2, count: COUNT });
    const engine = engineFor(2);
    const fold = beginFold(engine, candles);
    snapshotsOf(fold, candles.slice(0, BLOCK_CANDLES));
    const restored = restoreFold(engine, candles, BLOCK_CANDLES, fold.save());
    // A candle that goes on like the last one makes no pivot known.
    const [frame, again] = [fold.step(candles[BLOCK_CANDLES]!), restored.step(candles[BLOCK_CANDLES]!)];
    expect(restored.isPresent(srFactor)).toBe(true);
    expect(headOf(srFactor, again)).toEqual(headOf(srFactor, frame));
    expect(Object.keys(headOf(srFactor, again))).toEqual(["algorithm", "levels", "pivots"]);
  });
});

test("before the first pivot there is no snapshot, and the first comes with no levels", () => {
  const engine = engineFor(1);
  const candles = seededWalk({ seed: 3, count: 60 });
  const fold = beginFold(engine, candles);
  const first = candles.find((candle) => {
    const { events } = fold.step(candle);
    const isFirst = events.some(({ kind }) => kind === "sr.snapshot");
    expect(fold.isPresent(srFactor)).toBe(isFirst);
    expect(headOf(srFactor, fold.frame!)).toEqual(isFirst ? { algorithm: "", levels: [], pivots: [] } : {});
    return isFirst;
  });
  expect(first).toBeDefined();
});

test("what a frame told of sr stays as it was when more pivots come", () => {
  const candles = seededWalk({ seed: 5, count: 400 });
  const fold = beginFold(engineFor(1), candles);
  const told = candles.map((candle) => {
    const frame = fold.step(candle);
    return { frame, head: JSON.stringify(headOf(srFactor, frame)) };
  });
  for (const { frame, head } of told) expect(JSON.stringify(headOf(srFactor, frame))).toBe(head);
});

test("after a run without a snapshot sr lets go of what it remembers, and says the same", () => {
  const candles = seededWalk({ seed: 8, count: 600 });
  const [fold, other] = [beginFold(engineFor(3), candles), beginFold(engineFor(3), candles)];
  const forget = vi.spyOn(LevelJudge.prototype, "release");
  let hadSnapshot = false;
  const seen = { kept: 0, forgotten: 0 };
  for (const [at, candle] of candles.entries()) {
    const [frame, plain] = [fold.step(candle), other.step(candle)];
    expect(JSON.stringify(frame.events)).toBe(JSON.stringify(plain.events));
    hadSnapshot ||= frame.events.some(({ kind }) => kind === "sr.snapshot");
    if (at % 5 > 0) continue;
    const before = forget.mock.calls.length;
    fold.release();
    expect(forget.mock.calls.length > before).toBe(!hadSnapshot);
    seen[hadSnapshot ? "kept" : "forgotten"] += 1;
    hadSnapshot = false;
    expect(JSON.stringify(headOf(srFactor, frame))).toBe(JSON.stringify(headOf(srFactor, plain)));
  }
  expect(Math.min(seen.kept, seen.forgotten)).toBeGreaterThan(10);
  forget.mockRestore();
});

describe("what sr keeps", () => {
  const candles = seededWalk({ seed: 6, count: 6 * BLOCK_CANDLES + 1 });
  const fold = beginFold(engineFor(1), candles);
  snapshotsOf(fold, candles.slice(0, 6 * BLOCK_CANDLES));

  test("are the newest pivots of either side, ascending", () => {
    const { resistance, support } = savedSides(fold.save());
    for (const pivots of [resistance, support]) {
      const indices = pivots.map(([idx]) => idx);
      expect(indices).toHaveLength(PIVOTS_PER_SIDE);
      expect(indices).toEqual([...indices].sort((a, b) => (a ?? 0) - (b ?? 0)));
    }
  });

  test("are the closes since the oldest of them, by whole blocks, and no older ones", () => {
    const { resistance, support } = savedSides(fold.save());
    const oldest = Math.min(resistance[0]?.[0] ?? 0, support[0]?.[0] ?? 0);
    expect(oldest).toBeGreaterThan(BLOCK_CANDLES);
    // Closes are let go of with the first candle of a block.
    fold.step(candles[6 * BLOCK_CANDLES]!);
    const rest = seededWalk({ seed: 6, count: 7 * BLOCK_CANDLES }).slice(6 * BLOCK_CANDLES + 1);
    for (const candle of rest) fold.step(candle);
    const { history } = JSON.parse(fold.save()) as FactorCheckpoint;
    expect(history.firstBlock).toBe(Math.floor(oldest / BLOCK_CANDLES));
    expect(history.blocks).toHaveLength(7 - history.firstBlock);
  });
});
