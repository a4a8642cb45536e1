import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RollingWindow } from "../../src/sim/rolling-window.js";

describe("a rolling window", () => {
  it("refuses what a token bucket would let through", () => {
    const window = new RollingWindow(5, 1_000);
    const times = [0, 0, 0, 0, 0, 200, 400];
    expect(times.map((time) => window.admit(time).admitted)).toEqual([true, true, true, true, true, false, false]);
  });

  it("says how long to wait, and admits then", () => {
    const window = new RollingWindow(2, 1_000);
    window.admit(100);
    window.admit(300);
    expect(window.admit(600)).toEqual({ admitted: false, waitMs: 500 });
    expect(window.admit(1_099).admitted).toBe(false);
    expect(window.admit(1_100).admitted).toBe(true);
  });

  it("never admits more than the limit in any window", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 80 }), (gaps) => {
        const window = new RollingWindow(4, 1_000);
        let now = 0;
        const admitted: number[] = [];
        for (const gap of gaps) {
          now += gap;
          if (window.admit(now).admitted) admitted.push(now);
        }
        for (const [index, time] of admitted.entries()) {
          expect(admitted.slice(0, index + 1).filter((other) => other > time - 1_000).length).toBeLessThanOrEqual(4);
        }
      }),
    );
  });
});
