/** Vectors: ingest §6.2, §6.5. */
import { describe, expect, test } from "vitest";
import { ProgressBoard } from "../../../src/actors/feed/progress-board.js";
import { ensureTailCoverage, type TailCoverageOptions } from "../../../src/actors/feed/tail-coverage.js";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import type { SlotRange } from "../../../src/market/slots.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, startSeries } from "../series/world.js";

const { backfill } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const of = (timeframe: string) => parseSeriesId(`binance:futures:BTC/USDT:${timeframe}`);

/** @param nowS time of the clock in Unix seconds. */
async function at(nowS: number, change: Partial<TailCoverageOptions> = {}) {
  const world = await startSeries({ startMs: nowS * 1000 });
  const { store, clock, log, ingest } = world;
  const progress = new ProgressBoard({ clock, log });
  const asked: SlotRange[] = [];
  const source = { candles: [] as readonly Candle[] };
  const keep = async (candles: readonly Candle[], timeframe: string) => {
    await ingest(candles, backfill, of(timeframe).text);
  };
  const options: TailCoverageOptions = {
    store,
    clock,
    log,
    progress,
    closedOnly: false,
    rest: true,
    restOnRead: true,
    fill: (series, candles) => keep(candles, series.timeframe),
    fetchRange: async (series, range) => {
      asked.push(range);
      if (source.candles.length > 0) await keep(source.candles, series.timeframe);
    },
    ...change,
  };
  const cover = (timeframe: string, target: number, toS?: number) =>
    ensureTailCoverage(options, of(timeframe), target, toS);
  const view = (timeframe: string) => progress.of(of(timeframe).text);
  return { ...world, cover, keep, asked, source, view, progress };
}

describe("the vectors of the contract", () => {
  test("1h, stored 0, clock 3661, target 2: the exchange is asked for 0 to 3600", async () => {
    const { cover, keep, asked } = await at(3_661);
    await keep([candleAt(0)], "1h");
    await cover("1h", 2);
    expect(asked).toEqual([{ fromS: 0, toS: 3_600 }]);
  });

  test("the same at 7201 with closed candles only: 0 to 3600", async () => {
    const { cover, keep, asked } = await at(7_201, { closedOnly: true });
    await keep([candleAt(0)], "1h");
    await cover("1h", 2);
    expect(asked).toEqual([{ fromS: 0, toS: 3_600 }]);
  });

  test("with REST, but not on reads, nothing is asked and 1 is covered", async () => {
    const { cover, keep, asked } = await at(3_661, { restOnRead: false });
    await keep([candleAt(0)], "1h");
    expect(await cover("1h", 2)).toEqual({ covered: 1, errors: [] });
    expect(asked).toEqual([]);
  });

  test("1m from 3600 to 4140, 5m wanted, target 3 to 4200: 3600 and 3900 are stored, 2 are covered", async () => {
    const { cover, keep, stored } = await at(10_000, { rest: false });
    await keep(candleSeries(3_600, 10), "1m");
    expect(await cover("5m", 3, 4_200)).toEqual({ covered: 2, errors: [] });
    expect(stored(of("5m").text)).toEqual([3_600, 3_900]);
  });
});

describe("steps in order", () => {
  test("what minutes make whole is not asked for, and its last bucket is among it", async () => {
    const { cover, keep, asked, stored } = await at(10_000);
    await keep(candleSeries(3_600, 15), "1m");
    expect(await cover("5m", 3, 4_200)).toEqual({ covered: 3, errors: [] });
    expect([asked, stored(of("5m").text)]).toEqual([[], [3_600, 3_900, 4_200]]);
  });

  test("RS-H7 a stored candle is better than one put together", async () => {
    const { cover, keep, store } = await at(10_000, { rest: false });
    await keep(candleSeries(3_600, 10), "1m");
    await keep([candleAt(3_900, 777)], "5m");
    await cover("5m", 3, 4_200);
    expect(store.read(of("5m").text, { limit: 9 }).candles()[1]).toEqual(candleAt(3_900, 777));
  });

  test("timeframes over 15 minutes are not rolled up, nor the minutes themselves", async () => {
    const { cover, keep, stored } = await at(100_000, { rest: false });
    await keep(candleSeries(3_600, 60), "1m");
    await cover("30m", 2, 5_400);
    await cover("1m", 100, 7_200);
    expect([stored(of("30m").text), stored()]).toEqual([[], candleSeries(3_600, 60).map(({ time }) => time)]);
  });

  test("nothing is done for a target of 0, and an end that is given is asked for without leave for reads", async () => {
    const { cover, asked, view } = await at(7_200, { restOnRead: false });
    expect(await cover("1h", 0)).toEqual({ covered: 0, errors: [] });
    expect([asked, view("1h")]).toEqual([[], undefined]);
    await cover("1h", 2, 3_600);
    expect(asked).toEqual([{ fromS: 0, toS: 3_600 }]);
  });
});

describe("progress", () => {
  test("done, when the head has come to the end", async () => {
    const { cover, keep, source, view } = await at(7_201, { closedOnly: true });
    await keep([candleAt(0)], "1h");
    source.candles = [candleAt(3_600)];
    expect(await cover("1h", 2)).toEqual({ covered: 2, errors: [] });
    expect(view("1h")).toMatchObject({
      state: "succeeded",
      reason: "tail_coverage",
      note: "tail_coverage_done",
      start: { seconds: 3_600, candles: 1 },
      current: { seconds: 0, candles: 0 },
    });
  });

  test("partial, when it has not and nothing went wrong; from nothing all of the time is missing", async () => {
    const { cover, view } = await at(7_201, { closedOnly: true });
    await cover("1h", 2);
    expect(view("1h")).toMatchObject({
      state: "succeeded",
      note: "tail_coverage_partial",
      start: { seconds: 3_600, candles: 1 },
      current: { seconds: 3_600, candles: 1 },
    });
  });

  test("failed, with what went wrong in the order of the steps, by its prefix", async () => {
    const { cover, keep, view, log } = await at(10_000, { fetchRange: () => boom(), fill: () => boom() });
    await keep(candleSeries(3_600, 10), "1m");
    const { covered, errors } = await cover("5m", 3, 4_200);
    expect([covered, errors]).toEqual([0, ["base_rollup_backfill_failed:boom", "ccxt_backfill_failed:boom"]]);
    expect(view("5m")).toMatchObject({
      state: "failed",
      note: "tail_coverage_best_effort_failed",
      error: "base_rollup_backfill_failed:boom;ccxt_backfill_failed:boom",
    });
    expect(log.of("tail_coverage.failed")).toHaveLength(1);
  });

  test("three errors are told, of a store that cannot count as well", async () => {
    const failing = { fetchRange: () => boom(), fill: () => boom() };
    const { cover, keep, view, store } = await at(10_000, failing);
    await keep(candleSeries(3_600, 10), "1m");
    store.count = () => boom();
    const { errors } = await cover("5m", 3, 4_200);
    expect(errors).toEqual([
      "count_after_tail_failed:boom",
      "base_rollup_backfill_failed:boom",
      "count_after_tail_failed:boom",
      "ccxt_backfill_failed:boom",
      "count_covered_failed:boom",
    ]);
    expect(view("5m")).toMatchObject({ error: errors.slice(0, 3).join(";") });
  });

  test("a series whose head is at the end is not tracked, and what else is under way for it is left alone", async () => {
    const { cover, keep, view, progress } = await at(7_201, { closedOnly: true });
    await keep([candleAt(3_600)], "1h");
    await cover("1h", 2);
    expect(view("1h")).toBeUndefined();
    progress.begin(of("1h").text, "backfill", { seconds: 3_600, candles: 1 });
    await cover("1h", 2);
    expect(view("1h")).toMatchObject({ state: "running", reason: "backfill" });
  });
});
