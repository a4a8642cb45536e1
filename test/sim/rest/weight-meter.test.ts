import { describe, expect, it } from "vitest";
import { WeightMeter } from "../../../src/sim/rest/weight-meter.js";

const MINUTE = 60_000;
const SETTINGS = {
  weightPerMinute: 10,
  requestsOverLimitBeforeBan: 2,
  firstBanMs: 2 * MINUTE,
  longestBanMs: 5 * MINUTE,
};

describe("the weight meter", () => {
  it("counts within minutes of the wall clock", () => {
    const meter = new WeightMeter(SETTINGS);
    expect(meter.charge(59_999, 10)).toEqual({ verdict: "allowed", used: 10 });
    expect(meter.charge(59_999, 1)).toEqual({ verdict: "limited", used: 11, untilMs: MINUTE });
    expect(meter.charge(MINUTE, 4)).toEqual({ verdict: "allowed", used: 4 });
  });

  it("bans whom goes on after being limited, for ever longer, up to the longest", () => {
    const meter = new WeightMeter(SETTINGS);
    const banAt = (nowMs: number): number => {
      meter.charge(nowMs, 10);
      meter.charge(nowMs, 1);
      meter.charge(nowMs, 1);
      const verdict = meter.charge(nowMs, 1);
      if (verdict.verdict !== "banned") throw new Error(`not banned: ${verdict.verdict}`);
      return verdict.untilMs;
    };
    expect(banAt(0)).toBe(2 * MINUTE);
    expect(meter.charge(2 * MINUTE - 1, 1)).toMatchObject({ verdict: "banned", untilMs: 2 * MINUTE });
    expect(meter.bannedUntil(MINUTE)).toBe(2 * MINUTE);
    expect(meter.bannedUntil(2 * MINUTE)).toBeUndefined();
    expect(banAt(2 * MINUTE) - 2 * MINUTE).toBe(4 * MINUTE);
    expect(banAt(10 * MINUTE) - 10 * MINUTE).toBe(5 * MINUTE);
    expect(banAt(20 * MINUTE) - 20 * MINUTE).toBe(5 * MINUTE);
  });

  it("starts the count towards a ban anew with each minute", () => {
    const meter = new WeightMeter(SETTINGS);
    for (const nowMs of [0, MINUTE, 2 * MINUTE]) {
      meter.charge(nowMs, 10);
      expect(meter.charge(nowMs, 1).verdict).toBe("limited");
      expect(meter.charge(nowMs, 1).verdict).toBe("limited");
    }
  });

  it("adds what others use: once, or in every minute", () => {
    const meter = new WeightMeter(SETTINGS);
    meter.spend(0, 8);
    expect(meter.used(0)).toBe(8);
    expect(meter.charge(0, 3)).toMatchObject({ verdict: "limited", used: 11 });
    expect(meter.charge(MINUTE, 3, 7)).toEqual({ verdict: "allowed", used: 10 });
    expect(meter.charge(MINUTE, 1, 7).verdict).toBe("limited");
  });
});
