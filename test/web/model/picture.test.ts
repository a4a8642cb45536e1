import { describe, expect, test } from "vitest";
import {
  CANDLES_DROPPED_AT_ONCE,
  emptyPicture,
  MAX_CANDLES,
  type Picture,
  withClosed,
  withDrawing,
  withForming,
} from "../../../web/src/model/picture.js";
import { candle, minutes } from "../candle.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const of = (from: number, to: number): Picture => withClosed(emptyPicture(SERIES), minutes(from, to));
const times = ({ candles }: Picture) => candles.map(({ candle_time }) => candle_time / 60);

describe("closed candles", () => {
  test("are added at the end, and the ones before stay the same objects", () => {
    const before = of(0, 3);
    const after = withClosed(before, [candle(180)]);
    expect(times(after)).toEqual([0, 1, 2, 3]);
    expect(after.candles.slice(0, 3).every((one, i) => one === before.candles[i])).toBe(true);
  });

  test("that come late go into their place, and ones that are corrected into that of the old", () => {
    const before = withClosed(of(0, 2), minutes(4, 6));
    const after = withClosed(before, [candle(0), candle(120), candle(180), candle(240, 9)]);
    expect(times(after)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(after.candles[4]?.close).toBe(9);
    // What is equal is not drawn anew.
    expect(after.candles[0]).toBe(before.candles[0]);
  });

  test("end the forming candle of their time", () => {
    const forming = withForming(of(0, 3), candle(180, 7));
    expect(forming.forming?.close).toBe(7);
    expect(withClosed(forming, [candle(180)]).forming).toBeNull();
    expect(withClosed(forming, [candle(60, 1)]).forming).toBe(forming.forming);
  });

  test("are bounded, and the oldest go many at once", () => {
    const full = of(0, MAX_CANDLES);
    expect(full.candles).toHaveLength(MAX_CANDLES);
    const after = withClosed(full, [candle(MAX_CANDLES * 60)]);
    expect(after.candles).toHaveLength(MAX_CANDLES - CANDLES_DROPPED_AT_ONCE);
    expect(after.candles.at(-1)?.candle_time).toBe(MAX_CANDLES * 60);
  });

  test("none changes nothing", () => {
    const before = of(0, 3);
    expect(withClosed(before, [])).toBe(before);
  });
});

test("a forming candle that has closed already is left out", () => {
  const before = of(0, 3);
  expect(withForming(before, candle(120, 5))).toBe(before);
  expect(withForming(emptyPicture(SERIES), candle(120, 5)).forming?.close).toBe(5);
});

test("a drawing of a later candle is not shown before the candle is", () => {
  const drawn = [
    { id: "a", definition: { type: "polyline", feature: "pen.confirmed", points: [], color: "#fff", lineWidth: 2 } },
  ] as const;
  const before = of(0, 3);
  expect(withDrawing(before, drawn, 180)).toBe(before);
  expect(withDrawing(before, drawn, 120)).toMatchObject({ drawn, drawnTime: 120 });
  expect(withDrawing(withClosed(before, [candle(180)]), drawn, 180)).toMatchObject({ drawn, drawnTime: 180 });
});
