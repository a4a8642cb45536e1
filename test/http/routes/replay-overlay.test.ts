/** The overlay package over HTTP. Spec: replay §7; scenario. */
import { describe, expect, test } from "vitest";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import { problems } from "../problems.js";
import { expectQueryIsChecked } from "../query-checks.js";
import { call } from "../request.js";
import { LAST, OVERLAY, type ReplayDaemon, SERIES, startFilledDaemon, startReplayDaemon } from "./replay-daemon.js";

const READ_ONLY = `${OVERLAY}/read_only`;
const BUILD = `${OVERLAY}/build`;
const STATUS = `${OVERLAY}/status`;
const WINDOW = `${OVERLAY}/window`;
const UNKNOWN_JOB = "0123456789abcdef01234567";
const NOT_FOUND = [404, '{"detail":"not_found"}'];

/** 40 candles, from 60 to 2,400. */
async function startOfTheExample(): Promise<ReplayDaemon> {
  const replay = await startReplayDaemon();
  await replay.feed(60, 2_400);
  return replay;
}

const readOnly = ({ ask }: ReplayDaemon, params = {}) => ask(READ_ONLY, { series_id: SERIES, ...params });

async function built(replay: ReplayDaemon, body = {}): Promise<string> {
  const { job_id } = (await replay.tell(BUILD, body)).json as { job_id: string };
  expect((await replay.ended(STATUS, job_id)).json.status).toBe("done");
  return job_id;
}

test("a window has its stored names, and the status has the first window and all bars when asked", async () => {
  const replay = await startFilledDaemon();
  const job_id = await built(replay, { window_candles: 1, window_size: 1, snapshot_interval: 1 });
  expect(replay.archive.requests).toMatchObject([{ windowCandles: 100, windowSize: 50, snapshotInterval: 5 }]);
  const whole = (await replay.ask(STATUS, { job_id, include_delta_package: 1 })).json as {
    readonly kline: readonly { readonly time: number }[];
    readonly preload_window: Record<string, unknown>;
  };
  expect(whole.kline.map(({ time }) => time)).toEqual(Array.from({ length: 100 }, (_, at) => 660 + at * 60));
  expect(Object.keys(whole.kline[0] ?? {})).toEqual(["time", "open", "high", "low", "close", "volume"]);
  expect(Object.keys(whole.preload_window)).toEqual([
    ...["window_index", "start_idx", "end_idx", "kline", "catalog_base", "catalog_patch", "checkpoints", "diffs"],
    "event_catalog",
  ]);
  expect(whole.preload_window).toMatchObject({ window_index: 0, start_idx: 0, end_idx: 50 });
  expect((whole.preload_window.checkpoints as { at_idx: number }[]).map(({ at_idx }) => at_idx)).toEqual(
    Array.from({ length: 10 }, (_, at) => at * 5),
  );
  const second = (await replay.ask(WINDOW, { job_id, target_idx: 99 })).json as { window: object };
  expect(second.window).toMatchObject({ window_index: 1, start_idx: 50, end_idx: 100 });
});

test("a build in any number makes one job, and read_only says that there is no package yet", async () => {
  const replay = await startOfTheExample();
  let go = (): void => undefined;
  replay.archive.beforeStore = () => new Promise((resolve) => (go = resolve));
  const answers = await Promise.all(Array.from({ length: 10 }, () => replay.tell(BUILD)));
  const [{ job_id }] = answers.map(({ json }) => json) as [{ job_id: string }];
  for (const { json } of answers) expect(json).toEqual({ status: "building", job_id, cache_key: job_id });
  const nothing = { error: null, delta_meta: null, kline: null, preload_window: null };
  expect((await replay.ask(STATUS, { job_id, include_delta_package: 1 })).json).toEqual({
    status: "building",
    job_id,
    cache_key: job_id,
    ...nothing,
  });
  expect((await readOnly(replay)).json).toMatchObject({ status: "build_required", job_id });
  go();
  expect((await replay.ended(STATUS, job_id)).json.status).toBe("done");
  expect(replay.archive.requests).toHaveLength(1);
});

test("a failure is shown, and tried again on request; a package that is gone is to be built again", async () => {
  const replay = await startOfTheExample();
  replay.archive.beforeStore = () => {
    throw new Error("boom");
  };
  const { job_id } = (await replay.tell(BUILD)).json as { job_id: string };
  expect((await replay.ended(STATUS, job_id)).json).toMatchObject({ status: "error", error: "boom", delta_meta: null });
  replay.archive.beforeStore = () => undefined;
  expect(await built(replay)).toBe(job_id);
  replay.archive.remove("overlay", job_id);
  const gone = await replay.ask(STATUS, { job_id, include_delta_package: 1 });
  expect(gone.json).toMatchObject({ status: "build_required", error: null, delta_meta: null, kline: null });
  expect(await built(replay)).toBe(job_id);
});

describe("preflight", () => {
  test("without a candle at or before the time there is nothing to build", async () => {
    const replay = await startOfTheExample();
    for (const body of [
      { to_time: 5 },
      { series_id: "binance:spot:NONE/USDT:1m" },
      { series_id: "x", to_time: 9_999 },
    ]) {
      for (const answer of [await replay.tell(BUILD, body), await readOnly(replay, body)]) {
        expect([answer.status, answer.text]).toEqual([404, '{"detail":"no_data"}']);
      }
    }
  });

  test("a drawing that lags is told; the factors may", async () => {
    const replay = await startOfTheExample();
    await replay.daemon.app.store.commit({ series: SERIES, upsert: [candleAt(2_460)] });
    for (const answer of [await replay.tell(BUILD), await readOnly(replay)]) {
      expect([answer.status, answer.text]).toEqual([409, '{"detail":"ledger_out_of_sync:overlay"}']);
    }
    expect((await replay.tell(BUILD, { to_time: 2_400 })).json.status).toBe("building");
    expect((await readOnly(replay, { to_time: 2_459 })).json.status).toMatch(/done|build_required/);
  });
});

test("a candle or a job that there is not has no window", async () => {
  const replay = await startOfTheExample();
  const job_id = await built(replay);
  const beyond = await replay.ask(WINDOW, { job_id, target_idx: 40 });
  expect([beyond.status, beyond.json]).toEqual([422, { detail: "target_idx_out_of_range" }]);
  const unknown = await replay.ask(WINDOW, { job_id: UNKNOWN_JOB, target_idx: 0 });
  expect([unknown.status, unknown.text]).toEqual(NOT_FOUND);
  replay.archive.window = async () => undefined;
  const lacking = await replay.ask(WINDOW, { job_id, target_idx: 0 });
  expect([lacking.status, lacking.json]).toEqual([422, { detail: "window_index_out_of_range" }]);
  const nothing = { error: null, delta_meta: null, kline: null, preload_window: null };
  for (const strange of [UNKNOWN_JOB, "../..", "x"]) {
    const { status, json } = await replay.ask(STATUS, { job_id: strange });
    expect([status, json]).toEqual([
      200,
      { status: "build_required", job_id: strange, cache_key: strange, ...nothing },
    ]);
  }
});

describe("the gate", () => {
  test("is closed by default, and comes after validation", async () => {
    const { url } = await startTestDaemon();
    const series = `series_id=${encodeURIComponent(SERIES)}`;
    const closed = [
      await call(url, `${READ_ONLY}?${series}`),
      await call(url, BUILD, { body: { series_id: SERIES } }),
      await call(url, `${STATUS}?job_id=${UNKNOWN_JOB}`),
      await call(url, `${WINDOW}?job_id=${UNKNOWN_JOB}&target_idx=0`),
    ];
    for (const { status, text } of closed) expect([status, text]).toEqual(NOT_FOUND);
    const invalid = [
      await call(url, READ_ONLY),
      await call(url, BUILD, { body: {} }),
      await call(url, STATUS),
      await call(url, `${WINDOW}?job_id=x`),
    ];
    for (const { status } of invalid) expect(status).toBe(422);
  });

  test("is its own: it does not need that of replay", async () => {
    const { tell, feed } = await startReplayDaemon({ TRADE_CANVAS_ENABLE_REPLAY_V1: "0" });
    await feed(60, 240);
    expect((await tell(BUILD)).status).toBe(200);
  });
});

describe("requests", () => {
  const OPEN = { env: { TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "1" } };
  const BOUNDS = { window_candles: 2_000, window_size: 2_000, snapshot_interval: 200 };

  test("of read_only are checked parameter by parameter", async () => {
    const bounded = Object.entries(BOUNDS).map(([name, max]) => ({ name, min: 1, max }));
    await expectQueryIsChecked(await startTestDaemon(OPEN), READ_ONLY, [{ name: "to_time", min: 0 }, ...bounded]);
  });

  test("of build are checked member by member, and null is like nothing", async () => {
    const daemon = await startTestDaemon(OPEN);
    expect(await problems(daemon, BUILD, {})).toMatchObject([{ type: "missing", loc: ["body", "series_id"] }]);
    expect(await problems(daemon, BUILD, { series_id: SERIES, to_time: -1 })).toMatchObject([
      { loc: ["body", "to_time"] },
    ]);
    for (const [name, max] of Object.entries(BOUNDS)) {
      for (const value of [0, max + 1, "x"]) {
        expect(await problems(daemon, BUILD, { series_id: SERIES, [name]: value })).toMatchObject([
          { loc: ["body", name] },
        ]);
      }
    }
    const empty = {
      series_id: SERIES,
      to_time: null,
      window_candles: null,
      window_size: null,
      snapshot_interval: null,
    };
    expect((await call(daemon.url, BUILD, { body: empty })).json).toEqual({ detail: "no_data" });
  });

  test("of status and window need a job id", async () => {
    const daemon = await startTestDaemon(OPEN);
    expect(await problems(daemon, `${STATUS}?include_delta_package=2&job_id=x`)).toMatchObject([
      { type: "less_than_equal" },
    ]);
    expect(await problems(daemon, `${WINDOW}?job_id=&target_idx=-1`)).toMatchObject([
      { type: "string_too_short" },
      { type: "greater_than_equal" },
    ]);
  });
});

test("all of the candles may be asked for, and those of another time are another package", async () => {
  const replay = await startFilledDaemon();
  const keys = [
    await built(replay),
    await built(replay, { to_time: LAST - 1 }),
    await built(replay, { window_size: 60 }),
  ];
  expect(new Set(keys).size).toBe(3);
  expect(replay.archive.requests.map(({ alignedTime }) => alignedTime)).toEqual([LAST, LAST - 60, LAST]);
});
