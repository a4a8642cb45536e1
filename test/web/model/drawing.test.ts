import { expect, test } from "vitest";
import type { DrawDeltaAnswer, Instruction } from "../../../src/client/answers/drawing.js";
import { type Drawing, MAX_DEFINITIONS, NO_DRAWING, withDelta } from "../../../web/src/model/drawing.js";

function line(id: string, version: number, end = 60): Instruction {
  const points = [
    { time: 0, value: 1 },
    { time: end, value: version },
  ];
  return {
    ...{ version_id: version, instruction_id: id, visible_time: 60, kind: "polyline" },
    definition: { type: "polyline", feature: "pen.confirmed", points, color: "#ffffff", lineWidth: 2 },
  };
}

const delta = (cursor: number, active: readonly string[], patch: readonly Instruction[]): DrawDeltaAnswer => ({
  ...{ schema_version: 1, series_id: "s", to_candle_id: `s:${cursor * 60}`, to_candle_time: cursor * 60 },
  ...{ active_ids: active, instruction_catalog_patch: patch, series_points: {} },
  next_cursor: { version_id: cursor, point_time: null },
});

test("shows exactly what is active, by the last definition of each", () => {
  const first = withDelta(NO_DRAWING, delta(3, ["a", "b"], [line("a", 1), line("b", 2), line("b", 3)]));
  expect(first.drawn.map(({ id, definition }) => [id, "points" in definition && definition.points[1]?.value])).toEqual([
    ["a", 1],
    ["b", 3],
  ]);
  expect([first.cursor, first.toTime]).toEqual([3, 180]);
});

test("what did not change stays the same object, and what is not active now may be again", () => {
  const first = withDelta(NO_DRAWING, delta(2, ["a", "b"], [line("a", 1), line("b", 2)]));
  const second = withDelta(first, delta(4, ["a"], [line("c", 4)]));
  expect(second.drawn).toEqual([first.drawn[0]]);
  expect(second.drawn[0]).toBe(first.drawn[0]);
  const third = withDelta(second, delta(5, ["b", "c"], []));
  expect(third.drawn.map(({ id }) => id)).toEqual(["b", "c"]);
});

test("definitions are bounded: what ended before the window goes", () => {
  let drawing: Drawing = NO_DRAWING;
  const half = MAX_DEFINITIONS / 2;
  for (let part = 0; part < 3; part++) {
    const patch = Array.from({ length: half }, (_, i) => line(`${part}:${i}`, part * half + i, 60 * (part + 1)));
    drawing = withDelta(drawing, delta(part + 1, [`${part}:0`], patch));
  }
  expect(drawing.definitions.size).toBe(half);
  expect(drawing.drawn.map(({ id }) => id)).toEqual(["2:0"]);
});
