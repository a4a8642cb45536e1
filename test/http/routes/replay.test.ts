/** The replay package over HTTP. Spec: replay §2–5, §9 R3, R11; scenario. */
import { describe, expect, test } from "vitest";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import { problems } from "../problems.js";
import { ingest } from "../request.js";
import {
  BUILD,
  COVERAGE,
  ENSURE,
  LAST,
  PREPARE,
  SERIES,
  STATUS,
  startFilledDaemon,
  startReplayDaemon,
  WINDOW,
} from "./replay-daemon.js";

const SMALL = { to_time: LAST, window_candles: 100, window_size: 50, snapshot_interval: 5 };
const NOT_FOUND = [404, '{"detail":"not_found"}'];
const NO_DATA = [404, '{"detail":"no_data"}'];
const UNKNOWN_JOB = "0123456789abcdef01234567";

describe("build", () => {
  test("R3 of 2,000 candles needs them to be stored, each of them", async () => {
    const { feed, tell, archive } = await startFilledDaemon();
    const missing = [409, '{"detail":"coverage_missing"}'];
    const builds = [{}, { window_candles: 111 }, { to_time: 6_000, window_candles: 101 }];
    for (const body of builds) {
      const { status, text } = await tell(BUILD, body);
      expect([status, text], JSON.stringify(body)).toEqual(missing);
    }
    await feed(6_720, 6_720);
    // A hole counts as missing, although there are 111 candles now.
    expect((await tell(BUILD, { window_candles: 111 })).text).toBe(missing[1]);
    expect((await tell(BUILD, { to_time: LAST, window_candles: 110 })).json.status).toBe("building");
    expect(archive.requests).toHaveLength(1);
  });

  test("has nothing to build from without a candle", async () => {
    const { tell } = await startFilledDaemon();
    for (const body of [{ to_time: 5 }, { series_id: "binance:spot:NONE/USDT:1m" }, { series_id: "x" }]) {
      const { status, text } = await tell(BUILD, { window_candles: 1, ...body });
      expect([status, text]).toEqual(NO_DATA);
    }
  });

  test("needs both ledgers to have come as far", async () => {
    const { daemon, tell } = await startFilledDaemon();
    await daemon.app.store.commit({ series: SERIES, upsert: [candleAt(LAST + 60)] });
    const answer = await tell(BUILD, { window_candles: 10 });
    expect([answer.status, answer.text]).toEqual([409, '{"detail":"ledger_out_of_sync:replay"}']);
    expect((await tell(BUILD, { to_time: LAST, window_candles: 10 })).json.status).toBe("building");
    expect((await tell(PREPARE)).json).toMatchObject({ computed: true });
    expect((await tell(BUILD, { window_candles: 10 })).json.status).toBe("building");
  });

  test("has another key with other parameters, after any ingest, and for the other kind", async () => {
    const { daemon, tell } = await startFilledDaemon();
    const keyOf = async (body: object, path = BUILD) => (await tell(path, { ...SMALL, ...body })).json.job_id;
    const keys = [
      await keyOf({}),
      await keyOf({ window_candles: 99 }),
      await keyOf({ window_size: 49 }),
      await keyOf({ snapshot_interval: 6 }),
      await keyOf({ to_time: LAST - 60 }),
      await keyOf({ window_size: 60 }, "/api/replay/overlay_package/build"),
      await keyOf({ window_size: 60 }),
    ];
    await ingest(daemon.url, SERIES, 660, 3);
    keys.push(await keyOf({}));
    await ingest(daemon.url, SERIES, LAST + 60);
    keys.push(await keyOf({}));
    expect(new Set(keys).size).toBe(keys.length);
    expect(await keyOf({})).toBe(keys.at(-1));
  });

  test("means 2,000 candles in windows of 500 with a full list every 25 when it is not told", async () => {
    const { feed, tell, archive } = await startReplayDaemon();
    await feed(60, 60 * 2_000);
    await tell(BUILD);
    await tell(BUILD, { window_candles: null, window_size: null, snapshot_interval: null, to_time: null });
    expect(archive.requests).toMatchObject([{ windowCandles: 2_000, windowSize: 500, snapshotInterval: 25 }]);
  });

  test("in any number at once makes one job, which is seen at work", async () => {
    const { tell, ask, ended, archive } = await startFilledDaemon();
    let go = (): void => undefined;
    archive.beforeStore = () => new Promise((resolve) => (go = resolve));
    const answers = await Promise.all(Array.from({ length: 20 }, () => tell(BUILD, SMALL)));
    const [{ job_id }] = answers.map(({ json }) => json) as [{ job_id: string }];
    for (const { json } of answers) expect(json).toEqual({ status: "building", job_id, cache_key: job_id });
    const building = {
      status: "building",
      job_id,
      cache_key: job_id,
      error: null,
      metadata: null,
      preload_window: null,
    };
    expect((await ask(STATUS, { job_id, include_preload: 1 })).json).toEqual(building);
    const window = await ask(WINDOW, { job_id, target_idx: 0 });
    expect([window.status, window.text]).toEqual(NOT_FOUND);
    go();
    expect((await ended(STATUS, job_id)).json.status).toBe("done");
    expect(archive.requests).toHaveLength(1);
  });

  test("that fails says why, and is tried again when it is asked for again", async () => {
    const { tell, ended, archive } = await startFilledDaemon();
    archive.beforeStore = () => {
      throw new Error("boom");
    };
    const { job_id } = (await tell(BUILD, SMALL)).json as { job_id: string };
    const failed = { status: "error", job_id, cache_key: job_id, error: "boom", metadata: null, preload_window: null };
    expect((await ended(STATUS, job_id)).json).toEqual(failed);
    archive.beforeStore = () => undefined;
    expect((await ended(STATUS, job_id)).json).toEqual(failed);
    expect((await tell(BUILD, SMALL)).json.status).toBe("building");
    expect((await ended(STATUS, job_id)).json).toMatchObject({ status: "done", error: null });
  });

  test("whose package is gone is to be asked for again", async () => {
    const { tell, ask, ended, archive } = await startFilledDaemon();
    const { job_id } = (await tell(BUILD, SMALL)).json as { job_id: string };
    await ended(STATUS, job_id);
    archive.remove("replay", job_id);
    for (const answer of [await ask(STATUS, { job_id }), await ask(WINDOW, { job_id, target_idx: 0 })]) {
      expect([answer.status, answer.text]).toEqual(NOT_FOUND);
    }
    expect((await tell(BUILD, SMALL)).json.status).toBe("building");
    expect((await ended(STATUS, job_id)).json.status).toBe("done");
  });

  test("RS-R9 under way is ended and awaited by a stop, before the store is closed", async () => {
    const { daemon, tell, archive } = await startFilledDaemon();
    archive.beforeStore = (signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => setImmediate(resolve), { once: true }));
    const { job_id } = (await tell(BUILD, SMALL)).json as { job_id: string };
    await daemon.app.stop();
    expect(archive.ends).toEqual([`failed ${job_id}`, "closed"]);
    expect(archive.has("replay", job_id)).toBe(false);
  });

  test("one too many is refused, and what goes on is not", async () => {
    const { tell, archive } = await startFilledDaemon();
    archive.beforeStore = (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    for (let size = 1; size <= 32; size += 1) await tell(BUILD, { ...SMALL, window_size: size });
    const refused = await tell(BUILD, { ...SMALL, window_size: 33 });
    expect([refused.status, refused.text]).toEqual([503, '{"detail":"too_many_replay_jobs"}']);
    expect((await tell(BUILD, { ...SMALL, window_size: 32 })).json.status).toBe("building");
  });
});

describe("status and window", () => {
  const built = async () => {
    const replay = await startFilledDaemon();
    const { job_id } = (await replay.tell(BUILD, SMALL)).json as { job_id: string };
    await replay.ended(STATUS, job_id);
    return { ...replay, job_id };
  };

  test("of a job that nobody knows there is neither, and its id never becomes a path", async () => {
    const { ask, archive, job_id } = await built();
    archive.has = () => {
      throw new Error("was asked");
    };
    for (const unknown of ["../../etc", `${job_id}0`, job_id.toUpperCase(), "coverage_x", "x".repeat(10_000)]) {
      for (const answer of [
        await ask(STATUS, { job_id: unknown }),
        await ask(WINDOW, { job_id: unknown, target_idx: 0 }),
      ]) {
        expect([answer.status, answer.text], unknown).toEqual(NOT_FOUND);
      }
    }
  });

  test("a package of an earlier process is done without a job", async () => {
    const { daemon, ask, archive } = await startFilledDaemon();
    const unknown = await ask(STATUS, { job_id: UNKNOWN_JOB });
    expect([unknown.status, unknown.text]).toEqual(NOT_FOUND);
    const id = { text: SERIES, exchange: "", market: "", symbol: "", timeframe: "1m", timeframeSeconds: 60 };
    const params = { alignedTime: LAST, windowCandles: 100, windowSize: 50, snapshotInterval: 5 };
    await archive.build({ kind: "replay", key: UNKNOWN_JOB, id, ...params }, new AbortController().signal);
    expect((await ask(STATUS, { job_id: UNKNOWN_JOB })).json).toMatchObject({ status: "done" });
    expect((await ask(WINDOW, { job_id: UNKNOWN_JOB, target_idx: 0 })).status).toBe(200);
    // A package of the other kind is none of this one.
    const overlay = await ask("/api/replay/overlay_package/status", { job_id: UNKNOWN_JOB });
    expect(overlay.json).toMatchObject({ status: "build_required" });
    expect(daemon.app.store.head(SERIES).count).toBe(110);
  });
});

describe("requests", () => {
  const GOOD = { series_id: SERIES };
  const integers = {
    [PREPARE]: { window_candles: 5_000 },
    [BUILD]: { window_candles: 5_000, window_size: 2_000, snapshot_interval: 200 },
  };

  test.each(Object.entries(integers))("%s is checked member by member", async (path, bounds) => {
    const daemon = await startTestDaemon();
    expect(await problems(daemon, path, {})).toMatchObject([{ type: "missing", loc: ["body", "series_id"] }]);
    const wrong: (readonly [object, string])[] = [
      [{ series_id: "" }, "string_too_short"],
      [{ ...GOOD, to_time: -1 }, "greater_than_equal"],
      [{ ...GOOD, to_time: 1.5 }, "int_from_float"],
    ];
    for (const [name, max] of Object.entries(bounds)) {
      wrong.push([{ ...GOOD, [name]: 0 }, "greater_than_equal"], [{ ...GOOD, [name]: max + 1 }, "less_than_equal"]);
      wrong.push([{ ...GOOD, [name]: "many" }, "int_parsing"]);
    }
    for (const [body, type] of wrong)
      expect(await problems(daemon, path, body), JSON.stringify(body)).toMatchObject([{ type }]);
  });

  test.each([STATUS, WINDOW, COVERAGE])("%s needs a job id", async (path) => {
    const daemon = await startTestDaemon();
    expect(await problems(daemon, `${path}?target_idx=0`)).toMatchObject([
      { type: "missing", loc: ["query", "job_id"] },
    ]);
    expect(await problems(daemon, `${path}?job_id=&target_idx=0`)).toMatchObject([{ type: "string_too_short" }]);
  });

  test("a flag is 0 or 1, and a target is not optional", async () => {
    const daemon = await startTestDaemon();
    const url = `${STATUS}?job_id=x&include_preload=`;
    expect(await problems(daemon, `${url}2`)).toMatchObject([{ type: "less_than_equal" }]);
    expect(await problems(daemon, `${url}-1`)).toMatchObject([{ type: "greater_than_equal" }]);
    expect(await problems(daemon, `${WINDOW}?job_id=x`)).toMatchObject([
      { type: "missing", loc: ["query", "target_idx"] },
    ]);
  });

  test("R11 with replay off everything but prepare is not found, once it is valid", async () => {
    const { tell, ask } = await startFilledDaemon({ TRADE_CANVAS_ENABLE_REPLAY_V1: "0" });
    const closed = [
      await tell(BUILD, SMALL),
      await ask(STATUS, { job_id: UNKNOWN_JOB }),
      await ask(WINDOW, { job_id: UNKNOWN_JOB, target_idx: 0 }),
      await tell(ENSURE, { target_candles: 5 }),
      await tell(ENSURE, { series_id: "x" }),
      await ask(COVERAGE, { job_id: UNKNOWN_JOB }),
    ];
    for (const { status, text } of closed) expect([status, text]).toEqual(NOT_FOUND);
    expect((await tell(PREPARE)).status).toBe(200);
    expect((await tell(BUILD, { window_size: 0 })).status).toBe(422);
    expect((await ask(STATUS, {})).status).toBe(422);
    expect((await tell(ENSURE, { target_candles: 0 })).status).toBe(422);
  });
});
