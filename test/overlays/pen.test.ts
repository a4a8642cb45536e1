import { expect, test } from "vitest";
import type { Pen } from "../../src/factors/pen.js";
import { Canvas, leg } from "./drawing.js";

function pen(...[start_time, start_price, end_time, end_price]: Parameters<typeof leg>): Pen {
  const shape = leg(start_time, start_price, end_time, end_price);
  return { ...shape, visible_time: end_time + 60, start_idx: start_time / 60, end_idx: end_time / 60 };
}

test("all pens are one white line; pens that follow each other share a point", () => {
  const canvas = new Canvas();
  expect(canvas.draw(60).live).toEqual([]);
  canvas.draw(240, { pen: { confirmed: [pen(60, 10, 180, 14)] } });
  canvas.draw(360, { pen: { confirmed: [pen(180, 14, 300, 8)] } });
  expect(JSON.stringify(canvas.live)).toBe(
    JSON.stringify([
      {
        version_id: 2,
        instruction_id: "pen.confirmed",
        kind: "polyline",
        visible_time: 360,
        definition: {
          type: "polyline",
          feature: "pen.confirmed",
          points: [
            { time: 60, value: 10 },
            { time: 180, value: 14 },
            { time: 300, value: 8 },
          ],
          color: "#ffffff",
          lineWidth: 2,
        },
      },
    ]),
  );
  expect(canvas.lasting).toEqual([]);
});

test("it has a new version only when it changed", () => {
  const canvas = new Canvas().draw(240, { pen: { confirmed: [pen(60, 10, 180, 14)] } });
  const drawn = canvas.live;
  expect(canvas.draw(300).live).toEqual(drawn);
  expect(canvas.lastVersion).toBe(1);
});

test("several pens at one candle are one version", () => {
  const canvas = new Canvas().draw(360, { pen: { confirmed: [pen(60, 10, 180, 14), pen(180, 14, 300, 8)] } });
  expect(canvas.points("pen.confirmed")).toBe("60@10 180@14 300@8");
  expect(canvas.lastVersion).toBe(1);
});

test("a pen of no length has both its prices, at one time", () => {
  const confirmed = [pen(60, 10, 180, 14), pen(180, 14, 180, 9), pen(180, 9, 300, 12)];
  expect(new Canvas().draw(360, { pen: { confirmed } }).points("pen.confirmed")).toBe("60@10 180@14 180@9 300@12");
});

test("a pen stays as long as it ends inside the window, the first one whole", () => {
  const canvas = new Canvas(3).draw(240, { pen: { confirmed: [pen(60, 10, 120, 14), pen(120, 14, 180, 8)] } });
  expect(canvas.points("pen.confirmed")).toBe("60@10 120@14 180@8");
  // The window of three minutes begins at 120, then at 180.
  expect(canvas.draw(300).points("pen.confirmed")).toBe("60@10 120@14 180@8");
  expect(canvas.draw(360).points("pen.confirmed")).toBe("120@14 180@8");
  expect(canvas.one("pen.confirmed")).toMatchObject({ version_id: 2, visible_time: 360 });
  expect(canvas.draw(420).live).toEqual([]);
  expect(canvas.draw(480).live).toEqual([]);
  expect(canvas.lastVersion).toBe(2);
});

test("after a time without any pen in the window, the line begins anew", () => {
  const canvas = new Canvas(3).draw(240, { pen: { confirmed: [pen(60, 10, 120, 14)] } }).draw(600);
  expect(canvas.live).toEqual([]);
  canvas.draw(660, { pen: { confirmed: [pen(120, 14, 600, 2)] } });
  expect(canvas.points("pen.confirmed")).toBe("120@14 600@2");
});

test("a pen that ended before the window when it was confirmed is not drawn", () => {
  const canvas = new Canvas(3).draw(6_000, { pen: { confirmed: [pen(60, 10, 120, 14)] } });
  expect(canvas.live).toEqual([]);
});
