import { describe, expect, test } from "vitest";
import { CandleHistory } from "../../src/factors/candle-history.js";
import { CloseHistory } from "../../src/factors/close-history.js";
import { type Pen, type PenFacts, type PenState, penFactor, takePivot } from "../../src/factors/pen.js";
import { type Leg, track, trailingOf } from "../../src/factors/pen-legs.js";
import { type Pivot, pivotFactor } from "../../src/factors/pivot.js";
import { barAt, closesOf, stepAlone } from "./fold.js";
import { loadVector } from "./model/vectors.js";

type Bar = [time: number, high: number, low: number];
type Major = Omit<Pivot, "window" | "pivot_idx"> & Partial<Pick<Pivot, "pivot_idx">>;

/** Enough for every series here. */
const REMEMBERED = 32;

const emptyHistory = () => new CandleHistory(REMEMBERED, new CloseHistory(closesOf([])));
const newState = () =>
  penFactor.initial({ timeframeSeconds: 60, pivotWindowMajor: 1, pivotWindowMinor: 1 }) as PenState;

function pivotOf(major: Major, bars: readonly Bar[]): Pivot {
  const pivot_idx = major.pivot_idx ?? bars.findIndex(([time]) => time === major.pivot_time);
  return { ...major, window: 1, pivot_idx };
}

/** The facts after the last candle, each major given to the factor at the candle at which it becomes known. */
function penFactsAt(bars: readonly Bar[], majors: readonly Major[], until: number): PenFacts {
  const state = newState();
  const history = emptyHistory();
  let facts: PenFacts | undefined;
  const seen = bars.filter(([time]) => time <= until);
  for (const [time, high, low] of seen) {
    const candle = barAt(time, high, low);
    history.push(candle);
    const known = majors
      .filter(({ visible_time }) => Math.min(visible_time, until) === time)
      .filter(({ pivot_time }) => pivot_time <= until)
      .map((major) => pivotOf(major, bars));
    const pivots = { majors: known, minors: [] };
    facts = stepAlone(penFactor, state, { candle, known: [[pivotFactor, pivots]], history }).facts;
  }
  return facts!;
}

describe("confirmation: the computed examples", () => {
  interface Case {
    readonly name: string;
    readonly pivots_in_arrival_order: Major[];
    readonly expected_steps: {
      readonly confirmed: { readonly event_key: string; readonly payload: Pen }[];
      readonly effective_pivot_times: number[];
    }[];
  }
  const { cases } = loadVector<{ cases: Case[] }>("02_pens");
  const { key } = penFactor.events[0]!;

  test.each(cases)("$name", ({ pivots_in_arrival_order, expected_steps }) => {
    const state = newState();
    for (const [step, major] of pivots_in_arrival_order.entries()) {
      const pen = takePivot(state, pivotOf(major, []), emptyHistory());
      const { confirmed, effective_pivot_times } = expected_steps[step]!;
      const ours = pen === undefined ? [] : [{ event_key: key(pen), payload: pen }];
      expect(JSON.stringify(ours)).toBe(JSON.stringify(confirmed));
      // Only the last two pivots can still matter; older ones are not kept.
      expect(state.tail.map(({ pivot }) => pivot.time)).toEqual(effective_pivot_times.slice(-2));
    }
  });
});

describe("legs in motion: the computed examples", () => {
  interface Vector {
    readonly preview_cases: {
      readonly name: string;
      readonly candles_time_high_low: Bar[];
      readonly major_pivots: Major[];
      readonly aligned_time: number;
      readonly expected: { readonly extending?: Leg; readonly candidate?: Leg };
    }[];
    readonly trailing_candidate_cases: {
      readonly candles_time_high_low: Bar[];
      readonly cases: {
        readonly name: string;
        readonly last_confirmed: Pick<Pen, "end_time" | "end_price" | "direction">;
        readonly aligned_time: number;
        readonly expected: Leg | null;
      }[];
    };
  }
  const { preview_cases, trailing_candidate_cases } = loadVector<Vector>("03_pen_head");

  test.each(preview_cases)("preview: $name", ({ candles_time_high_low, major_pivots, aligned_time, expected }) => {
    const facts = penFactsAt(candles_time_high_low, major_pivots, aligned_time);
    const head = penFactor.head(facts, { factsOf: () => expect.unreachable() });
    expect(JSON.stringify(head)).toBe(JSON.stringify(expected));
  });

  const { candles_time_high_low: bars, cases } = trailing_candidate_cases;
  describe.each(["resistance", "support"] as const)("trailing, from an end that is a %s", (direction) => {
    // Which kind of pivot ends the pen does not matter: the pen's own direction says where its leg runs.
    test.each(cases)("$name", ({ last_confirmed, aligned_time, expected }) => {
      const history = emptyHistory();
      for (const [time, high, low] of bars) if (time <= aligned_time) history.push(barAt(time, high, low));
      const { end_time: time, end_price: price } = last_confirmed;
      const idx = bars.findIndex((bar) => bar[0] === time);
      const leg = trailingOf(last_confirmed as Pen, track({ time, price, direction, idx }, history));
      expect(JSON.stringify(leg)).toBe(JSON.stringify(expected));
    });
  });
});

describe("legs, candle by candle", () => {
  const BARS: Bar[] = [
    [60, 6, 5],
    [120, 9, 6],
    [180, 8, 7],
    [240, 8, 4],
    [300, 9.5, 4],
    [360, 7, 3.5],
    [420, 6, 4],
  ];
  const support: Major = { pivot_time: 60, pivot_price: 5, direction: "support", visible_time: 120 };
  const resistance: Major = { pivot_time: 120, pivot_price: 9, direction: "resistance", visible_time: 180 };
  const leg = (start_time: number, start_price: number, end_time: number, end_price: number): Leg => {
    return { start_time, end_time, start_price, end_price, direction: end_price > start_price ? 1 : -1 };
  };

  test("there are none with fewer than two effective pivots", () => {
    const higher: Major = { pivot_time: 300, pivot_price: 9.5, direction: "resistance", visible_time: 360 };
    expect(penFactsAt(BARS, [resistance, higher], 420)).toEqual({
      confirmed: [],
      last: null,
      extending: null,
      candidate: null,
      trailing: null,
    });
  });

  test("the extending leg grows with price, beyond the pivot that it ends at, and the candidate starts anew", () => {
    const facts = [180, 240, 300, 360].map((time) => penFactsAt(BARS, [support, resistance], time));
    expect(facts.map(({ extending }) => extending)).toEqual([
      leg(60, 5, 120, 9),
      leg(60, 5, 120, 9),
      leg(60, 5, 300, 9.5),
      leg(60, 5, 300, 9.5),
    ]);
    expect(facts.map(({ candidate }) => candidate)).toEqual([
      leg(120, 9, 180, 7),
      leg(120, 9, 240, 4),
      null,
      leg(300, 9.5, 360, 3.5),
    ]);
    expect(facts.every(({ trailing, last }) => trailing === null && last === null)).toBe(true);
  });

  test("equal extremes: the earliest counts", () => {
    const twice: Bar[] = [...BARS.slice(0, 2), [180, 9, 6], [240, 8, 5.5], [300, 8, 5.5]];
    const facts = penFactsAt(twice, [support, { ...resistance, visible_time: 240 }], 300);
    expect(facts.extending).toEqual(leg(60, 5, 120, 9));
    expect(facts.candidate).toEqual(leg(120, 9, 240, 5.5));
  });

  test("a leg of no length is none, and without an extending leg there is no candidate", () => {
    const flat: Bar[] = [
      [60, 6, 5],
      [120, 5, 4],
      [180, 5, 4],
    ];
    const at5 = { ...resistance, pivot_price: 5 };
    expect(penFactsAt(flat, [support, at5], 180)).toMatchObject({ extending: null, candidate: null });
    const still: Bar[] = [
      [60, 6, 5],
      [120, 9, 6],
      [180, 9, 9],
      [240, 9, 9],
    ];
    const facts = penFactsAt(still, [support, resistance], 240);
    expect(facts.extending).toEqual(leg(60, 5, 120, 9));
    expect(facts.candidate).toBeNull();
  });

  test("a more extreme pivot of the same kind takes the place of the last one", () => {
    const higher: Major = { pivot_time: 300, pivot_price: 9.5, direction: "resistance", visible_time: 360 };
    const low: Major = { pivot_time: 360, pivot_price: 3.5, direction: "support", visible_time: 420 };
    const { confirmed, last, extending } = penFactsAt(BARS, [support, resistance, higher, low], 420);
    expect(confirmed).toEqual([{ ...leg(60, 5, 300, 9.5), visible_time: 420, start_idx: 0, end_idx: 4 }]);
    expect(last).toBe(confirmed[0]);
    expect(extending).toEqual(leg(300, 9.5, 360, 3.5));
  });

  test("after a pen was confirmed, a leg trails from its end; a later extreme moves the leg, not the pen", () => {
    const low: Major = { pivot_time: 240, pivot_price: 4, direction: "support", visible_time: 300 };
    const majors = [support, resistance, low];
    const facts = [300, 360].map((time) => penFactsAt(BARS, majors, time));
    expect(facts.map(({ trailing }) => trailing)).toEqual([leg(120, 9, 240, 4), leg(120, 9, 360, 3.5)]);
    expect(facts.map(({ extending }) => extending)).toEqual([leg(120, 9, 240, 4), leg(120, 9, 360, 3.5)]);
    expect(facts.map(({ confirmed }) => confirmed.length)).toEqual([1, 0]);
    expect(facts[1]?.last).toEqual(facts[0]?.confirmed[0]);
  });

  test("the head shows the legs that there are", () => {
    const none = { factsOf: () => expect.unreachable() };
    expect(penFactor.head(penFactsAt(BARS, [support], 180), none)).toEqual({});
    expect(Object.keys(penFactor.head(penFactsAt(BARS, [support, resistance], 240), none))).toEqual([
      "extending",
      "candidate",
    ]);
    expect(penFactor.head(penFactsAt(BARS, [support, resistance], 300), none)).toEqual({
      extending: leg(60, 5, 300, 9.5),
    });
  });

  test("the factor shows from its first confirmed pen on", () => {
    const state = newState();
    expect(penFactor.present(state)).toBe(false);
    for (const [time, direction] of [
      [60, "support"],
      [120, "resistance"],
      [180, "support"],
    ] as const) {
      expect(penFactor.present(state)).toBe(false);
      takePivot(
        state,
        pivotOf({ pivot_time: time, pivot_price: time, direction, visible_time: time }, []),
        emptyHistory(),
      );
    }
    expect(penFactor.present(state)).toBe(true);
  });
});
