import { describe, expect, test } from "vitest";
import { FactorEngine } from "../../src/factors/engine.js";
import { type Pivot, pivotFactor } from "../../src/factors/pivot.js";
import type { Candle } from "../../src/market/candle.js";
import { barSeries, framesOf, standardEngine, type WireEvent, wireEvent } from "./fold.js";
import { type CandleRow, candlesOf, type EventRow, loadVector } from "./model/vectors.js";

/** The events of pivots alone: the factor needs no other one. */
function pivotEvents(candles: readonly Candle[], major: number, minor: number): WireEvent[] {
  const windows = { pivotWindowMajor: major, pivotWindowMinor: minor };
  const engine = new FactorEngine({ factors: [pivotFactor], ...windows, logicVersion: "" });
  return framesOf(engine, candles).flatMap(({ events }) => events.map((event) => wireEvent(engine, event)));
}

function keysOf(candles: readonly Candle[], major: number, minor: number): string[] {
  return pivotEvents(candles, major, minor).map(({ key }) => key);
}

describe("the computed examples", () => {
  interface Case {
    readonly name: string;
    readonly window_major: number;
    readonly window_minor: number;
    readonly candles: CandleRow[];
    readonly expected_pivot_events: EventRow[];
  }
  const { cases } = loadVector<{ cases: Case[] }>("01_pivots");

  test.each(cases)("$name", ({ window_major, window_minor, candles, expected_pivot_events }) => {
    const events = pivotEvents(candlesOf(candles), window_major, window_minor);
    const rows = events.map(({ time, factor, kind, key, payload }) => {
      return { candle_time: time, factor_name: factor, kind, event_key: key, payload };
    });
    expect(JSON.stringify(rows)).toBe(JSON.stringify(expected_pivot_events));
  });
});

describe("majors", () => {
  const FAR_MINOR = 50;

  test("a plateau has its pivot at the first candle; an equal extreme before it takes that away", () => {
    const highs = barSeries([
      [10, 5],
      [12, 6],
      [12, 7],
      [11, 8],
    ]);
    expect(keysOf(highs, 1, FAR_MINOR)).toEqual(["major:120:resistance:1"]);
    const lows = barSeries([
      [15, 5],
      [14, 3],
      [13, 3],
      [12, 4],
    ]);
    expect(keysOf(lows, 1, FAR_MINOR)).toEqual(["major:120:support:1"]);
  });

  test("the window is complete on both sides: nothing at the start, nothing before the last candle of the right half", () => {
    const candles = barSeries([
      [20, 19],
      [10, 9],
      [15, 8],
      [10, 9],
      [11, 9],
    ]);
    expect(keysOf(candles, 2, FAR_MINOR)).toEqual(["major:180:support:2"]);
    expect(keysOf(candles.slice(0, 4), 2, FAR_MINOR)).toEqual([]);
    // The first candle is the highest of all, but there is nothing to its left.
    expect(keysOf(candles, 1, FAR_MINOR)).toEqual(["major:180:resistance:1", "major:180:support:1"]);
  });

  test("the index counts candles of the fold, not minutes", () => {
    const [first, ...rest] = barSeries([
      [5, 4],
      [8, 4],
      [7, 4],
    ]);
    const later = rest.map((candle) => ({ ...candle, time: candle.time + 6_000 }));
    const [pivot, ...others] = pivotEvents([first!, ...later], 1, FAR_MINOR);
    expect(others).toEqual([]);
    expect(pivot).toEqual({
      time: 6_180,
      factor: "pivot",
      kind: "pivot.major",
      key: "major:6120:resistance:1",
      payload: {
        pivot_time: 6_120,
        pivot_price: 8,
        direction: "resistance",
        visible_time: 6_180,
        window: 1,
        pivot_idx: 1,
      },
    });
  });

  test("a candle beside the grid is a neighbour like any other, and takes the pivot whose window it ends", () => {
    const candles = barSeries([
      [5, 4],
      [6, 4.5],
      [5, 4],
      [7, 5],
      [6, 4],
    ]);
    expect(keysOf(candles, 1, FAR_MINOR)).toEqual([
      "major:120:resistance:1",
      "major:180:support:1",
      "major:240:resistance:1",
    ]);
    const beside = candles.map((candle, index) => (index === 2 ? { ...candle, time: 150 } : candle));
    expect(keysOf(beside, 1, FAR_MINOR)).toEqual(["major:240:resistance:1"]);
  });
});

describe("minors", () => {
  /** Equal lows everywhere: no candle is a major support, every one is a minor one. */
  const highs = [10, 11, 20, 11, 10, 11, 15, 11, 10, 11, 10, 11, 10];
  const candles = barSeries(highs.map((high) => [high, 1]));

  test("begin a window after the last major of any kind, though a weaker one turns no pen", () => {
    const events = pivotEvents(candles, 2, 2);
    const majors = events.filter(({ kind }) => kind === "pivot.major");
    expect(majors.map(({ key }) => key)).toEqual(["major:180:resistance:2", "major:420:resistance:2"]);
    const supports = events
      .filter(({ kind }) => kind === "pivot.minor")
      .map(({ payload }) => payload as Pivot)
      .filter(({ direction }) => direction === "support");
    // Index 4 and 5 are a window behind the major at 2; 6 and 7 are too near the one at 6, from the moment it is known.
    expect(supports.map((pivot) => pivot.pivot_idx)).toEqual([4, 5, 8, 9, 10]);
  });

  test("there are none before the first major", () => {
    expect(pivotEvents(candles.slice(0, 4), 2, 1)).toEqual([]);
    expect(pivotEvents(candles, 6, 1).map(({ kind, time }) => [kind, time])).not.toContainEqual(["pivot.minor", 720]);
  });

  test("come after the majors of their candle, resistance before support", () => {
    const flat = barSeries([
      [5, 4],
      [6, 3],
      [5, 4],
      [5, 4],
      [5, 4],
      [5, 4],
    ]);
    expect(keysOf(flat, 1, 1)).toEqual([
      "major:120:resistance:1",
      "major:120:support:1",
      "minor:240:resistance:1",
      "minor:240:support:1",
      "minor:300:resistance:1",
      "minor:300:support:1",
    ]);
    const both = keysOf(
      barSeries([
        [5, 4],
        [6, 4],
        [5, 4],
        [7, 4],
        [6, 4],
      ]),
      1,
      1,
    );
    expect(both).toEqual(["major:120:resistance:1", "minor:180:support:1", "major:240:resistance:1"]);
  });
});

test("the factor shows from its first major on, with an empty head", () => {
  const engine = standardEngine(1, 50);
  const fold = engine.begin(60, () => expect.unreachable());
  const seen = barSeries([
    [5, 4],
    [6, 5],
    [5, 4],
    [4, 3],
  ]).map((candle) => {
    const frame = fold.step(candle);
    return [fold.isPresent(pivotFactor), pivotFactor.head(frame.factsOf(pivotFactor), frame)];
  });
  expect(seen).toEqual([
    [false, {}],
    [false, {}],
    [true, {}],
    [true, {}],
  ]);
});
