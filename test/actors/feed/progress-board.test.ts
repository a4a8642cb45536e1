import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { MAX_TRACKED_SERIES, ProgressBoard } from "../../../src/actors/feed/progress-board.js";
import { progressFile, progressPath } from "../../../src/actors/feed/progress-file.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { tempFolder } from "../../support/temp.js";
import { RecordingLog } from "../series/world.js";

const missing = (candles: number) => ({ seconds: candles * 60, candles });

function kept(folder = tempFolder()) {
  const path = progressPath(join(folder, "store"));
  const log = new RecordingLog();
  const clock = new SimulatedClock(910_000);
  const start = () => new ProgressBoard({ clock, log, file: progressFile(path, log) });
  const write = (text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  return { path, log, clock, start, write };
}

test("a backfill runs, comes on, and ends; what has ended changes no more", () => {
  const clock = new SimulatedClock(910_000);
  const board = new ProgressBoard({ clock, log: new RecordingLog() });
  board.advance("a", missing(1));
  expect(board.of("a")).toBeUndefined();
  board.begin("a", "tail_coverage", missing(10));
  clock.advance(20_000);
  board.advance("a", missing(4));
  const course = { startedAtS: 910, updatedAtS: 930, start: missing(10), reason: "tail_coverage" };
  expect(board.of("a")).toEqual({ ...course, current: missing(4), state: "running" });
  board.succeed("a", missing(1), "tail_coverage_partial");
  board.fail("a", missing(9), "late", "too late");
  expect(board.of("a")).toEqual({ ...course, current: missing(1), state: "succeeded", note: "tail_coverage_partial" });
  board.begin("a", "backfill", missing(2));
  board.fail("a", missing(2), "backfill_failed", "boom");
  expect(board.of("a")).toMatchObject({ state: "failed", error: "boom", reason: "backfill", startedAtS: 930 });
});

test("series are forgotten in the order of their last change when there are too many", () => {
  const board = new ProgressBoard({ clock: new SimulatedClock(), log: new RecordingLog() });
  for (let index = 0; index < MAX_TRACKED_SERIES; index += 1) board.begin(`s${index}`, "r", missing(1));
  board.advance("s5", missing(0));
  expect(board.of("s0")).toBeDefined();
  board.advance("s0", missing(0));
  board.begin("new", "r", missing(1));
  expect([board.of("s0") === undefined, board.of("s1"), board.of("new")?.state]).toEqual([false, undefined, "running"]);
});

test("kept in a file beside the store, it is the same after a restart; what ran then was interrupted", async () => {
  const { path, start, log } = kept();
  const before = start();
  before.begin("done", "tail_coverage", missing(10));
  before.succeed("done", missing(0), "tail_coverage_done");
  before.begin("bad", "tail_coverage", missing(10));
  before.fail("bad", missing(10), "tail_coverage_best_effort_failed", "boom");
  before.begin("going", "backfill", missing(10));
  await before.flush();
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
    version: 1,
    states: {
      done: { state: "succeeded", started_at: 910, start_missing_candles: 10, note: "tail_coverage_done", error: null },
      going: { state: "running" },
    },
  });
  const after = start();
  for (const series of ["done", "bad"]) expect(after.of(series)).toEqual(before.of(series));
  expect(after.of("going")).toMatchObject({ state: "failed", note: "interrupted" });
  expect(log.lines).toEqual([]);
});

test.each([
  ["no JSON", "{"],
  ["another version", '{"version":2,"states":{}}'],
  ["another shape", '{"version":1,"states":{"a":{"state":"done"}}}'],
])("a broken file (%s) is ignored with a warning, and written anew", async (_, text) => {
  const { start, write, path, log } = kept();
  write(text);
  const board = start();
  expect(log.of("backfill_progress.ignored")).toMatchObject([{ level: "warn", fields: { file: path } }]);
  board.begin("a", "r", missing(1));
  await board.flush();
  expect(start().of("a")).toMatchObject({ reason: "r" });
});

test("a file that cannot be written is told of, and harms nothing", async () => {
  const { path, log, clock } = kept();
  writeFileSync(dirname(path), "a file where the folder should be");
  const board = new ProgressBoard({
    clock,
    log,
    file: { load: () => [], save: progressFile(path, log).save },
  });
  board.begin("a", "r", missing(1));
  await board.flush();
  expect(board.of("a")).toMatchObject({ state: "running" });
  expect(log.of("backfill_progress.not_saved")).toHaveLength(1);
});

test("changes that come while the file is written are written after it, together, and never two at once", async () => {
  const saved: number[] = [];
  let writing = 0;
  const board = new ProgressBoard({
    clock: new SimulatedClock(),
    log: new RecordingLog(),
    file: {
      load: () => [],
      save: async (states) => {
        writing += 1;
        expect(writing).toBe(1);
        saved.push(states.size);
        await Promise.resolve();
        writing -= 1;
      },
    },
  });
  for (const series of ["a", "b", "c"]) board.begin(series, "r", missing(1));
  await board.flush();
  expect(saved).toEqual([1, 3]);
  board.begin("d", "r", missing(1));
  await board.flush();
  expect(saved).toEqual([1, 3, 4]);
});
