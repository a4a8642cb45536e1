import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kline } from "../../../src/sim/truth/kline.js";
import { nextTradeMs, stateAt, tradePath } from "../../../src/sim/truth/trade-path.js";
import { klineAt, MINUTE, PATH, PRECISION, T0 } from "../support.js";

/** Prices in ticks, so that every value is on the tick. */
const anyMinute: fc.Arbitrary<Kline> = fc
  .record({
    open: fc.integer({ min: 1, max: 4_000 }),
    close: fc.integer({ min: 1, max: 4_000 }),
    above: fc.integer({ min: 0, max: 300 }),
    below: fc.integer({ min: 0, max: 300 }),
    trades: fc.integer({ min: 1, max: 900 }),
    volume: fc.integer({ min: 1, max: 5_000_000 }),
    minute: fc.integer({ min: 0, max: 2_000_000 }),
  })
  .map(({ open, close, above, below, trades, volume, minute }) =>
    klineAt(T0 + minute * MINUTE, {
      open: open / 100,
      close: close / 100,
      high: (Math.max(open, close) + above) / 100,
      low: Math.max(1, Math.min(open, close) - below) / 100,
      volume: volume / 1_000,
      takerVolume: Math.floor(volume / 2) / 1_000,
      trades,
      firstTradeId: 500,
      lastTradeId: 499 + trades,
    }),
  );

function statesOf(minute: Kline, seed: number): Kline[] {
  const path = tradePath(minute, PRECISION, seed, PATH);
  return path.steps.map(({ atMs }) => stateAt(path, atMs, PRECISION)!);
}

describe("the trades inside a minute", () => {
  it("lead from the open over both extremes to the close, and only ever add", () => {
    fc.assert(
      fc.property(anyMinute, fc.nat(), (minute, seed) => {
        const states = statesOf(minute, seed);
        const [first, last] = [states[0]!, states.at(-1)!];
        expect(first).toMatchObject({ open: minute.open, high: minute.open, low: minute.open, close: minute.open });
        expect(last).toMatchObject({ high: minute.high, low: minute.low, close: minute.close });
        for (const [index, state] of states.entries()) {
          const before = states[index - 1] ?? { ...state, trades: 0, volume: 0, quoteVolume: 0, takerVolume: 0 };
          expect(state.high).toBeGreaterThanOrEqual(before.high);
          expect(state.low).toBeLessThanOrEqual(before.low);
          expect(state.volume).toBeGreaterThanOrEqual(before.volume);
          expect(state.quoteVolume).toBeGreaterThanOrEqual(before.quoteVolume);
          expect(state.takerVolume).toBeGreaterThanOrEqual(before.takerVolume);
          expect(state.trades).toBeGreaterThanOrEqual(Math.min(before.trades + 1, minute.trades));
          expect(state.volume).toBeLessThanOrEqual(minute.volume);
          expect(state.trades).toBeLessThanOrEqual(minute.trades);
          expect(state.lastTradeId).toBe(state.firstTradeId + state.trades - 1);
          expect(state.close).toBe(Number(state.close.toFixed(2)));
        }
      }),
    );
  });

  it("happen inside the minute, in order, and are found by time", () => {
    fc.assert(
      fc.property(anyMinute, (minute) => {
        const path = tradePath(minute, PRECISION, 3, PATH);
        const times = path.steps.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times[0]).toBeGreaterThanOrEqual(minute.openMs);
        expect(times.at(-1)).toBeLessThanOrEqual(minute.closeMs);
        expect(nextTradeMs(path, minute.openMs - 1)).toBe(times[0]);
        expect(nextTradeMs(path, times.at(-1)!)).toBeUndefined();
        expect(stateAt(path, times[0]! - 1, PRECISION)).toBeUndefined();
      }),
    );
  });

  it("have at least four states when the trades allow, and no more than the settings", () => {
    const counts = Array.from({ length: 300 }, (_, minute) => statesOf(klineAt(T0 + minute * MINUTE), 1).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(PATH.fewestSteps);
    expect(Math.max(...counts)).toBeLessThanOrEqual(PATH.mostSteps);
    expect(new Set(counts).size).toBeGreaterThan(20);
  });

  it("are one when there was one", () => {
    const single = klineAt(T0, { open: 5, high: 5, low: 5, close: 5, trades: 1, lastTradeId: 1_000 });
    expect(statesOf(single, 1)).toEqual([single]);
  });

  it("leave a tail for the closed candle in some minutes, and end complete in the others", () => {
    const ends = Array.from({ length: 300 }, (_, index) => {
      const minute = klineAt(T0 + index * MINUTE);
      return { minute, last: statesOf(minute, 1).at(-1)! };
    });
    const tails = ends.filter(({ last, minute }) => last.trades < minute.trades);
    expect(tails.length).toBeGreaterThan(50);
    expect(tails.length).toBeLessThan(150);
    for (const { last, minute } of tails) expect(last.volume).toBeLessThan(minute.volume);
    for (const { last, minute } of ends) if (last.trades === minute.trades) expect(last).toEqual(minute);
  });

  it("follow from seed and minute", () => {
    expect(statesOf(klineAt(T0), 1)).toEqual(statesOf(klineAt(T0), 1));
    expect(statesOf(klineAt(T0), 1)).not.toEqual(statesOf(klineAt(T0), 2));
  });
});
