import { describe, expect, test } from "vitest";
import type { DeadZone } from "../../src/factors/zhongshu.js";
import type { Zone } from "../../src/factors/zhongshu-zone.js";
import { deadZoneId } from "../../src/overlays/zhongshu.js";
import { Canvas } from "./drawing.js";

const zone: Zone = {
  start_time: 60,
  zg: 109,
  zd: 104.25,
  entry_direction: 1,
  formed_time: 600,
  formed_reason: "price_cross",
  awaits: null,
};

function dead(changes: Partial<DeadZone> = {}): DeadZone {
  const { awaits: _, ...rest } = zone;
  return { ...rest, end_time: 720, death_time: 780, visible_time: 780, ...changes };
}

describe("the alive zone", () => {
  test("is a pair of lines from its start to where it reaches, green after an entry upwards", () => {
    const canvas = new Canvas().draw(600, { zhongshu: { alive: zone, aliveUntil: 600 } });
    const line = (value: number) => ({
      type: "polyline",
      feature: "zhongshu.alive",
      points: [
        { time: 60, value },
        { time: 600, value },
      ],
      color: "rgba(22,163,74,0.72)",
      lineWidth: 2,
      entryDirection: 1,
    });
    const version = { kind: "polyline", visible_time: 600 };
    expect(canvas.live).toEqual([
      { version_id: 1, instruction_id: "zhongshu.alive:top", ...version, definition: line(109) },
      { version_id: 2, instruction_id: "zhongshu.alive:bottom", ...version, definition: line(104.25) },
    ]);
    expect(Object.keys(canvas.live[0]!.definition)).toEqual(Object.keys(line(0)));
    expect(canvas.lasting).toEqual([]);
  });

  test("is red after an entry downwards", () => {
    const alive = { ...zone, entry_direction: -1 } as const;
    const canvas = new Canvas().draw(600, { zhongshu: { alive, aliveUntil: 600 } });
    const style = { color: "rgba(220,38,38,0.72)", entryDirection: -1 };
    expect(canvas.live.map(({ definition }) => definition)).toMatchObject([style, style]);
  });

  test("has new versions only when it reaches farther", () => {
    const canvas = new Canvas().draw(600, { zhongshu: { alive: zone, aliveUntil: 600 } });
    canvas.draw(660, { zhongshu: { alive: { ...zone, awaits: 420 }, aliveUntil: 600 } });
    expect(canvas.live.map(({ version_id }) => version_id)).toEqual([1, 2]);
    canvas.draw(720, { zhongshu: { alive: zone, aliveUntil: 720 } });
    expect(canvas.live.map(({ version_id, visible_time }) => [version_id, visible_time])).toEqual([
      [3, 720],
      [4, 720],
    ]);
  });

  test("is retired when it dies, and drawn anew when another one lives", () => {
    const canvas = new Canvas().draw(720, { zhongshu: { alive: zone, aliveUntil: 720 } });
    canvas.draw(780, { zhongshu: { died: [dead()] } });
    expect(canvas.live).toEqual([]);
    const next = { ...zone, start_time: 480 };
    canvas.draw(840, { zhongshu: { alive: next, aliveUntil: 840 } });
    expect(canvas.points("zhongshu.alive:top")).toBe("480@109 840@109");
    expect(canvas.live.map(({ version_id }) => version_id)).toEqual([5, 6]);
  });

  test("is drawn anew at the candle at which it follows upon a dead one", () => {
    const canvas = new Canvas().draw(720, { zhongshu: { alive: zone, aliveUntil: 720 } });
    canvas.draw(780, { zhongshu: { died: [dead()], alive: { ...zone, zg: 108 }, aliveUntil: 720 } });
    expect(canvas.lasting.map(({ version_id }) => version_id)).toEqual([3, 4]);
    expect(canvas.live.map(({ version_id }) => version_id)).toEqual([5, 6]);
  });
});

describe("a dead zone", () => {
  test("is a pair of lasting lines, paler, up to its end", () => {
    const { lasting, live } = new Canvas().draw(780, { zhongshu: { died: [dead()] } });
    const line = (value: number) => ({
      type: "polyline",
      feature: "zhongshu.dead",
      points: [
        { time: 60, value },
        { time: 720, value },
      ],
      color: "rgba(74,222,128,0.58)",
      lineWidth: 2,
      entryDirection: 1,
    });
    const version = { kind: "polyline", visible_time: 780 };
    const id = "zhongshu.dead:60:720:109.000000:104.250000";
    expect(lasting).toEqual([
      { version_id: 1, instruction_id: `${id}:top`, ...version, definition: line(109) },
      { version_id: 2, instruction_id: `${id}:bottom`, ...version, definition: line(104.25) },
    ]);
    expect(live).toEqual([]);
  });

  test("is red after an entry downwards", () => {
    const { lasting } = new Canvas().draw(780, { zhongshu: { died: [dead({ entry_direction: -1 })] } });
    const style = { color: "rgba(248,113,113,0.58)", entryDirection: -1 };
    expect(lasting.map(({ definition }) => definition)).toMatchObject([style, style]);
  });

  test("of several that die at one candle each has its lines", () => {
    const died = [dead(), dead({ start_time: 480, zg: 107 })];
    const { lasting } = new Canvas().draw(780, { zhongshu: { died } });
    expect(lasting.map(({ instruction_id }) => instruction_id)).toEqual([
      "zhongshu.dead:60:720:109.000000:104.250000:top",
      "zhongshu.dead:60:720:109.000000:104.250000:bottom",
      "zhongshu.dead:480:720:107.000000:104.250000:top",
      "zhongshu.dead:480:720:107.000000:104.250000:bottom",
    ]);
  });

  test("its id has six decimals, ties to the even digit", () => {
    expect(deadZoneId(60, 720, 1 / 128, 1e-7)).toBe("zhongshu.dead:60:720:0.007812:0.000000");
  });
});
