/** What is stored otherwise than the exchange says now. Spec: binance-protocol F05, F06, F09. */
import { describe, expect, test } from "vitest";
import { type CorrectionOptions, correct, differing } from "../../../src/actors/ingest/corrections.js";
import type { Candle } from "../../../src/market/candle.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, RecordingLog, SERIES } from "../series/world.js";
import { grownSeries, spiked } from "./grown-series.js";

const other = (n: number): Candle => ({ ...candleAt(minute(n)), volume: 1 });

describe("a comparison", () => {
  test("finds what is stored with other values, and nothing in what is stored as it is or not at all", async () => {
    const { store } = await grownSeries(5);
    const offered = [candleAt(minute(1)), other(2), candleAt(minute(3)), other(9)];
    expect(differing(store, SERIES, offered)).toEqual([{ old: candleAt(minute(2)), now: other(2) }]);
  });

  test("sees a difference in each value", async () => {
    const { store } = await grownSeries(5);
    for (const value of ["open", "high", "low", "close", "volume"] as const) {
      const changed = { ...candleAt(minute(1)), [value]: 0.125 };
      expect(differing(store, SERIES, [changed]), value).toHaveLength(1);
    }
  });
});

describe("a correction", () => {
  async function correcting(write?: CorrectionOptions["write"]) {
    const { store, metrics } = await grownSeries(5);
    const log = new RecordingLog();
    const written: (readonly Candle[])[] = [];
    const note = async (candles: readonly Candle[]): Promise<void> => void written.push(candles);
    const options = { series: SERIES, store, log, metrics, write: write ?? note };
    const count = () => metrics.snapshot().counters["market_candles_corrected_total{source=verify}"];
    return { options, log, written, count };
  }

  test("writes what differs in one go, and tells the old and the new values of each", async () => {
    const { options, log, written, count } = await correcting();
    const offered = [candleAt(minute(0)), other(1), other(2)];
    expect(await correct(offered, "verify", options)).toBe(2);
    expect(written).toEqual([[other(1), other(2)]]);
    expect(log.of("candle.corrected")).toHaveLength(2);
    expect(log.of("candle.corrected")[0]?.fields).toMatchObject({
      candle_time: minute(1),
      source: "verify",
      old: { candle_time: minute(1), volume: minute(1) / 60 },
      new: { candle_time: minute(1), volume: 1 },
    });
    expect(count()).toBe(2);
  });

  test("of nothing writes nothing", async () => {
    const { options, log, written } = await correcting();
    expect(await correct(candleSeries(minute(0), 5), "verify", options)).toBe(0);
    expect([written, log.lines]).toEqual([[], []]);
  });

  test("that cannot be written counts as none", async () => {
    const { options, log, count } = await correcting(async () => boom());
    await expect(correct([other(1)], "verify", options)).rejects.toThrow("boom");
    expect([log.lines, count()]).toEqual([[], undefined]);
  });
});

test("F09 a corrected candle is folded again: a rebuild is told if that changes what was said, and no candle is", async () => {
  const { tree, store, published, heads } = await grownSeries(100);
  const before = published.closedTimes().length;
  expect(await (await tree()).verify([{ ...candleAt(minute(50)), volume: 1 }])).toBe(1);
  expect(published.rebuilds()).toBe(0);
  const spike = spiked(candleAt(minute(50)));
  expect(await (await tree()).verify([spike])).toBe(1);
  expect(store.readBetween(SERIES, spike.time, spike.time).candles()).toEqual([spike]);
  expect(published.rebuilds()).toBe(1);
  expect(published.closedTimes()).toHaveLength(before);
  expect(heads().factor).toBe(minute(99));
});

test("a comparison whose correction cannot be written is answered so, and costs the series nothing", async () => {
  const { tree, store, ingestCrashes } = await grownSeries(5);
  store.before = boom;
  await expect((await tree()).verify([other(1)])).rejects.toMatchObject({ name: "PipelineError" });
  store.before = () => undefined;
  expect(await (await tree()).verify([other(1)])).toBe(1);
  expect(ingestCrashes).toEqual([]);
});
