import { describe, expect, test } from "vitest";
import { KeptSnapshot } from "../../src/factors/sr-rows.js";
import type { SrLevel, SrSnapshot } from "../../src/factors/sr-snapshot.js";
import { rowsOf } from "../factors/sr-samples.js";
import { Canvas } from "./drawing.js";

function level(price: number, changes: Partial<SrLevel> = {}): SrLevel {
  return {
    price,
    side: "resistance",
    status: "active",
    flipDirection: null,
    firstIdx: 2,
    lastIdx: 8,
    firstTime: 180,
    lastTime: 540,
    touches: 2,
    bandLow: price - 0.5,
    bandHigh: price + 0.5,
    bandWidthAtr: 1,
    death: null,
    ...changes,
  };
}

const at = (time: number) => ({ idx: time / 60 - 1, time });
const broken = (price: number, changes: Partial<SrLevel> = {}) =>
  level(price, { status: "broken", death: at(600), ...changes });

function taken(visibleTime: number, ...levels: readonly SrLevel[]): { sr: { snapshot: SrSnapshot } } {
  return { sr: { snapshot: new KeptSnapshot({ visible_time: visibleTime, rows: rowsOf(levels) }) } };
}

function versionsOf(canvas: Canvas): [id: string, version: number][] {
  return canvas.live.map(({ instruction_id, version_id }) => [instruction_id, version_id]);
}

describe("a standing level", () => {
  test("is a line from its first pivot to now, red for a resistance", () => {
    const canvas = new Canvas().draw(660, taken(660, level(13)));
    expect(JSON.stringify(canvas.live)).toBe(
      JSON.stringify([
        {
          version_id: 1,
          instruction_id: "sr.active:resistance:13.00000000:180",
          kind: "polyline",
          visible_time: 660,
          definition: {
            type: "polyline",
            feature: "sr.active",
            points: [
              { time: 180, value: 13 },
              { time: 660, value: 13 },
            ],
            color: "#ef4444",
            lineWidth: 2,
          },
        },
      ]),
    );
    expect(canvas.lasting).toEqual([]);
  });

  test("is green for a support, and goes by the side it began on when it has flipped", () => {
    const levels = [level(9, { side: "support" }), level(8, { side: "support", status: "flip", death: at(600) })];
    const canvas = new Canvas().draw(660, taken(660, ...levels));
    expect(canvas.live.map(({ instruction_id }) => instruction_id)).toEqual([
      "sr.active:support:9.00000000:180",
      "sr.active:support:8.00000000:180",
    ]);
    for (const { definition } of canvas.live) expect(definition).toMatchObject({ color: "#22c55e", lineWidth: 2 });
    // A flipped level lives on: where it flipped is not its end.
    expect(canvas.points("sr.active:support:8.00000000:180")).toBe("180@8 660@8");
  });

  test("moves on with every candle under one id, whether or not there is a new snapshot", () => {
    const snapshot = taken(660, level(13), level(9, { side: "support" }));
    const canvas = new Canvas().draw(660, snapshot).draw(720, snapshot);
    const [high, low] = ["sr.active:resistance:13.00000000:180", "sr.active:support:9.00000000:180"] as const;
    expect(versionsOf(canvas)).toEqual([
      [high, 3],
      [low, 4],
    ]);
    expect(canvas.points(high)).toBe("180@13 720@13");
    expect(canvas.one(low)?.visible_time).toBe(720);
    canvas.draw(780, taken(780, level(13, { lastTime: 660 })));
    expect(versionsOf(canvas)).toEqual([[high, 5]]);
    expect(canvas.points(high)).toBe("180@13 780@13");
  });

  test("is another line when it begins at another pivot", () => {
    const canvas = new Canvas().draw(660, taken(660, level(13))).draw(720, taken(720, level(13, { firstTime: 300 })));
    expect(versionsOf(canvas)).toEqual([["sr.active:resistance:13.00000000:300", 2]]);
  });
});

describe("a broken level", () => {
  const id = "sr.broken:resistance:11.00000000:180";

  test("is a grey dashed line up to the crossing that broke it", () => {
    const canvas = new Canvas().draw(660, taken(660, broken(11)));
    expect(canvas.one(id)?.definition).toEqual({
      type: "polyline",
      feature: "sr.broken",
      points: [
        { time: 180, value: 11 },
        { time: 600, value: 11 },
      ],
      color: "rgba(148,163,184,0.6)",
      lineWidth: 1,
      lineStyle: "dashed",
    });
  });

  test("keeps its version as long as it stays the same", () => {
    const snapshot = taken(660, broken(11), level(13));
    const canvas = new Canvas().draw(660, snapshot).draw(720, snapshot);
    expect(versionsOf(canvas)).toEqual([
      ["sr.active:resistance:13.00000000:180", 3],
      [id, 2],
    ]);
    canvas.draw(780, taken(780, broken(11, { touches: 5, lastTime: 660 })));
    expect(canvas.one(id)).toMatchObject({ version_id: 2, visible_time: 660 });
    // Looked at with another tolerance, the level can turn out to have been broken by another crossing.
    canvas.draw(840, taken(840, broken(11, { death: at(720) })));
    expect(canvas.one(id)).toMatchObject({ version_id: 4, visible_time: 840 });
    expect(canvas.points(id)).toBe("180@11 720@11");
  });

  test("is not the line it was before it broke", () => {
    const canvas = new Canvas().draw(600, taken(600, level(11))).draw(660, taken(660, broken(11)));
    expect(versionsOf(canvas)).toEqual([[id, 2]]);
  });
});

describe("which levels are drawn", () => {
  test("those of the newest snapshot: what it no longer names is retired", () => {
    const canvas = new Canvas().draw(660, taken(660, level(13), broken(11)));
    expect(canvas.draw(720, taken(720)).live).toEqual([]);
    expect(canvas.lastVersion).toBe(2);
  });

  test("none before the first snapshot", () => {
    const canvas = new Canvas().draw(60).draw(120);
    expect(canvas.live).toEqual([]);
    expect(canvas.lastVersion).toBe(0);
  });

  test("of a tiny price, of those that are alike to eight decimals the first: the nearest to price", () => {
    const near = [level(1.1e-8), level(1.2e-8), broken(1.1e-8), broken(1.2e-8, { death: at(540) })];
    const canvas = new Canvas().draw(660, taken(660, ...near, level(1.6e-8)));
    expect(canvas.live.map(({ instruction_id, version_id }) => [instruction_id, version_id])).toEqual([
      ["sr.active:resistance:0.00000001:180", 1],
      ["sr.active:resistance:0.00000002:180", 2],
      ["sr.broken:resistance:0.00000001:180", 3],
    ]);
    expect(canvas.points("sr.active:resistance:0.00000001:180")).toBe("180@1.1e-8 660@1.1e-8");
    expect(canvas.points("sr.broken:resistance:0.00000001:180")).toBe("180@1.1e-8 600@1.1e-8");
  });

  test("alike on either side, or from another pivot, is not the same line", () => {
    const levels = [level(10), level(10, { side: "support" }), level(10, { firstTime: 240 })];
    expect(new Canvas().draw(660, taken(660, ...levels)).live).toHaveLength(3);
  });
});
