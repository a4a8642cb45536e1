import { expect, test } from "vitest";
import { Canvas, leg } from "./drawing.js";

const extending = leg(60, 10, 180, 14);
const candidate = leg(180, 14, 240, 11);

test("live legs are dashed white lines", () => {
  const canvas = new Canvas().draw(240, { pen: { extending, candidate } });
  const style = { color: "#ffffff", lineWidth: 2, lineStyle: "dashed" };
  expect(JSON.stringify(canvas.live)).toBe(
    JSON.stringify([
      {
        version_id: 1,
        instruction_id: "pen.extending",
        kind: "polyline",
        visible_time: 240,
        definition: {
          type: "polyline",
          feature: "pen.extending",
          points: [
            { time: 60, value: 10 },
            { time: 180, value: 14 },
          ],
          ...style,
        },
      },
      {
        version_id: 2,
        instruction_id: "pen.candidate",
        kind: "polyline",
        visible_time: 240,
        definition: {
          type: "polyline",
          feature: "pen.candidate",
          points: [
            { time: 180, value: 14 },
            { time: 240, value: 11 },
          ],
          ...style,
        },
      },
    ]),
  );
  expect(canvas.lasting).toEqual([]);
});

test("a leg that stays the same keeps its version, though it is another object", () => {
  const canvas = new Canvas().draw(240, { pen: { extending, candidate } });
  canvas.draw(300, { pen: { extending: { ...extending }, candidate: leg(180, 14, 300, 10) } });
  expect(canvas.one("pen.extending")).toMatchObject({ version_id: 1, visible_time: 240 });
  expect(canvas.one("pen.candidate")).toMatchObject({ version_id: 3, visible_time: 300 });
});

test.each([
  { what: "its end", change: { end_time: 240 } },
  { what: "its end's price", change: { end_price: 15 } },
  { what: "its start", change: { start_time: 120 } },
  { what: "its start's price", change: { start_price: 9 } },
])("a leg that changes $what is a new version", ({ change }) => {
  const canvas = new Canvas()
    .draw(240, { pen: { extending } })
    .draw(300, { pen: { extending: { ...extending, ...change } } });
  expect(canvas.one("pen.extending")).toMatchObject({ version_id: 2, visible_time: 300 });
});

test("a leg that stops existing is retired; when it exists again it is a new version", () => {
  const canvas = new Canvas().draw(240, { pen: { extending, candidate } }).draw(300, { pen: { extending } });
  expect(canvas.one("pen.candidate")).toBeUndefined();
  expect(canvas.one("pen.extending")?.version_id).toBe(1);
  expect(canvas.draw(360).live).toEqual([]);
  canvas.draw(420, { pen: { extending, candidate } });
  expect(canvas.live.map(({ version_id }) => version_id)).toEqual([3, 4]);
});

test("without candidate leg the leg that trails the last pen is drawn in its place", () => {
  const trailing = leg(180, 14, 300, 9);
  const canvas = new Canvas().draw(300, { pen: { extending, trailing } });
  expect(canvas.points("pen.candidate")).toBe("180@14 300@9");
  expect(canvas.draw(360, { pen: { extending, candidate, trailing } }).points("pen.candidate")).toBe("180@14 240@11");
});
