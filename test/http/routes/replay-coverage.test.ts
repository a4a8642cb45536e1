/** Coverage for replay, over a simulated exchange. Spec: replay §6, §9 R9, R10; D-17, D-21. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Env } from "../../../src/config/env-file.js";
import { COVERAGE_LIMIT_MS } from "../../../src/replay/coverage.js";
import { walkingSymbols } from "../../../src/sim/presets.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { startSimulatedExchange } from "../../../src/sim/simulated-exchange.js";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { failingFactor } from "../failing.js";
import { problems } from "../problems.js";
import { candles, timesOf } from "../request.js";
import { COVERAGE, ENSURE, FIRST, LAST, SERIES, startFilledDaemon, startReplayDaemon } from "./replay-daemon.js";

/** 2025-05-05 12:00:00 UTC, in seconds. */
const NOON_S = 1_746_446_400;

/** A daemon at noon and forty seconds, beside an exchange with a day of history. */
async function startAtNoon(env: Env = {}) {
  const clock = new SimulatedClock((NOON_S + 40) * 1_000);
  const symbols = walkingSymbols("futures", ["BTCUSDT"], 3, (NOON_S - 86_400) * 1_000);
  const exchange = await startSimulatedExchange({ clock, seed: 3, markets: { futures: { symbols } } });
  onTestFinished(() => exchange.stop());
  const replay = await startReplayDaemon(
    {
      TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: exchange.futures.restUrl,
      TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "1",
      ...env,
    },
    { clock },
  );
  const asked = () => exchange.futures.journal.entries("rest").filter(({ path }) => path.endsWith("/klines")).length;
  return { ...replay, clock, exchange, asked };
}

test("R9 what is there is covered, once and for good", async () => {
  const { tell, ask, ended } = await startFilledDaemon();
  const body = { target_candles: 5, to_time: LAST };
  const job_id = `coverage_${SERIES}:${LAST}:5`;
  const first = await tell(ENSURE, body);
  expect([first.status, first.json]).toEqual([200, { status: "building", job_id, error: null }]);
  const done = await ended(COVERAGE, job_id);
  expect([done.status, done.json]).toEqual([
    200,
    { status: "done", job_id, candles_ready: 5, required_candles: 5, head_time: LAST, error: null },
  ]);
  expect((await tell(ENSURE, body)).json).toEqual({ status: "done", job_id, error: null });
  expect((await ask(COVERAGE, { job_id })).text).toBe(done.text);
});

test("R10 what cannot be had is an error with its count, and tried again when it is asked for again", async () => {
  const { tell, feed, ended } = await startFilledDaemon();
  const body = { target_candles: 500, to_time: LAST };
  const { job_id } = (await tell(ENSURE, body)).json as { job_id: string };
  const failed = {
    status: "error",
    job_id,
    candles_ready: 110,
    required_candles: 500,
    head_time: LAST,
    error: "coverage_missing",
  };
  expect((await ended(COVERAGE, job_id)).json).toEqual(failed);
  expect((await ended(COVERAGE, job_id)).json).toEqual(failed);
  expect((await tell(ENSURE, body)).json).toEqual({ status: "building", job_id, error: null });
  expect((await ended(COVERAGE, job_id)).json).toEqual(failed);
  const later = { target_candles: 111, to_time: LAST + 60 };
  const other = (await tell(ENSURE, later)).json as { job_id: string };
  expect((await ended(COVERAGE, other.job_id)).json).toMatchObject({ status: "error", candles_ready: 110 });
  await feed(LAST + 60, LAST + 60);
  await tell(ENSURE, later);
  expect((await ended(COVERAGE, other.job_id)).json).toMatchObject({ status: "done", candles_ready: 111 });
});

describe("the time", () => {
  test("is the newest candle when it is left out, or the open candle's of a series without any", async () => {
    const { tell, daemon } = await startFilledDaemon();
    expect((await tell(ENSURE)).json.job_id).toBe(`coverage_${SERIES}:${LAST}:2000`);
    expect((await tell(ENSURE, { to_time: null, target_candles: 7 })).json.job_id).toBe(`coverage_${SERIES}:${LAST}:7`);
    const none = "binance:spot:NONE/USDT:5m";
    // 22:20:00 by the daemon's clock.
    expect((await tell(ENSURE, { series_id: none })).json.job_id).toBe(`coverage_${none}:1700000400:2000`);
    expect(daemon.app.store.seriesIds()).toEqual([SERIES]);
  });

  test("need not be that of a candle: what counts is the newest one before it", async () => {
    const { tell, ended } = await startFilledDaemon();
    for (const [to_time, status] of [
      [LAST + 59, "done"],
      [LAST + 60, "error"],
      [FIRST + 130, "error"],
    ] as const) {
      const { job_id } = (await tell(ENSURE, { target_candles: 5, to_time })).json as { job_id: string };
      expect(job_id).toBe(`coverage_${SERIES}:${to_time}:5`);
      expect((await ended(COVERAGE, job_id)).json.status, String(to_time)).toBe(status);
    }
  });

  test("may lie off the grid like the candles", async () => {
    const { tell, ended, daemon } = await startReplayDaemon();
    await daemon.app.store.commit({ series: SERIES, upsert: [100, 160, 220].map((time) => candleAt(time)) });
    const { job_id } = (await tell(ENSURE, { target_candles: 3 })).json as { job_id: string };
    expect((await ended(COVERAGE, job_id)).json).toMatchObject({ status: "done", candles_ready: 3, head_time: 220 });
  });
});

describe("from the exchange", () => {
  test("what is missing is fetched, stored and folded in", async () => {
    const { tell, ended, daemon, exchange } = await startAtNoon();
    const { job_id } = (await tell(ENSURE, { target_candles: 300, to_time: NOON_S - 60 })).json as { job_id: string };
    expect((await ended(COVERAGE, job_id)).json).toEqual({
      status: "done",
      job_id,
      candles_ready: 300,
      required_candles: 300,
      head_time: NOON_S - 60,
      error: null,
    });
    const times = timesOf(await candles(daemon.url, SERIES));
    expect([times[0], times.length]).toEqual([NOON_S - 300 * 60, 300]);
    expect(daemon.app.ledgers.reader.heads(SERIES)).toEqual({ factor: NOON_S - 60, overlay: NOON_S - 60 });
    expect(exchange.futures.journal.entries("attempt")).toEqual([]);
    expect((await tell("/api/replay/build", { window_candles: 300 })).json.status).toBe("building");
  });

  test("RS-R8 no ledger and no candle goes beyond what has closed, whatever time is asked for", async () => {
    const { tell, ended, daemon } = await startAtNoon();
    const { job_id } = (await tell(ENSURE, { target_candles: 10, to_time: NOON_S + 86_400 })).json as {
      job_id: string;
    };
    expect((await ended(COVERAGE, job_id)).json).toMatchObject({ status: "error", error: "coverage_missing" });
    expect(daemon.app.store.head(SERIES).lastTime).toBe(NOON_S - 60);
    expect(daemon.app.ledgers.reader.heads(SERIES)).toEqual({ factor: NOON_S - 60, overlay: NOON_S - 60 });
  });

  test("nothing is asked for when it is switched off, when all is there, or of a symbol that is not listed", async () => {
    const { tell, ended, asked } = await startAtNoon({ TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "0" });
    const off = (await tell(ENSURE, { target_candles: 3 })).json as { job_id: string };
    expect((await ended(COVERAGE, off.job_id)).json).toMatchObject({ status: "error", candles_ready: 0, head_time: 0 });
    expect(asked()).toBe(0);
    const on = await startAtNoon();
    await on.feed(NOON_S - 240, NOON_S - 60);
    const there = (await on.tell(ENSURE, { target_candles: 4 })).json as { job_id: string };
    expect((await on.ended(COVERAGE, there.job_id)).json.status).toBe("done");
    const unlisted = (await on.tell(ENSURE, { series_id: "binance:futures:NONE/USDT:1m" })).json as { job_id: string };
    expect((await on.ended(COVERAGE, unlisted.job_id)).json.error).toBe("coverage_missing");
    expect(on.asked()).toBe(0);
  });

  test("an exchange that does not answer is given up in time, and at once at a stop", async () => {
    // So that no request gives up by itself before.
    const { tell, ask, ended, exchange, clock, daemon, asked } = await startAtNoon({
      TRADE_CANVAS_CCXT_TIMEOUT_MS: "600000",
    });
    exchange.futures.faults.switchOn({ kind: "rest-slow", paths: ["/fapi/v1/klines"] });
    const { job_id } = (await tell(ENSURE, { target_candles: 3 })).json as { job_id: string };
    await untilTrue("the question", () => asked() === 1);
    await clock.advanceSettled(COVERAGE_LIMIT_MS - 1);
    expect((await ask(COVERAGE, { job_id })).json).toMatchObject({
      status: "building",
      candles_ready: 0,
      required_candles: 3,
      head_time: null,
    });
    await clock.advanceSettled(1);
    expect((await ended(COVERAGE, job_id)).json).toMatchObject({ status: "error", error: "coverage_missing" });
    await tell(ENSURE, { target_candles: 4 });
    await untilTrue("the next question", () => asked() === 2);
    await daemon.app.stop();
  });
});

describe("a ledger that fails", () => {
  const covered = async (pipelineV2: "0" | "1") => {
    const fault = { message: "boom" as string | undefined };
    const env = { TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: pipelineV2 };
    const replay = await startReplayDaemon(env, { parts: failingFactor(fault) });
    await replay.daemon.app.store.commit({ series: SERIES, upsert: [candleAt(60), candleAt(120)] });
    const { job_id } = (await replay.tell(ENSURE, { target_candles: 2 })).json as { job_id: string };
    return { fault, tell: replay.tell, ended: replay.ended, answer: (await replay.ended(COVERAGE, job_id)).json };
  };

  test("makes the job fail with the pipeline's text where the pipeline is on", async () => {
    const { answer, fault, tell, ended } = await covered("1");
    expect(answer).toMatchObject({
      status: "error",
      error: `ingest_pipeline_failed:factor.ingest_closed:${SERIES}:boom`,
      candles_ready: 0,
      head_time: null,
    });
    fault.message = undefined;
    const again = (await tell(ENSURE, { target_candles: 2 })).json as { status: string; job_id: string };
    expect(again.status).toBe("building");
    expect((await ended(COVERAGE, again.job_id)).json).toMatchObject({ status: "done", candles_ready: 2 });
  });

  test("is swallowed otherwise", async () => {
    expect((await covered("0")).answer).toMatchObject({
      status: "done",
      error: null,
      candles_ready: 2,
      head_time: 120,
    });
  });
});

test("a job that nobody has asked for is not found, nor is anything behind the closed gate", async () => {
  const { ask } = await startFilledDaemon();
  for (const job_id of [`coverage_${SERIES}:${LAST}:5`, "0123456789abcdef01234567", "x"]) {
    const { status, text } = await ask(COVERAGE, { job_id });
    expect([status, text]).toEqual([404, '{"detail":"not_found"}']);
  }
  const shut = await startFilledDaemon({ TRADE_CANVAS_ENABLE_REPLAY_ENSURE_COVERAGE: "0" });
  const answers = [await shut.tell(ENSURE, { target_candles: 5 }), await shut.ask(COVERAGE, { job_id: "x" })];
  for (const { status, text } of answers) expect([status, text]).toEqual([404, '{"detail":"not_found"}']);
  expect((await shut.tell("/api/replay/build", { window_candles: 5 })).status).toBe(200);
});

test("requests are checked member by member, and the series id last", async () => {
  const daemon = await startTestDaemon();
  const cases: readonly (readonly [object, string])[] = [
    [{}, "missing"],
    [{ series_id: "" }, "string_too_short"],
    [{ series_id: "x".repeat(201) }, "string_too_long"],
    [{ series_id: SERIES, target_candles: 0 }, "greater_than_equal"],
    [{ series_id: SERIES, target_candles: 5_001 }, "less_than_equal"],
    [{ series_id: SERIES, to_time: -1 }, "greater_than_equal"],
  ];
  for (const [body, type] of cases) expect(await problems(daemon, ENSURE, body)).toMatchObject([{ type }]);
  const { tell } = await startReplayDaemon();
  const unparsable = await tell(ENSURE, { series_id: "BTC" });
  expect([unparsable.status, unparsable.json.detail]).toEqual([
    400,
    "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'",
  ]);
});
