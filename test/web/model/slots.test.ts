import { describe, expect, test } from "vitest";
import {
  changeOf,
  holesIn,
  MAX_HOLE_SLOTS,
  positionOf,
  type Slot,
  slotsOf,
  WIDE_MARK_SLOTS,
} from "../../../web/src/model/slots.js";
import { candle, minutes, STEP } from "../candle.js";

const slots = (...args: Parameters<typeof minutes>): readonly Slot[] => slotsOf(minutes(...args), null, STEP);

describe("places", () => {
  test("a hole has a place for each candle that is missing", () => {
    const all = slotsOf([...minutes(0, 2), ...minutes(5, 6)], null, STEP);
    expect(all.map(({ time, candle: one }) => [time / 60, one !== null])).toEqual([
      [0, true],
      [1, true],
      [2, false],
      [3, false],
      [4, false],
      [5, true],
    ]);
  });

  test("a hole that is too long has a mark of one width, with times that ascend", () => {
    const all = slotsOf([candle(0), candle((MAX_HOLE_SLOTS + 2) * STEP)], null, STEP);
    expect(all).toHaveLength(2 + WIDE_MARK_SLOTS);
    expect(all.every(({ time }, i) => i === 0 || time > (all[i - 1]?.time ?? 0))).toBe(true);
    expect(slotsOf([candle(0), candle((MAX_HOLE_SLOTS + 1) * STEP)], null, STEP)).toHaveLength(2 + MAX_HOLE_SLOTS);
  });

  test("the forming candle stands last, behind what has not come", () => {
    const all = slotsOf(minutes(0, 2), candle(180, 5), STEP);
    expect(all.map(({ candle: one }) => one?.close ?? null)).toEqual([0, 60, null, 5]);
  });

  test("candles off the grid have places of their own", () => {
    expect(slotsOf([candle(0), candle(61), candle(119)], null, STEP).map(({ time }) => time)).toEqual([0, 31, 61, 119]);
  });
});

describe("what has to be done", () => {
  const before = slotsOf(minutes(0, 5), candle(300, 1), STEP);

  test("nothing, for the same", () => {
    const candles = minutes(0, 3);
    expect(changeOf(slotsOf(candles, null, STEP), slotsOf(candles, null, STEP))).toEqual({ kind: "none" });
  });

  test("the last place, when the forming candle moves", () => {
    const after = [...before.slice(0, 5), { time: 300, candle: candle(300, 2) }];
    expect(changeOf(before, after)).toEqual({ kind: "tail", from: 5 });
  });

  test("the last place and a new one, when a candle closes", () => {
    const after = [...before.slice(0, 5), { time: 300, candle: candle(300, 3) }, { time: 360, candle: candle(360) }];
    expect(changeOf(before, after)).toEqual({ kind: "tail", from: 5 });
  });

  test("everything, when something in the middle is other, the end is gone, or the beginning", () => {
    const middle = before.with(2, { time: 120, candle: candle(120, 9) });
    expect(changeOf(before, middle)).toEqual({ kind: "all" });
    expect(changeOf(before, before.slice(0, 4))).toEqual({ kind: "all" });
    expect(changeOf(before, before.slice(1))).toEqual({ kind: "all" });
    expect(changeOf([], before)).toEqual({ kind: "all" });
  });

  test("everything, when the last place is of another time", () => {
    const after = [...before.slice(0, 5), { time: 240 + 30, candle: candle(270) }];
    expect(changeOf(before, after)).toEqual({ kind: "all" });
  });

  test("everything, when very much is new", () => {
    expect(changeOf(slots(0, 2), slots(0, 1_000))).toEqual({ kind: "all" });
  });
});

describe("where a time stands", () => {
  const all = slotsOf([...minutes(0, 2), ...minutes(5, 7)], null, STEP);

  test.each([
    [0, 0],
    [60, 1],
    [180, 3],
    [300, 5],
    [330, 5.5],
    [360, 6],
    [-120, -2],
    [480, 8],
  ])("%i s at %d", (time, position) => {
    expect(positionOf(all, time, STEP)).toBeCloseTo(position);
  });

  test("in a hole that is not drawn to scale, in proportion", () => {
    const end = (MAX_HOLE_SLOTS + 2) * STEP;
    const wide = slotsOf([candle(0), candle(end)], null, STEP);
    expect(positionOf(wide, end / 2, STEP)).toBeCloseTo((WIDE_MARK_SLOTS + 1) / 2, 1);
  });

  test("of an empty chart, at its beginning", () => {
    expect(positionOf([], 60, STEP)).toBe(0);
  });
});

test("holes that nobody told of are found, those that somebody did are not found again", () => {
  const candles = [...minutes(0, 2), ...minutes(4, 6), ...minutes(9, 10)];
  const found = holesIn(candles, STEP, [{ from_time: 120, to_time: 180 }]);
  expect(found.map(({ from_time, to_time }) => [from_time / 60, (to_time ?? 0) / 60])).toEqual([[6, 8]]);
  expect(holesIn(candles, STEP, [{ from_time: 0, to_time: null }])).toEqual([]);
});
