import { expect, test } from "vitest";
import {
  MAX_SERIES_AT_ONCE,
  PROGRESS_EVERY_MS,
  STARTUP_SYNC_LIMIT_MS,
  type StartupSyncOptions,
  type StartupSyncResult,
  syncAtStart,
} from "../../../src/actors/feed/startup-sync.js";
import type { DebugNote } from "../../../src/observability/debug-hub.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { RecordingLog } from "../series/world.js";

const MINUTES = "binance:futures:BTC/USDT:1m";
const FIVE_MINUTES = "binance:futures:BTC/USDT:5m";
const DONE = "write.startup.kline_sync.done";
const SERIES_DONE = "write.startup.kline_sync.series_done";

/** A sync whose coverages store up to the wanted candle at once, unless the test says otherwise. */
function world(whitelist: readonly string[], change: Partial<StartupSyncOptions> = {}) {
  const clock = new SimulatedClock(3_601_000);
  const log = new RecordingLog();
  const notes: DebugNote[] = [];
  const heads = new Map<string, number>();
  const covered: (readonly [series: string, candles: number, toS: number])[] = [];
  const refreshed: (readonly [series: string, target: number])[] = [];
  /** How far behind the wanted candle a series stays, in seconds. */
  const behind = new Map<string, number>();
  const options: StartupSyncOptions = {
    clock,
    log,
    note: (note) => notes.push(note),
    whitelist,
    targetCandles: 500,
    store: {
      head: (series) => {
        const lastTime = heads.get(series) ?? null;
        return { revision: 1, count: 1, firstTime: lastTime, lastTime };
      },
    },
    sync: {
      refreshIfNeeded: async ({ text }, target) => {
        refreshed.push([text, target]);
        return { refreshed: true, steps: [], heads: { factor: target, overlay: target } };
      },
    },
    cover: async ({ text }, candles, toS) => {
      covered.push([text, candles, toS]);
      heads.set(text, toS - (behind.get(text) ?? 0));
      return { covered: candles, errors: [] };
    },
    ...change,
  };
  const run = async (advanceMs = 0): Promise<StartupSyncResult> => {
    const result = syncAtStart(options);
    await clock.advanceSettled(advanceMs);
    return result;
  };
  const told = (event: string) => notes.filter((note) => note.event === event).map(({ data }) => data);
  return { clock, log, notes, heads, covered, refreshed, behind, run, told };
}

test("covers each series up to its newest closed candle, then its ledgers; one that stays behind is lagging", async () => {
  const { notes, covered, refreshed, behind, run, told } = world([FIVE_MINUTES, MINUTES]);
  behind.set(FIVE_MINUTES, 300);
  const result = await run();
  expect(covered).toEqual([
    [MINUTES, 500, 3_540],
    [FIVE_MINUTES, 500, 3_300],
  ]);
  expect(refreshed).toEqual([
    [MINUTES, 3_540],
    [FIVE_MINUTES, 3_300],
  ]);
  expect(result).toEqual({ total: 2, synced: 1, lagging: 1, errors: 0, durationMs: 0 });
  expect(notes).toHaveLength(3);
  expect(told(SERIES_DONE)).toEqual([
    {
      series_id: MINUTES,
      target_time: 3_540,
      before_head_time: null,
      after_head_time: 3_540,
      covered_candles: 500,
      refreshed: true,
      lagging: false,
      error: null,
    },
    {
      series_id: FIVE_MINUTES,
      target_time: 3_300,
      before_head_time: null,
      after_head_time: 3_000,
      covered_candles: 500,
      refreshed: true,
      lagging: true,
      error: null,
    },
  ]);
  expect(told(DONE)).toEqual([
    { series_total: 2, series_synced: 1, series_lagging: 1, series_errors: 0, target_candles: 500, duration_ms: 0 },
  ]);
});

test("ids are trimmed, taken once each and in order; blank ones are none", async () => {
  const { covered, run } = world([` ${MINUTES} `, "b:c:d:1m", MINUTES, " ", "b:c:d:1m"]);
  expect(await run()).toMatchObject({ total: 2, synced: 2 });
  expect(covered.map(([series]) => series)).toEqual(["b:c:d:1m", MINUTES]);
});

test("what goes wrong with one series is told, and stops no other", async () => {
  const sunk = "binance:futures:SUNK/USDT:1m";
  const silent = "binance:futures:SILENT/USDT:1m";
  const { heads, notes, log, run, told } = world([MINUTES, sunk, silent, "a:b:c:1w", "nonsense"], {
    cover: async ({ text }, candles, toS) => {
      if (text === sunk) throw new Error("the disk is full");
      if (text === silent) return { covered: 3, errors: ["silenced: REST is silent"] };
      heads.set(text, toS);
      return { covered: candles, errors: [] };
    },
  });
  expect(await run()).toEqual({ total: 5, synced: 1, lagging: 0, errors: 4, durationMs: 0 });
  const errors = notes.filter(({ level }) => level === "error").map(({ data }) => [data?.series_id, data?.error]);
  expect(errors).toEqual([
    ["a:b:c:1w", "invalid_series_timeframe"],
    ["nonsense", "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'"],
    [sunk, "the disk is full"],
    [silent, "silenced: REST is silent"],
  ]);
  expect(log.of("startup_sync.series_failed")).toHaveLength(4);
  expect(told(SERIES_DONE)).toHaveLength(5);
});

test("a failing ledger refresh is an error of its series", async () => {
  const { run, told } = world([MINUTES], {
    sync: { refreshIfNeeded: () => Promise.reject(new Error("too many series")) },
  });
  expect(await run()).toMatchObject({ synced: 0, errors: 1 });
  expect(told(SERIES_DONE)).toMatchObject([{ error: "too many series", refreshed: false, lagging: false }]);
});

test("of a series whose newest closed candle would be at time 0 nothing is asked", async () => {
  const { covered, notes, run } = world(["a:b:c:1h", "a:b:c:1d"]);
  expect(await run()).toEqual({ total: 2, synced: 0, lagging: 0, errors: 0, durationMs: 0 });
  expect([covered, notes.map(({ event }) => event)]).toEqual([[], [DONE]]);
});

test("only so many series at once", async () => {
  let underWay = 0;
  let most = 0;
  const whitelist = Array.from({ length: MAX_SERIES_AT_ONCE + 5 }, (_, index) => `a:b:S${index}:1m`);
  const { run } = world(whitelist, {
    cover: async (_series, candles) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return { covered: candles, errors: [] };
    },
  });
  await run();
  expect(most).toBe(MAX_SERIES_AT_ONCE);
});

test("RS-H8 an exchange that never answers is waited for no longer than the limit, and what comes first is told", async () => {
  const hanging = Array.from({ length: MAX_SERIES_AT_ONCE }, (_, index) => `a:b:S${index}:1m`);
  const { log, notes, run, told } = world([...hanging, "z:z:z:1m"], { cover: () => new Promise(() => undefined) });
  const result = await run(STARTUP_SYNC_LIMIT_MS);
  expect(result).toEqual({
    total: MAX_SERIES_AT_ONCE + 1,
    synced: 0,
    lagging: MAX_SERIES_AT_ONCE + 1,
    errors: 0,
    durationMs: STARTUP_SYNC_LIMIT_MS,
  });
  expect(told(SERIES_DONE)[0]).toMatchObject({
    after_head_time: null,
    covered_candles: 0,
    refreshed: false,
    error: null,
  });
  expect(notes).toHaveLength(MAX_SERIES_AT_ONCE + 2);
  expect(log.of("startup_sync.progress").length).toBeGreaterThanOrEqual(STARTUP_SYNC_LIMIT_MS / PROGRESS_EVERY_MS - 1);
  expect(log.of("startup_sync.progress")[0]?.fields).toEqual({ series_done: 0, series_total: MAX_SERIES_AT_ONCE + 1 });
});

test("coverages are told to end at the limit; one that is quick says nothing of its progress", async () => {
  const signals: AbortSignal[] = [];
  const { clock, log, run } = world([MINUTES], {
    cover: async (_series, candles, _toS, signal) => {
      signals.push(signal);
      return { covered: candles, errors: [] };
    },
  });
  await run(PROGRESS_EVERY_MS * 3);
  expect(log.of("startup_sync.progress")).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
  expect(signals[0]?.aborted).toBe(false);
});

test("the end of the process ends the sync", async () => {
  const stop = new AbortController();
  let signal: AbortSignal | undefined;
  const { run } = world([MINUTES], {
    stop: stop.signal,
    cover: (_series, _candles, _toS, given) => {
      signal = given;
      return new Promise(() => undefined);
    },
  });
  const running = run();
  stop.abort();
  expect(await running).toMatchObject({ lagging: 1, durationMs: 0 });
  expect(signal?.aborted).toBe(true);
});
