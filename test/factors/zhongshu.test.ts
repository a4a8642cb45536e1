import { describe, expect, test } from "vitest";
import { type Pen, penFactor } from "../../src/factors/pen.js";
import { type ZhongshuFacts, zhongshuFactor } from "../../src/factors/zhongshu.js";
import type { ZhongshuState } from "../../src/factors/zhongshu-zone.js";
import { barAt, stepAlone } from "./fold.js";
import { chain } from "./pen-chain.js";

const SETTINGS = { timeframeSeconds: 60, pivotWindowMajor: 1, pivotWindowMinor: 1 };
const newState = () => zhongshuFactor.initial(SETTINGS) as ZhongshuState;

describe("the factor", () => {
  /** One candle after the other, each with the pens that it confirms. */
  function run(pens: readonly Pen[], until: number) {
    const state = newState();
    const steps = [];
    for (let time = 60; time <= until; time += 60) {
      const confirmed = pens.filter(({ visible_time }) => visible_time === time);
      const known = [[penFactor, { confirmed }]] as const;
      const { facts, events } = stepAlone(zhongshuFactor, state, { candle: barAt(time, 106, 105.5), known });
      steps.push({ time, facts, events, present: zhongshuFactor.present(state) });
    }
    return steps;
  }

  const pens = chain(100, 110, 104, 109, 102, 103);
  const steps = run(pens, 780);
  const headAt = (time: number) => {
    const { facts } = steps.find((step) => step.time === time)!;
    return zhongshuFactor.head(facts, { factsOf: () => expect.unreachable() });
  };

  test("shows from its first zone on, also when the zone is dead", () => {
    expect(steps.filter(({ present }) => present).map(({ time }) => time)).toEqual([660, 720, 780]);
    expect(headAt(600)).toEqual({ alive: [] });
    expect(headAt(780)).toEqual({ alive: [] });
  });

  test("the head is the alive zone, seen at the candle", () => {
    const zone = {
      start_time: 60,
      end_time: 660,
      zg: 109,
      zd: 104,
      entry_direction: 1,
      formed_time: 660,
      formed_reason: "pen_confirmed",
      death_time: null,
      visible_time: 660,
    };
    expect(JSON.stringify(headAt(660))).toBe(JSON.stringify({ alive: [zone] }));
    expect(headAt(720)).toEqual({ alive: [{ ...zone, end_time: 720, visible_time: 720 }] });
  });

  test("facts of earlier candles stay as they were", () => {
    const formed: ZhongshuFacts = steps[10]!.facts;
    expect(formed).toMatchObject({ formed: [pens[0]], died: [], aliveUntil: 660, time: 660 });
    expect(formed.alive).not.toBeNull();
  });

  test("a death is an event at the killing pen's candle, with the end before it", () => {
    const dead = {
      start_time: 60,
      end_time: 720,
      zg: 109,
      zd: 104,
      entry_direction: 1,
      formed_time: 660,
      death_time: 780,
      visible_time: 780,
      formed_reason: "pen_confirmed",
    };
    const { events, facts } = steps.at(-1)!;
    expect(JSON.stringify(events)).toBe(
      JSON.stringify([{ time: 780, factor: "zhongshu", kind: "zhongshu.dead", payload: dead }]),
    );
    expect(facts.died).toEqual([dead]);
    expect(steps.slice(0, -1).flatMap((step) => step.events)).toEqual([]);
    expect(zhongshuFactor.events[0]?.key(dead)).toBe("dead:60:660:780:109.00000000:104.00000000:pen_confirmed");
  });
});
