import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { jsonString } from "../../../src/ledger/json-parts.js";
import type { PackageArchive, PackageRequest } from "../../../src/replay/package/archive.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { ID, walk } from "../../ledger/world.js";
import { archiveWorld, workerOf } from "./archive-world.js";
import { barsOf, parsedWindow, requestOf } from "./world.js";

const CANDLES = walk(180);
const KEY = "0123456789abcdef01234567";
const never = new AbortController().signal;

const request = (change: Partial<PackageRequest> = {}): PackageRequest =>
  requestOf({ alignedTime: CANDLES[149]?.time ?? 0, key: KEY, ...change });

const windowOf = async (archive: PackageArchive, index: number, key = KEY) => {
  const window = await archive.window("replay", key, index);
  return window && parsedWindow(window);
};

describe("an archive", () => {
  test("builds a package in a process of its own, beside ingest, and reads it by the window", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const archive = await world.open();
    expect(archive.has("replay", KEY)).toBe(false);
    expect(await archive.meta("replay", KEY)).toBeUndefined();
    const building = archive.build(request(), never);
    for (const candle of CANDLES.slice(150)) await world.ingest([candle]);
    await building;
    expect(archive.has("replay", KEY)).toBe(true);
    expect(archive.has("overlay", KEY)).toBe(false);
    const meta = await archive.meta("replay", KEY);
    expect(meta?.meta).toMatchObject({ series_id: ID.text, total_candles: 100, to_candle_time: CANDLES[149]?.time });
    expect((await windowOf(archive, 1))?.kline).toEqual(barsOf(CANDLES.slice(100, 150)));
    expect(await archive.window("replay", KEY, 2)).toBeUndefined();
    expect(await archive.window("replay", KEY, -1)).toBeUndefined();
    const bars = JSON.parse((await archive.bars("replay", KEY))?.toString() ?? "");
    expect(bars).toEqual(barsOf(CANDLES.slice(50, 150)));
    const [first, second] = await Promise.all([0, 0].map((index) => archive.window("replay", KEY, index)));
    expect(first).toBe(second);
  });

  test("has what was built before a restart, and nothing of what was not finished", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const first = await world.open();
    await first.build(request(), never);
    const text = jsonString((await first.window("replay", KEY, 0))?.factorSnapshots ?? { pieces: [], bytes: 0 });
    await first.close();
    const [half, foreign] = ["draft-7", "notes.txt"].map((name) => world.folderOf(name)) as [string, string];
    writeFileSync(foreign, "mine");
    writeFileSync(half, "");
    const second = await world.open();
    expect(second.has("replay", KEY)).toBe(true);
    const again = await second.window("replay", KEY, 0);
    expect(jsonString(again?.factorSnapshots ?? { pieces: [], bytes: 0 })).toBe(text);
    expect([existsSync(half), existsSync(foreign)]).toEqual([false, true]);
  });

  test("leaves a package that is there as it is, and builds the same one again", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const archive = await world.open();
    await archive.build(request(), never);
    const contents = readFileSync(join(world.folderOf(KEY), "contents"));
    writeFileSync(join(world.folderOf(KEY), "left"), "as it is");
    await archive.build(request(), never);
    expect(readdirSync(world.folderOf(KEY)).sort()).toEqual(["contents", "left", "manifest"]);
    rmSync(world.folderOf(KEY), { recursive: true });
    expect(archive.has("replay", KEY)).toBe(false);
    expect(await archive.window("replay", KEY, 0)).toBeUndefined();
    await archive.build(request(), never);
    expect(readFileSync(join(world.folderOf(KEY), "contents")).equals(contents)).toBe(true);
  });
});

describe("a damaged package counts as missing and can be built again", () => {
  test.each([
    ["a byte of its contents", (folder: string) => flip(join(folder, "contents"), 70_000)],
    ["a byte of its manifest", (folder: string) => flip(join(folder, "manifest"), 50)],
    ["the end of its contents", (folder: string) => truncateSync(join(folder, "contents"), 1_000)],
    ["its contents", (folder: string) => rmSync(join(folder, "contents"))],
  ])("%s", async (_, damage) => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const archive = await world.open();
    await archive.build(request(), never);
    damage(world.folderOf(KEY));
    // Which window the byte belongs to does not matter.
    const windows = [await archive.window("replay", KEY, 0), await archive.window("replay", KEY, 1)];
    expect(windows).toContain(undefined);
    expect(archive.has("replay", KEY)).toBe(false);
    expect(world.log.of("replay.package_damaged")).toHaveLength(1);
    await archive.build(request(), never);
    expect(await windowOf(archive, 0)).toMatchObject({ startIdx: 0, endIdx: 50 });
  });

  test("found at a start, it is removed", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const first = await world.open();
    await first.build(request(), never);
    await first.close();
    flip(join(world.folderOf(KEY), "manifest"), 50);
    const second = await world.open();
    expect([second.has("replay", KEY), existsSync(world.folderOf(KEY))]).toEqual([false, false]);
  });
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

test("the oldest packages go when there are too many, and what is kept is not forgotten by a restart", async () => {
  const world = await archiveWorld(CANDLES.slice(0, 150));
  const limits = { packages: 2, bytes: 1e9, buildMs: 60_000 };
  const archive = await world.open({ limits });
  const keys = ["aa", "bb", "cc"];
  for (const key of keys) await archive.build(request({ key, windowCandles: 20 }), never);
  expect(keys.map((key) => archive.has("replay", key))).toEqual([false, true, true]);
  await archive.close();
  const other = await world.open({ limits: { ...limits, bytes: 1 } });
  expect(keys.map((key) => other.has("replay", key))).toEqual([false, false, true]);
});

describe("a build that fails leaves nothing and says why", () => {
  const draftsOf = (world: Awaited<ReturnType<typeof archiveWorld>>) =>
    readdirSync(world.folderOf("")).filter((name) => name.startsWith("draft-"));

  test("no_candles", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const archive = await world.open();
    const early = request({ alignedTime: (CANDLES[0]?.time ?? 0) - 60 });
    await expect(archive.build(early, never)).rejects.toMatchObject({ code: "no_candles" });
    expect(draftsOf(world)).toEqual([]);
  });

  test("build_aborted, by its caller or by the end of the archive", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const archive = await world.open();
    const abort = new AbortController();
    const first = archive.build(request(), abort.signal);
    const second = archive.build(request({ key: "bb" }), never);
    abort.abort();
    await expect(first).rejects.toMatchObject({ code: "build_aborted" });
    const closed = archive.close();
    await expect(second).rejects.toMatchObject({ code: "build_aborted" });
    await closed;
    expect(draftsOf(world)).toEqual([]);
  });

  test("build_timed_out, when its process hangs", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const clock = new SimulatedClock(0);
    const archive = await world.open({ clock, worker: workerOf("setInterval(() => {}, 1000)") });
    const building = archive.build(request(), never);
    clock.advance(600_000);
    await expect(building).rejects.toMatchObject({ code: "build_timed_out" });
  });

  test.each([
    ["when its process crashes", 'process.kill(process.pid, "SIGSEGV")', "SIGSEGV"],
    ["when its process ends without a word", 'process.on("message", () => process.exit(3))', "exit code 3"],
  ])("build_failed, %s", async (_, text, message) => {
    const world = await archiveWorld(CANDLES.slice(0, 10));
    const archive = await world.open({ worker: workerOf(text) });
    await expect(archive.build(request(), never)).rejects.toMatchObject({
      code: "build_failed",
      message: expect.stringContaining(message),
    });
  });

  test("not_stored, when there is something in its way", async () => {
    const world = await archiveWorld(CANDLES.slice(0, 150));
    const archive = await world.open();
    rmSync(world.folderOf(""), { recursive: true });
    writeFileSync(world.folderOf(""), "");
    await expect(archive.build(request(), never)).rejects.toMatchObject({ code: "not_stored" });
  });
});
