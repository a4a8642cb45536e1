import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../src/market/candle.js";
import type { PackageRequest } from "../../../src/replay/package/archive.js";
import { basisOf, buildPackage } from "../../../src/replay/package/build.js";
import { CONTENTS_FILE, MANIFEST_FILE } from "../../../src/replay/package/manifest.js";
import { ID, type LedgerWorld, ledgerWorld, spiked, walk } from "../../ledger/world.js";
import { recordedCandles } from "../../support/recorded.js";
import { barsOf, built, expectLive, LiveReads, requestOf, sourceOf, unpacked } from "./world.js";

const CANDLES = walk(700);
const timeAt = (index: number): number => CANDLES.at(index)?.time ?? 0;

async function worldOf(candles: readonly Candle[], batch = candles.length): Promise<LedgerWorld> {
  const world = ledgerWorld();
  for (let from = 0; from < candles.length; from += batch) await world.run(candles.slice(from, from + batch));
  return world;
}

const packageOf = (world: LedgerWorld, change: Partial<PackageRequest> & Pick<PackageRequest, "alignedTime">) =>
  built(sourceOf(world.store, world.engines), requestOf(change));

const bytesOf = (folder: string) =>
  [CONTENTS_FILE, MANIFEST_FILE].map((file) => readFileSync(join(folder, file)).toString("base64"));

describe("at every bar a package says what the live reads say there", () => {
  test("of a walk, across blocks and beyond its window's history", async () => {
    const world = await worldOf(CANDLES);
    const request = { alignedTime: timeAt(-30), windowCandles: 180, windowSize: 70 };
    const { windows } = await unpacked(packageOf(world, request));
    expect(windows.map(({ startIdx, endIdx }) => [startIdx, endIdx])).toEqual([
      [0, 70],
      [70, 140],
      [140, 180],
    ]);
    expect(windows.flatMap(({ kline }) => kline)).toEqual(barsOf(CANDLES.slice(-30 - 179, -29)));
    expectLive(windows, new LiveReads(world.store, world.engines), 180);
  });

  test("of blocks that were drawn again, whose versions go on behind all others", async () => {
    const world = await worldOf(CANDLES);
    const corrected = spiked(CANDLES[560] as Candle);
    await world.run([corrected], corrected.time);
    const { windows } = await unpacked(packageOf(world, { alignedTime: timeAt(600), windowCandles: 130 }));
    expectLive(windows, new LiveReads(world.store, world.engines), 130);
  });

  test("of recorded candles", async () => {
    const candles = recordedCandles("BTCUSDT").slice(4_000, 4_600);
    const world = await worldOf(candles);
    const { windows } = await unpacked(
      packageOf(world, { alignedTime: candles.at(-1)?.time ?? 0, windowCandles: 150 }),
    );
    expectLive(windows, new LiveReads(world.store, world.engines), 150);
  });

  test("of a ledger that begins behind the first candles", async () => {
    const world = ledgerWorld({ rebuildKeepCandles: 60 });
    await world.storeOnly(CANDLES.slice(0, 140));
    await world.run([]);
    const { windows } = await unpacked(packageOf(world, { alignedTime: timeAt(139), windowCandles: 100 }));
    expect(windows[0]?.checkpoints[0]?.active_ids).toEqual([]);
    expect(windows.at(-1)?.checkpoints.at(-1)?.active_ids).not.toEqual([]);
    expectLive(windows, new LiveReads(world.store, world.engines), 100);
  });
});

describe("a package", () => {
  test("has the same bytes whenever it is built, and however the ledgers came to be", async () => {
    const request = { alignedTime: timeAt(399), windowCandles: 150 };
    const world = await worldOf(CANDLES.slice(0, 400));
    const first = bytesOf(packageOf(world, request));
    expect(bytesOf(packageOf(world, request))).toEqual(first);
    const other = await worldOf(CANDLES.slice(0, 400), 23);
    expect(bytesOf(packageOf(other, request))).toEqual(first);
  });

  test("has checkpoints and diffs by the indices of the package, with which a window stands alone", async () => {
    const world = await worldOf(CANDLES.slice(0, 300));
    const { windows } = await unpacked(packageOf(world, { alignedTime: timeAt(299), windowSize: 40 }));
    const [, second] = windows;
    expect(second?.checkpoints.map(({ at_idx }) => at_idx)).toEqual([40, 45, 50, 55, 60, 65, 70, 75]);
    for (const { at_idx, add_ids, remove_ids } of second?.diffs ?? []) {
      expect(at_idx).toBeGreaterThan(40);
      expect(add_ids.length + remove_ids.length).toBeGreaterThan(0);
      expect([add_ids, remove_ids]).toEqual([add_ids.toSorted(), remove_ids.toSorted()]);
    }
    const order = (second?.patch ?? []).map(({ visible_time, version_id }) => [visible_time, version_id]);
    expect(order).toEqual(order.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d));
    const [first = 0, last = 0] = [second?.kline[0]?.time, second?.kline.at(-1)?.time];
    expect(second?.base.every(({ visible_time }) => visible_time <= first)).toBe(true);
    expect(second?.patch.every(({ visible_time }) => visible_time > first && visible_time <= last)).toBe(true);
  });

  test("has a row of a factor only where its history or its head differ, and in each window those before it", async () => {
    const world = await worldOf(CANDLES.slice(0, 300));
    const { windows, meta } = await unpacked(packageOf(world, { alignedTime: timeAt(299) }));
    const [first, second] = windows;
    const starts = second?.kline[0]?.time ?? 0;
    const rows = [...(first?.snapshots ?? []), ...(second?.snapshots ?? []).filter((row) => row.candle_time >= starts)];
    const newest = new Map<string, string>();
    for (const { factor_name, candle_time, snapshot } of rows) {
      const { history, head, meta: place } = snapshot;
      expect(place).toMatchObject({ at_time: candle_time, factor_name });
      const content = JSON.stringify([history, head]);
      expect(newest.get(factor_name)).not.toBe(content);
      newest.set(factor_name, content);
    }
    const places = (second?.snapshots ?? []).map((row): [number, string] => [row.candle_time, row.factor_name]);
    expect(places).toEqual(places.toSorted(([a, b], [c, d]) => a - c || (b < d ? -1 : 1)));
    const before = places.filter(([time]) => time < starts).map(([, name]) => name);
    expect(before.sort()).toEqual(["anchor", "pen", "pivot", "sr", "zhongshu"]);
    expect(meta).toMatchObject({
      kind: "replay",
      meta: { total_candles: 100, from_candle_time: timeAt(200), to_candle_time: timeAt(299), window_size: 50 },
    });
    const schema = meta.kind === "replay" ? meta.meta.factor_schema : [];
    expect(schema.map(({ factor_name }) => factor_name)).toEqual(["anchor", "hook", "pen", "pivot", "sr", "zhongshu"]);
    expect(schema[0]?.history_keys).toEqual(["anchors", "switches"]);
    expect(schema[3]).toEqual({ factor_name: "pivot", history_keys: ["major", "minor"], head_keys: [] });
  });

  test("of the overlay kind has bars and drawing, says how they are cut, and may be short", async () => {
    const world = await worldOf(CANDLES.slice(0, 70));
    const request = { kind: "overlay" as const, alignedTime: timeAt(69), windowCandles: 100, windowSize: 60 };
    const { windows, meta } = await unpacked(packageOf(world, request));
    expect(windows.map(({ snapshots }) => snapshots)).toEqual([[], []]);
    expect(meta.meta).toMatchObject({
      total_candles: 70,
      windows: [
        { window_index: 0, start_idx: 0, end_idx: 60, start_time: timeAt(0), end_time: timeAt(59) },
        { window_index: 1, start_idx: 60, end_idx: 70, start_time: timeAt(60), end_time: timeAt(69) },
      ],
      overlay_store_last_version_id: world.store.ledger(ID.text, "overlay").lastVersion,
    });
    const replay = await unpacked(packageOf(world, { ...request, kind: "replay" }));
    const drawing = ({ snapshots: _, ...rest }: (typeof windows)[number]) => rest;
    expect(windows.map(drawing)).toEqual(replay.windows.map(drawing));
  });
});

describe("a build ends", () => {
  const SINK = { add: () => [0, 0] as const };
  const build = (world: LedgerWorld, change: Partial<PackageRequest>) => {
    const request = requestOf({ alignedTime: timeAt(199), ...change });
    const order = { request, basis: basisOf(world.store, ID) };
    return () => buildPackage(sourceOf(world.store, world.engines), order, SINK);
  };

  test("no_candles, when there are none", async () => {
    const world = await worldOf(CANDLES.slice(0, 200));
    const alignedTime = (CANDLES[0]?.time ?? 0) - 60;
    expect(build(world, { alignedTime })).toThrow(expect.objectContaining({ code: "no_candles" }));
    expect(build(world, { alignedTime, kind: "overlay" })().meta.meta).toMatchObject({
      total_candles: 0,
      from_candle_time: 0,
      windows: [],
    });
  });

  test("ledger_moved, when a ledger lags behind or was computed anew since it was asked for", async () => {
    const world = await worldOf(CANDLES.slice(0, 200));
    const before = build(world, {});
    await world.storeOnly([CANDLES[200] as Candle]);
    expect(build(world, { alignedTime: timeAt(200) })).toThrow(expect.objectContaining({ code: "ledger_moved" }));
    expect(before).not.toThrow();
    const corrected = spiked(CANDLES[150] as Candle);
    await world.run([corrected], corrected.time);
    expect(before).toThrow(expect.objectContaining({ code: "ledger_moved" }));
  });
});
