import { describe, expect, test } from "vitest";
import type { Pen } from "../../src/factors/pen.js";
import { type DeadZone, zhongshuFactor } from "../../src/factors/zhongshu.js";
import { applyCandle, applyPen, type PenOutcome, type ZhongshuState } from "../../src/factors/zhongshu-zone.js";
import { loadVector } from "./model/vectors.js";
import { chain, type PenRow, penOf } from "./pen-chain.js";

const SETTINGS = { timeframeSeconds: 60, pivotWindowMajor: 1, pivotWindowMinor: 1 };
const newState = () => zhongshuFactor.initial(SETTINGS) as ZhongshuState;

/** Applies pens and tells what each did. */
function applyAll(state: ZhongshuState, pens: readonly Pen[]): (PenOutcome["type"] | undefined)[] {
  return pens.map((pen) => applyPen(state, pen)?.type);
}

describe("the computed examples, step by step", () => {
  interface Expected {
    readonly dead: DeadZone | null;
    readonly formed_entry_start_time: number | null;
    readonly alive:
      | (Omit<DeadZone, "death_time" | "visible_time"> & {
          readonly awaiting_p3_confirm: boolean;
          readonly p3_start_time: number;
        })
      | null;
    readonly pending: {
      readonly entry_start_time: number;
      readonly p3_direction: number;
      readonly p3_start_time: number;
      readonly p3_start_price: number;
      readonly p3_extreme_price: number;
      readonly trigger_price: number;
      readonly cross_time: number | null;
    } | null;
    readonly reseed_floor_start_time: number;
  }
  type Input =
    | { pen: PenRow; candle?: never }
    | { candle: { candle_time: number; high: number; low: number }; pen?: never };
  const { cases } = loadVector<{ cases: { name: string; steps: ({ step: Input } & Expected)[] }[] }>("04_zhongshu");

  test.each(cases)("$name", ({ steps }) => {
    const state = newState();
    for (const { step, ...expected } of steps) {
      let died: Extract<PenOutcome, { type: "died" }> | undefined;
      let entry: Pen | undefined;
      if (step.pen === undefined) {
        entry = applyCandle(state, step.candle.candle_time, step.candle.high, step.candle.low);
      } else {
        const outcome = applyPen(state, penOf(step.pen));
        if (outcome?.type === "died") died = outcome;
        if (outcome?.type === "formed") entry = outcome.entry;
      }
      const after = `after ${JSON.stringify(step)}`;
      expect(entry?.start_time ?? null, after).toBe(expected.formed_entry_start_time);
      expect(died && { ...died.zone, end_time: died.until }, after).toEqual(deathOf(expected.dead));
      expect(aliveOf(state), after).toEqual(expectedAlive(expected.alive));
      expect(pendingOf(state), after).toEqual(expectedPending(expected.pending));
      expect(state.floor, after).toBe(expected.reseed_floor_start_time);
    }
  });

  /** What a death leaves of the zone; its times are those of the pen, which the factor adds. */
  function deathOf(dead: DeadZone | null): object | undefined {
    if (dead === null) return undefined;
    const { death_time: _, visible_time: __, ...zone } = dead;
    return { ...zone, awaits: null };
  }

  function aliveOf({ alive, aliveUntil }: ZhongshuState): object | null {
    return alive && { ...alive, end_time: aliveUntil };
  }

  /** The examples also say when the zone was last seen, which nothing needs. */
  function expectedAlive(alive: Expected["alive"]): object | null {
    if (alive === null) return null;
    const { start_time, end_time, zg, zd, entry_direction, formed_time, formed_reason } = alive;
    const awaits = alive.awaiting_p3_confirm ? alive.p3_start_time : null;
    return { start_time, end_time, zg, zd, entry_direction, formed_time, formed_reason, awaits };
  }

  function pendingOf({ pending }: ZhongshuState): object | null {
    if (pending === null) return null;
    const { entry, first, second, extreme, crossTime } = pending;
    return {
      entry: entry.start_time,
      third: [-second.direction, second.end_time, second.end_price],
      extreme,
      trigger: first.end_price,
      crossTime,
    };
  }

  /** The examples also name the candle of the extreme, which nothing needs. */
  function expectedPending(pending: Expected["pending"]): object | null {
    if (pending === null) return null;
    return {
      entry: pending.entry_start_time,
      third: [pending.p3_direction, pending.p3_start_time, pending.p3_start_price],
      extreme: pending.p3_extreme_price,
      trigger: pending.trigger_price,
      crossTime: pending.cross_time,
    };
  }
});

describe("forming", () => {
  test("by the third pen: the zone is what the three have in common, the entry pen must reach it", () => {
    const state = newState();
    expect(applyAll(state, chain(100, 110, 104, 109, 102))).toEqual([undefined, undefined, undefined, "formed"]);
    expect(state.alive).toEqual({
      start_time: 60,
      zg: 109,
      zd: 104,
      entry_direction: 1,
      formed_time: 660,
      formed_reason: "pen_confirmed",
      awaits: null,
    });
    expect(state.aliveUntil).toBe(540);
    expect(state.pending).toBeNull();
  });

  test("a zone may be a single price", () => {
    const state = newState();
    expect(applyAll(state, chain(100, 110, 105, 105, 101)).at(-1)).toBe("formed");
    expect(state.alive).toMatchObject({ zg: 105, zd: 105 });
  });

  test("without a common price there is none, and the next three pens are looked at", () => {
    // The first pen reaches down from 110, the third only to 112.
    const pens = chain(100, 110, 108, 120, 112);
    const state = newState();
    expect(applyAll(state, pens)).toEqual([undefined, undefined, undefined, undefined]);
    expect(state.alive).toBeNull();
    expect(state.pending?.entry).toBe(pens[1]);
  });

  test("price touches the trigger: known at that candle, as far as price has gone by then", () => {
    const state = newState();
    applyAll(state, chain(100, 112, 104, 110));
    expect(applyCandle(state, 540, 109, 104.5)).toBeUndefined();
    expect(state.pending).toMatchObject({ extreme: 104.5, crossTime: null });
    // The entry pen is the answer: the anchor goes by it.
    expect(applyCandle(state, 600, 108, 104)).toMatchObject({ start_time: 60, end_time: 180 });
    expect(state).toMatchObject({
      alive: { zg: 110, zd: 104, formed_time: 600, formed_reason: "price_cross", awaits: 420 },
      aliveUntil: 600,
      pending: null,
    });
  });

  test("a candle that is not after the second pen's end says nothing about the third", () => {
    const state = newState();
    applyAll(state, chain(100, 112, 104, 110));
    expect(applyCandle(state, 420, 109, 100)).toBeUndefined();
    expect(state.pending).toMatchObject({ extreme: 110, crossTime: null });
  });

  test("for a third pen that goes up, highs are looked at", () => {
    const state = newState();
    applyAll(state, chain(112, 100, 108, 102));
    expect(applyCandle(state, 540, 107.5, 90)).toBeUndefined();
    expect(applyCandle(state, 600, 108, 103)).toMatchObject({ start_time: 60 });
    expect(state.alive).toMatchObject({ zg: 108, zd: 102, entry_direction: -1 });
  });
});

describe("living and dying", () => {
  /** A zone from 104 to 109, formed by its third pen; the last pen ended at 102. */
  function aliveState(): { state: ZhongshuState; next: (price: number) => Pen } {
    const prices = [100, 110, 104, 109, 102];
    const state = newState();
    applyAll(state, chain(...prices));
    return {
      state,
      next: (price) => {
        prices.push(price);
        return chain(...prices).at(-1)!;
      },
    };
  }

  test.each([
    { path: [103.99], last: "died", what: "wholly below" },
    { path: [104], last: undefined, what: "below, touching the lower bound" },
    { path: [120, 109.01], last: "died", what: "wholly above" },
    { path: [120, 109], last: undefined, what: "above, touching the upper bound" },
    { path: [120], last: undefined, what: "right through" },
  ])("a pen $what: $last", ({ path, last }) => {
    const { state, next } = aliveState();
    const pens = path.map(next);
    const outcomes = applyAll(state, pens);
    expect(outcomes.at(-1)).toBe(last);
    expect(outcomes.slice(0, -1).every((outcome) => outcome === undefined)).toBe(true);
    if (last === undefined) expect(state.aliveUntil).toBe(pens.at(-1)?.end_time);
    else expect(state.alive).toBeNull();
  });

  test("every candle extends the alive zone, and never cuts it back", () => {
    const { state } = aliveState();
    expect(applyCandle(state, 720, 200, 1)).toBeUndefined();
    expect(state.aliveUntil).toBe(720);
    applyCandle(state, 660, 200, 1);
    expect(state.aliveUntil).toBe(720);
  });

  test("the pen that a price cross foresaw is not asked whether it leaves; the next one is", () => {
    const state = newState();
    const pens = chain(100, 112, 104, 110, 90, 95);
    applyAll(state, pens.slice(0, 3));
    applyCandle(state, 600, 108, 104);
    expect(state.alive?.awaits).toBe(420);
    expect(applyPen(state, pens[3]!)).toBeUndefined();
    expect(state.alive?.awaits).toBeNull();
    expect(applyPen(state, pens[4]!)).toMatchObject({ type: "died", zone: { zg: 110, zd: 104 }, until: 600 });
  });

  test("after a death no zone may begin before the pen that came before the killing one", () => {
    const { state, next } = aliveState();
    expect(applyPen(state, next(103))?.type).toBe("died");
    expect(state).toMatchObject({ alive: null, died: true, floor: 420, pending: null });
    applyPen(state, next(100));
    expect(state.pending?.entry.start_time).toBe(420);
  });

  test("the state does not grow with the series", () => {
    const state = newState();
    const prices = Array.from({ length: 60 }, (_, index) => 100 + (index % 2) * 10 + (index % 7));
    applyAll(state, chain(...prices));
    expect(state.tail.length).toBe(4);
  });
});
