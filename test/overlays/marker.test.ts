import { expect, test } from "vitest";
import type { AnchorSwitch } from "../../src/factors/anchor.js";
import type { Pivot } from "../../src/factors/pivot.js";
import { Canvas } from "./drawing.js";

function pivot(pivot_time: number, direction: Pivot["direction"], window: number): Pivot {
  const visible_time = pivot_time + window * 60;
  return { pivot_time, pivot_price: 10, direction, visible_time, window, pivot_idx: pivot_time / 60 - 1 };
}

function switchTo(direction: 1 | -1, reason: AnchorSwitch["reason"], switch_time = 660): AnchorSwitch {
  const new_anchor = { kind: "confirmed", start_time: 180, end_time: 360, direction } as const;
  return { switch_time, reason, old_anchor: null, new_anchor, visible_time: switch_time };
}

test("pivots: red circles above resistances, green ones below supports; minors are smaller and paler", () => {
  const majors = [pivot(180, "resistance", 2), pivot(180, "support", 2)];
  const minors = [pivot(240, "resistance", 1), pivot(240, "support", 1)];
  const { lasting, live } = new Canvas().draw(300, { pivot: { majors, minors } });
  const circle = { shape: "circle", text: "" };
  expect(lasting).toEqual([
    {
      version_id: 1,
      instruction_id: "pivot.major:180:resistance:2",
      kind: "marker",
      visible_time: 300,
      definition: {
        type: "marker",
        feature: "pivot.major",
        time: 180,
        position: "aboveBar",
        color: "#ef4444",
        ...circle,
        size: 1,
      },
    },
    {
      version_id: 2,
      instruction_id: "pivot.major:180:support:2",
      kind: "marker",
      visible_time: 300,
      definition: {
        type: "marker",
        feature: "pivot.major",
        time: 180,
        position: "belowBar",
        color: "#22c55e",
        ...circle,
        size: 1,
      },
    },
    {
      version_id: 3,
      instruction_id: "pivot.minor:240:resistance:1",
      kind: "marker",
      visible_time: 300,
      definition: {
        type: "marker",
        feature: "pivot.minor",
        time: 240,
        position: "aboveBar",
        color: "rgba(239,68,68,0.6)",
        ...circle,
        size: 0.5,
      },
    },
    {
      version_id: 4,
      instruction_id: "pivot.minor:240:support:1",
      kind: "marker",
      visible_time: 300,
      definition: {
        type: "marker",
        feature: "pivot.minor",
        time: 240,
        position: "belowBar",
        color: "rgba(34,197,94,0.6)",
        ...circle,
        size: 0.5,
      },
    },
  ]);
  expect(live).toEqual([]);
});

test("an anchor switch is an arrow the way the new anchor goes, at the candle of the switch", () => {
  const switches = [switchTo(1, "zhongshu_entry"), switchTo(-1, "strong_pen")];
  const { lasting } = new Canvas().draw(660, { anchor: { switches } });
  const arrow = { type: "marker", feature: "anchor.switch", time: 660, color: "#f59e0b", text: "A", size: 1 };
  expect(lasting.map(({ instruction_id, definition }) => [instruction_id, definition])).toEqual([
    ["anchor.switch:660:1:zhongshu_entry", { ...arrow, position: "belowBar", shape: "arrowUp" }],
    ["anchor.switch:660:-1:strong_pen", { ...arrow, position: "aboveBar", shape: "arrowDown" }],
  ]);
});

test("keys of a definition come in the order of the contract", () => {
  const { lasting } = new Canvas().draw(300, { pivot: { majors: [pivot(180, "support", 2)] } });
  expect(JSON.stringify(lasting[0])).toBe(
    '{"version_id":1,"instruction_id":"pivot.major:180:support:2","kind":"marker","visible_time":300,' +
      '"definition":{"type":"marker","feature":"pivot.major","time":180,"position":"belowBar","color":"#22c55e",' +
      '"shape":"circle","text":"","size":1}}',
  );
});

test("what is drawn once is not drawn again", () => {
  const canvas = new Canvas().draw(300, { pivot: { majors: [pivot(180, "support", 2)] } });
  expect(canvas.draw(360).lasting).toEqual([]);
  expect(canvas.lastVersion).toBe(1);
});
