import { describe, expect, test } from "vitest";
import type { SrSnapshot } from "../../src/factors/sr-snapshot.js";
import { snapshotWireText } from "../../src/factors/sr-wire.js";
import { ACTIVE, BROKEN, FLIPPED } from "./sr-samples.js";

const SNAPSHOT: Pick<SrSnapshot, "levels" | "visibleTime"> = {
  visibleTime: 840,
  levels: [ACTIVE, { ...FLIPPED, flipDirection: "up" }, FLIPPED, BROKEN],
};

describe("a snapshot as clients get it", () => {
  const level = {
    price: 97,
    type: "flip",
    level_type: "support",
    status: "flip",
    first_idx: 1,
    second_idx: 9,
    last_idx: 9,
    first_time: 240,
    second_time: 600,
    last_time: 600,
    count: 9,
    flip_dir: "down",
    touch_indices: [1, 9],
    touch_times: [240, 600],
    level_score: 1,
    band_low: 103.25,
    band_high: 103.75,
    band_width_atr: 0.5,
    death_idx: 12,
    death_time: 780,
    death_price: 97,
  };

  test("names every value, in one order", () => {
    const snapshot = { visibleTime: 840, levels: [FLIPPED] };
    const pivot = { idx: 1, time: 240, price: 97, type: "flip", source_window: "major" };
    const body = { algorithm: "pivot_wick_overlap", levels: [level], pivots: [pivot, { ...pivot, idx: 9, time: 600 }] };
    expect(snapshotWireText(snapshot, "without_time")).toBe(JSON.stringify(body));
    expect(snapshotWireText(snapshot, "with_time")).toBe(JSON.stringify({ visible_time: 840, ...body }));
  });

  test("scores by touches, and counts the two pivots that make a level", () => {
    const levels = [0, 1, 2, 4, 7].map((touches) => ({ ...ACTIVE, touches }));
    const text = snapshotWireText({ visibleTime: 840, levels }, "with_time");
    const told = (JSON.parse(text) as { levels: { count: number; level_score: number }[] }).levels;
    expect(told.map(({ count, level_score }) => [count, level_score])).toEqual([
      [2, 0],
      [2, 0.625],
      [2, 0.75],
      [4, 1],
      [7, 1],
    ]);
  });

  test("lists the pivots of all levels by candle, then by price", () => {
    const { pivots } = JSON.parse(snapshotWireText(SNAPSHOT, "with_time")) as {
      pivots: { idx: number; price: number; type: string }[];
    };
    expect(pivots.map(({ idx, price, type }) => `${idx} ${price} ${type}`)).toEqual([
      "1 97 flip",
      "1 97 flip",
      "1 99 support",
      "3 99 support",
      "3 103.5 resistance",
      "9 97 flip",
      "9 97 flip",
      "9 103.5 resistance",
    ]);
  });

  test("names no algorithm when there are no levels", () => {
    const text = snapshotWireText({ visibleTime: 840, levels: [] }, "with_time");
    expect(text).toBe('{"visible_time":840,"algorithm":"","levels":[],"pivots":[]}');
  });
});
