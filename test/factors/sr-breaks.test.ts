import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BreakMemo } from "../../src/factors/sr-breaks.js";
import type { Crossing } from "../../src/factors/sr-crossings.js";

const LEVELS = 20;
const at = (idx: number): Crossing => ({ idx, time: idx * 60 });

describe("what is remembered of breaks", () => {
  test("is found by level, between two tolerances and at both", () => {
    const memo = new BreakMemo(LEVELS);
    memo.remember(3, 2, 4, at(17));
    memo.remember(3, 5, 6, at(19));
    memo.remember(4, 1, 9, at(40));
    const found = (level: number, ...tolerances: number[]) => tolerances.map((one) => memo.find(level, one)?.idx);
    expect(found(3, 1.9, 2, 3, 4, 4.5, 5, 6, 6.1)).toEqual([undefined, 17, 17, 17, undefined, 19, 19, undefined]);
    expect(found(4, 4.5)).toEqual([40]);
    expect(found(5, 3)).toEqual([undefined]);
    expect(memo.find(3, 3)).toEqual({ idx: 17, time: 1_020 });
  });

  test("holds between any two tolerances that break a level at the same candle", () => {
    const memo = new BreakMemo(LEVELS);
    memo.remember(3, 2, 2.5, at(17));
    memo.remember(3, 6, 7, at(17));
    memo.remember(3, 1, 1.5, at(17));
    expect([0.9, 1, 4, 7, 7.1].map((one) => memo.find(3, one)?.idx)).toEqual([undefined, 17, 17, 17, undefined]);
  });

  test("is gone when its level is forgotten, and what is learnt after that stays", () => {
    const memo = new BreakMemo(LEVELS);
    memo.remember(3, 2, 4, at(17));
    memo.forget(3);
    expect(memo.find(3, 3)).toBeUndefined();
    memo.remember(3, 2, 4, at(18));
    // Until every entry was given to another break.
    for (let idx = 0; idx < 100; idx += 1) memo.remember(idx % 3, idx, idx, at(idx));
    expect(memo.find(3, 3)).toEqual(at(18));
  });
});

/** Breaks are learnt and asked for, with levels forgotten now and then. One tolerance per break keeps the model simple. */
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("remember", "remember", "remember", "find", "find", "forget"),
    level: fc.nat({ max: LEVELS - 1 }),
    idx: fc.nat({ max: 40 }),
  }),
  { minLength: 500, maxLength: 1_500, size: "max" },
);

test("what is found was remembered, however much there was since", () => {
  const counts = { found: 0, missed: 0 };
  fc.assert(
    fc.property(steps, (given) => {
      const memo = new BreakMemo(LEVELS);
      const known = new Set<string>();
      for (const { kind, level, idx } of given) {
        const name = `${level}:${idx}`;
        if (kind === "forget" && idx < 4) {
          memo.forget(level);
          for (const one of known) if (one.startsWith(`${level}:`)) known.delete(one);
        } else if (kind === "remember") {
          memo.remember(level, idx, idx, at(idx));
          known.add(name);
          expect(memo.find(level, idx)).toEqual(at(idx));
        } else {
          const found = memo.find(level, idx);
          if (found !== undefined) expect(known.has(name) && found.idx === idx).toBe(true);
          counts[found === undefined ? "missed" : "found"] += Number(known.has(name));
        }
      }
    }),
    { numRuns: 30 },
  );
  // There is room for a part of them only.
  expect(counts.found).toBeGreaterThan(counts.missed / 10);
  expect(counts.missed).toBeGreaterThan(0);
});

test("what is asked for again and again stays, when much else comes and goes", () => {
  const memo = new BreakMemo(LEVELS);
  memo.remember(7, 1, 2, at(5));
  for (let idx = 0; idx < 2_000; idx += 1) {
    memo.remember(idx % 7, idx, idx, at(idx));
    if (idx % 50 === 0) expect(memo.find(7, 1.5)).toEqual(at(5));
  }
});
