import { describe, expect, test } from "vitest";
import { loadSettings } from "../../src/config/load.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { FAULTS, parseFault } from "../../src/sim/faults/catalogue.js";
import { parseStrike, STRIKE_SCHEMAS } from "../../src/sim/strikes.js";
import { Chance } from "../../src/simulation/chance.js";
import { planOf } from "../../src/simulation/plan.js";

const plans = Array.from({ length: 400 }, (_, index) => planOf(index + 1));

describe("chance", () => {
  test("is the same for a seed and topic, and another for another topic", () => {
    const draws = (topic: string) => Array.from({ length: 20 }, () => new Chance(5, topic)).map((c) => c.whole(0, 1e9));
    expect(new Set(draws("a")).size).toBe(1);
    expect(draws("a")[0]).not.toBe(draws("b")[0]);
  });

  test("draws within its bounds, both ends included", () => {
    const chance = new Chance(1, "bounds");
    const drawn = new Set(Array.from({ length: 300 }, () => chance.whole(-1, 2)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
    expect([chance.happens(0), chance.happens(1)]).toEqual([false, true]);
    expect(() => chance.pick([])).toThrow(RangeError);
    expect([chance.some([1, 2], 0), chance.some([1, 2], 1)]).toEqual([[], [1, 2]]);
  });
});

describe("the plan of a seed", () => {
  test("is always the same, and another for another seed", () => {
    expect(planOf(12)).toEqual(planOf(12));
    expect(planOf(13)).not.toEqual(planOf(12));
  });

  test("is one that the daemon and the exchange take: settings, series, faults and strikes", () => {
    for (const { env, series, acts, markets } of plans) {
      expect(loadSettings(env, "/nowhere").notes).toEqual([]);
      for (const { id } of series) parseSeriesId(id);
      for (const act of acts) {
        if (act.type === "fault") parseFault(act.fault);
        if (act.type === "strike") parseStrike(act.strike);
      }
      for (const fault of [...markets.spot.truthFaults, ...markets.futures.truthFaults]) parseFault(fault);
    }
  });

  test("ends every trouble before the calm, in the order of time, and brings every client back for it", () => {
    for (const { acts, troubledMs, clients } of plans) {
      for (const act of acts) {
        const lastsMs = "forMs" in act ? act.forMs : "downMs" in act ? act.downMs : 0;
        expect(act.atMs + lastsMs).toBeLessThanOrEqual(troubledMs);
      }
      expect([...acts].sort((a, b) => a.atMs - b.atMs)).toEqual(acts);
      for (const { turnsMs } of clients) expect(turnsMs.length % 2).toBe(1);
    }
  });

  test("leaves out no fault and no strike that the simulator has", () => {
    const drawn = new Set<string>();
    for (const { acts, markets } of plans) {
      for (const act of acts) {
        if (act.type === "fault") drawn.add(act.fault.kind);
        if (act.type === "strike") drawn.add(act.strike.kind);
      }
      for (const { kind } of [...markets.spot.truthFaults, ...markets.futures.truthFaults]) drawn.add(kind);
    }
    expect([...drawn].sort()).toEqual([...FAULTS.map(({ kind }) => kind), ...Object.keys(STRIKE_SCHEMAS)].sort());
  });

  test("takes the hours it is given instead of its own", () => {
    expect(planOf(3, { hours: 2 }).troubledMs).toBe(7_200_000);
  });
});
