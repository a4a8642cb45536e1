import { expect, test } from "vitest";
import type { Drawn } from "../../../web/src/model/picture.js";
import { shapesOf } from "../../../web/src/model/shapes.js";

const edge = (id: string, value: number): Drawn => {
  const points = [
    { time: 60, value },
    { time: 600, value },
  ];
  const feature = id.split(":")[0] ?? "";
  return { id, definition: { type: "polyline", feature, points, color: "rgba(1,2,3,0.5)", lineWidth: 2 } };
};
const mark: Drawn = {
  id: "pivot.major:60:support:50",
  definition: {
    ...{ type: "marker", feature: "pivot.major", time: 60, position: "belowBar", color: "#22c55e" },
    ...{ shape: "circle", text: "", size: 1 },
  },
};

test("two edges are a zone, one alone is a line", () => {
  const dead = "zhongshu.dead:60:600:20:10";
  const drawn = [edge("zhongshu.alive:top", 5), edge(`${dead}:bottom`, 10), edge(`${dead}:top`, 20), mark];
  const { zones, lines, marks } = shapesOf(drawn, new Set());
  expect(zones).toEqual([
    { id: dead, feature: "zhongshu.dead", color: "rgba(1,2,3,0.5)", from: 60, to: 600, top: 20, bottom: 10 },
  ]);
  expect(lines.map(({ id }) => id)).toEqual(["zhongshu.alive:top"]);
  expect(marks.map(({ id }) => id)).toEqual([mark.id]);
});

test("what is hidden is not there", () => {
  const drawn = [edge("pen.confirmed", 1), edge("sr.active:support:1:60", 1), mark];
  const { lines, marks } = shapesOf(drawn, new Set(["sr.active", "pivot.major"]));
  expect(lines.map(({ id }) => id)).toEqual(["pen.confirmed"]);
  expect(marks).toEqual([]);
});
