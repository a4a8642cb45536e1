import { describe, expect, test } from "vitest";
import { KeptSnapshot } from "../../src/factors/sr-rows.js";
import { OverlayEngine, type PictureCheckpoint } from "../../src/overlays/engine.js";
import { spanOf } from "../../src/overlays/instruction.js";
import { framesOf, standardEngine, TIMEFRAME_SECONDS } from "../factors/fold.js";
import { rowsOf } from "../factors/sr-samples.js";
import { seededWalk } from "../support/random-series.js";
import { Canvas, drawOne, frameOf, leg } from "./drawing.js";

const engine = new OverlayEngine({ windowCandles: 100 });

describe("versions", () => {
  const pivot = { pivot_price: 9, direction: "support", visible_time: 360, window: 2, pivot_idx: 3 } as const;
  const majors = [{ ...pivot, pivot_time: 240 }];

  test("are given in the order of the renderers: markers, pens, zones, anchor, legs, levels", () => {
    const anchor = { kind: "confirmed", ...leg(60, 10, 180, 14) } as const;
    const { prices: _, ...zone } = {
      start_time: 60,
      zg: 14,
      zd: 10,
      entry_direction: 1,
      formed_time: 360,
      prices: 0,
    } as const;
    const level = { price: 14, side: "resistance", status: "active", flipDirection: null } as const;
    const shape = { firstIdx: 0, lastIdx: 2, firstTime: 60, lastTime: 180, touches: 2 };
    const band = { bandLow: 13, bandHigh: 15, bandWidthAtr: 1, death: null };
    const canvas = new Canvas().draw(360, {
      sr: { snapshot: new KeptSnapshot({ visible_time: 360, rows: rowsOf([{ ...level, ...shape, ...band }]) }) },
      anchor: { held: anchor, shown: anchor, switches: [] },
      zhongshu: { alive: { ...zone, formed_reason: "price_cross", awaits: null }, aliveUntil: 360 },
      pen: {
        confirmed: [{ ...leg(60, 10, 180, 14), visible_time: 360, start_idx: 0, end_idx: 2 }],
        extending: leg(180, 14, 240, 9),
      },
      pivot: { majors },
    });
    const drawn = [...canvas.lasting, ...canvas.live].sort((a, b) => a.version_id - b.version_id);
    expect(drawn.map(({ version_id, instruction_id }) => [version_id, instruction_id])).toEqual([
      [1, "pivot.major:240:support:2"],
      [2, "pen.confirmed"],
      [3, "zhongshu.alive:top"],
      [4, "zhongshu.alive:bottom"],
      [5, "anchor.current"],
      [6, "pen.extending"],
      [7, "sr.active:resistance:14.00000000:60"],
    ]);
    expect(canvas.lastVersion).toBe(7);
  });

  test("begin after the highest id that was ever given", () => {
    const picture = engine.begin(TIMEFRAME_SECONDS, 500);
    expect(picture.lastVersion).toBe(500);
    expect(picture.draw(frameOf(360, { pivot: { majors } }))[0]?.version_id).toBe(501);
  });

  test("go on after the checkpoint's, or after a higher one", () => {
    const picture = engine.begin(TIMEFRAME_SECONDS, 41);
    picture.draw(frameOf(360, { pivot: { majors } }));
    const checkpoint = JSON.parse(picture.save()) as PictureCheckpoint;
    expect(engine.restore(TIMEFRAME_SECONDS, checkpoint).lastVersion).toBe(42);
    expect(engine.restore(TIMEFRAME_SECONDS, checkpoint, 7).lastVersion).toBe(42);
    expect(engine.restore(TIMEFRAME_SECONDS, checkpoint, 900).lastVersion).toBe(900);
  });
});

describe("a restored picture", () => {
  const frames = framesOf(standardEngine(2, 1), seededWalk({ seed: 3, count: 240 }));

  test("goes on as the one that was saved, at any candle", () => {
    const picture = engine.begin(TIMEFRAME_SECONDS);
    const saved = [picture.save()];
    const drawn = frames.map((frame) => {
      const one = drawOne(picture, frame);
      saved.push(picture.save());
      return one;
    });
    for (const cut of [0, 1, 57, 120, 239]) {
      const restored = engine.restore(TIMEFRAME_SECONDS, JSON.parse(saved[cut]!) as PictureCheckpoint);
      expect(frames.slice(cut).map((frame) => drawOne(restored, frame))).toEqual(drawn.slice(cut));
      expect(restored.save()).toBe(saved.at(-1));
    }
  });

  test("shares nothing with the one that was saved", () => {
    const picture = engine.begin(TIMEFRAME_SECONDS);
    for (const frame of frames.slice(0, 120)) picture.draw(frame);
    const restored = engine.restore(TIMEFRAME_SECONDS, JSON.parse(picture.save()) as PictureCheckpoint);
    const before = picture.save();
    for (const frame of frames.slice(120)) restored.draw(frame);
    expect(picture.save()).toBe(before);
  });
});

test("the fingerprint changes with the window, which pens are cut by", () => {
  expect(new OverlayEngine({ windowCandles: 100 }).fingerprint).toBe(engine.fingerprint);
  expect(new OverlayEngine({ windowCandles: 101 }).fingerprint).not.toBe(engine.fingerprint);
});

test("the span of an instruction: a marker's moment, a line from its first to its last time", () => {
  const style = { type: "polyline", feature: "x", color: "#000000", lineWidth: 1 } as const;
  const points = [60, 300, 180].map((time) => ({ time, value: 1 }));
  expect(spanOf({ ...style, points })).toEqual({ from: 60, to: 300 });
  const marker = { type: "marker", feature: "x", position: "aboveBar", color: "#000000", shape: "circle" } as const;
  expect(spanOf({ ...marker, time: 240, text: "", size: 1 })).toEqual({ from: 240, to: 240 });
});
