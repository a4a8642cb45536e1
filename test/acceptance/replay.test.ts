/** Packages from the build to their windows, as a chart asks for them. Spec: replay §7, §9 R4–R8. */
import { expect, test } from "vitest";
import {
  BUILD,
  LAST,
  OVERLAY,
  SERIES,
  STATUS,
  startFilledDaemon,
  startReplayDaemon,
  WINDOW,
} from "../http/routes/replay-daemon.js";
import { tempFolder } from "../support/temp.js";

/** With the archive that a daemon has. */
const REAL = { createArchive: undefined };

const SMALL = { to_time: LAST, window_candles: 100, window_size: 50, snapshot_interval: 5 };

const built = async () => {
  const replay = await startFilledDaemon({}, REAL);
  const { job_id } = (await replay.tell(BUILD, SMALL)).json as { job_id: string };
  await replay.ended(STATUS, job_id);
  return { ...replay, job_id };
};

interface Window {
  readonly window_index: number;
  readonly start_idx: number;
  readonly end_idx: number;
  readonly kline: readonly { readonly time: number }[];
  readonly draw_active_checkpoints: readonly { readonly at_idx: number; readonly active_ids: readonly string[] }[];
  readonly [member: string]: unknown;
}

const WINDOW_MEMBERS = [
  "window_index",
  "start_idx",
  "end_idx",
  "kline",
  "draw_catalog_base",
  "draw_catalog_patch",
  "draw_active_checkpoints",
  "draw_active_diffs",
];

const fives = (from: number) => Array.from({ length: 10 }, (_, at) => from + at * 5);

test("R6 the preload window is the one that holds the last candle", async () => {
  const { ask, job_id } = await built();
  const preload = (await ask(STATUS, { job_id, include_preload: 1 })).json.preload_window as Window;
  expect(Object.keys(preload)).toEqual(WINDOW_MEMBERS);
  expect([preload.window_index, preload.start_idx, preload.end_idx]).toEqual([1, 50, 100]);
  expect(preload.kline.map(({ time }) => time)).toEqual(Array.from({ length: 50 }, (_, at) => 3_660 + at * 60));
  expect(Object.keys(preload.kline[0] ?? {})).toEqual(["time", "open", "high", "low", "close", "volume"]);
  expect(preload.draw_active_checkpoints.map(({ at_idx }) => at_idx)).toEqual(fives(50));
});

test("R7 a window is found by any of its candles, and reads the same whenever it is read", async () => {
  const { ask, job_id } = await built();
  const first = await ask(WINDOW, { job_id, target_idx: 0 });
  const { window, factor_snapshots } = first.json as unknown as { window: Window; factor_snapshots: unknown };
  expect(Object.keys(first.json)).toEqual(["job_id", "window", "factor_snapshots"]);
  expect(first.json.job_id).toBe(job_id);
  expect(Object.keys(window)).toEqual(WINDOW_MEMBERS);
  expect([window.window_index, window.start_idx, window.end_idx]).toEqual([0, 0, 50]);
  expect(window.kline.map(({ time }) => time)).toEqual(Array.from({ length: 50 }, (_, at) => 660 + at * 60));
  expect(window.draw_active_checkpoints.map(({ at_idx }) => at_idx)).toEqual(fives(0));
  expect(factor_snapshots).toBeInstanceOf(Array);
  expect((await ask(WINDOW, { job_id, target_idx: 49 })).text).toBe(first.text);
  const second = await ask(WINDOW, { job_id, target_idx: 50 });
  expect((second.json as unknown as { window: Window }).window.window_index).toBe(1);
  expect((await ask(WINDOW, { job_id, target_idx: 99 })).text).toBe(second.text);
});

test("R8 there is no window of a candle that there is not", async () => {
  const { ask, job_id } = await built();
  const answer = await ask(WINDOW, { job_id, target_idx: 100 });
  expect([answer.status, answer.json]).toEqual([422, { detail: "target_idx_out_of_range" }]);
  const negative = await ask(WINDOW, { job_id, target_idx: -1 });
  expect([negative.status, negative.json.detail]).toEqual([
    422,
    [expect.objectContaining({ type: "greater_than_equal", loc: ["query", "target_idx"], ctx: { ge: 0 } })],
  ]);
});

test("R4 R5 makes the package, and asked for again it is the same", async () => {
  const { tell, ask, ended } = await startFilledDaemon({}, REAL);
  const built = await tell(BUILD, SMALL);
  const { job_id } = built.json as { job_id: string };
  expect(built.json).toEqual({ status: "building", job_id, cache_key: job_id });
  expect(job_id).toMatch(/^[0-9a-f]{24}$/);
  const done = await ended(STATUS, job_id);
  expect([done.status, done.json]).toEqual([
    200,
    {
      status: "done",
      job_id,
      cache_key: job_id,
      error: null,
      metadata: expect.objectContaining({
        schema_version: 1,
        series_id: SERIES,
        timeframe_s: 60,
        total_candles: 100,
        from_candle_time: 660,
        to_candle_time: LAST,
        window_size: 50,
        snapshot_interval: 5,
        preload_offset: 0,
        idx_to_time: "windows[*].kline[idx].time",
      }),
      preload_window: null,
    },
  ]);
  expect((await tell(BUILD, SMALL)).json).toEqual({ status: "done", job_id, cache_key: job_id });
  expect((await tell(BUILD, { ...SMALL, to_time: LAST + 59, snapshot_interval: 1 })).json).toMatchObject({ job_id });
  expect((await ask(STATUS, { job_id })).text).toBe(done.text);
});

test("40 candles: to be built, built, done, and its first window", async () => {
  const replay = await startReplayDaemon({}, REAL);
  await replay.feed(60, 2_400);
  const readOnly = () => replay.ask(`${OVERLAY}/read_only`, { series_id: SERIES });
  const before = await readOnly();
  const { job_id } = before.json as { job_id: string };
  expect([before.status, before.json]).toEqual([
    200,
    {
      status: "build_required",
      job_id,
      cache_key: job_id,
      delta_meta: null,
      compute_hint: expect.stringMatching(/^build_required:/),
    },
  ]);
  const build = await replay.tell(`${OVERLAY}/build`);
  expect([build.status, build.json]).toEqual([200, { status: "building", job_id, cache_key: job_id }]);
  const meta = {
    schema_version: 1,
    series_id: SERIES,
    total_candles: 40,
    from_candle_time: 60,
    to_candle_time: 2_400,
    window_size: 500,
    snapshot_interval: 25,
    windows: expect.any(Array),
    overlay_store_last_version_id: expect.any(Number),
  };
  const done = await replay.ended(`${OVERLAY}/status`, job_id);
  expect([done.status, done.json]).toEqual([
    200,
    { status: "done", job_id, cache_key: job_id, error: null, delta_meta: meta, kline: null, preload_window: null },
  ]);
  expect((await replay.tell(`${OVERLAY}/build`)).json).toEqual({ status: "done", job_id, cache_key: job_id });
  expect((await readOnly()).json).toEqual({
    status: "done",
    job_id,
    cache_key: job_id,
    delta_meta: done.json.delta_meta,
    compute_hint: null,
  });
  const window = await replay.ask(`${OVERLAY}/window`, { job_id, target_idx: 0 });
  expect(Object.keys(window.json)).toEqual(["job_id", "window"]);
  expect(window.json.window).toMatchObject({ window_index: 0, start_idx: 0, end_idx: 40, event_catalog: null });
});

/** Settings of daemons that follow each other on the same disk. */
function sameDisk() {
  return { TRADE_CANVAS_DB_PATH: tempFolder(), TRADE_CANVAS_ARTIFACTS_DIR: tempFolder() };
}

test("a package outlives its daemon: done without a job, under the same key, and read the same", async () => {
  const env = sameDisk();
  const before = await startFilledDaemon(env, REAL);
  const { job_id } = (await before.tell(BUILD, SMALL)).json as { job_id: string };
  await before.ended(STATUS, job_id);
  const window = await before.ask(WINDOW, { job_id, target_idx: 99 });
  await before.daemon.app.stop();
  const after = await startReplayDaemon(env, REAL);
  expect((await after.ask(STATUS, { job_id })).json).toMatchObject({ status: "done", error: null });
  expect((await after.ask(WINDOW, { job_id, target_idx: 99 })).text).toBe(window.text);
  expect((await after.tell(BUILD, SMALL)).json).toEqual({ status: "done", job_id, cache_key: job_id });
});

test("a stop in the middle of builds leaves whole packages or none", async () => {
  const env = sameDisk();
  const before = await startReplayDaemon(env, REAL);
  await before.feed(60, 60 * 2_000);
  const builds = await Promise.all([500, 499, 498].map((window_size) => before.tell(BUILD, { window_size })));
  await before.daemon.app.stop();
  const after = await startReplayDaemon(env, REAL);
  for (const { json } of builds) {
    const { status, text } = await after.ask(WINDOW, { job_id: String(json.job_id), target_idx: 1_999 });
    if (status !== 200) expect([status, text]).toEqual([404, '{"detail":"not_found"}']);
  }
  const { job_id } = (await after.tell(BUILD, { window_size: 498 })).json as { job_id: string };
  expect((await after.ended(STATUS, job_id)).json.status).toBe("done");
});
