import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FRAME_WINDOW_MS,
  FRAMES_PER_WINDOW,
  FrameBudget,
  type FrameKind,
} from "../../../src/exchange/binance/frame-budget.js";

describe("FrameBudget", () => {
  it("keeps one frame of every window for a pong", () => {
    const budget = new FrameBudget("spot");
    expect([0, 0, 0, 0].map((nowMs) => budget.tryTake("control", nowMs))).toEqual([true, true, true, false]);
    expect([budget.tryTake("pong", 0), budget.tryTake("pong", 0)]).toEqual([true, false]);
  });

  it("allows futures twice as many", () => {
    const budget = new FrameBudget("futures");
    const taken = Array.from({ length: 10 }, () => budget.tryTake("control", 5));
    expect(taken.filter(Boolean)).toHaveLength(7);
  });

  it("tells exactly how long to wait, counting pongs against control messages", () => {
    const budget = new FrameBudget("spot");
    for (const [kind, nowMs] of [
      ["control", 0],
      ["control", 100],
      ["pong", 300],
    ] as const) {
      expect(budget.tryTake(kind, nowMs)).toBe(true);
    }
    expect(budget.waitMs("control", 300)).toBe(FRAME_WINDOW_MS - 300);
    expect(budget.waitMs("pong", 300)).toBe(0);
    expect(budget.tryTake("control", FRAME_WINDOW_MS - 1)).toBe(false);
    expect(budget.tryTake("control", FRAME_WINDOW_MS)).toBe(true);
    expect(budget.waitMs("control", FRAME_WINDOW_MS)).toBe(100);
  });

  it("never sends more in any rolling window, and never makes anyone wait longer than a window", () => {
    const step = fc.record({ gapMs: fc.nat(400), kind: fc.constantFrom<FrameKind>("control", "pong") });
    fc.assert(
      fc.property(fc.constantFrom("spot" as const, "futures" as const), fc.array(step), (market, steps) => {
        const budget = new FrameBudget(market);
        const sent: number[] = [];
        let nowMs = 1000;
        for (const { gapMs, kind } of steps) {
          nowMs += gapMs;
          const waitMs = budget.waitMs(kind, nowMs);
          expect(waitMs).toBeLessThanOrEqual(FRAME_WINDOW_MS);
          expect(budget.tryTake(kind, nowMs)).toBe(waitMs === 0);
          if (waitMs === 0) sent.push(nowMs);
        }
        for (const fromMs of sent) {
          const within = sent.filter((ms) => ms >= fromMs && ms < fromMs + FRAME_WINDOW_MS);
          expect(within.length).toBeLessThanOrEqual(FRAMES_PER_WINDOW[market]);
        }
      }),
    );
  });
});
