import { expect, test } from "vitest";
import {
  COOLDOWN_AFTER_FAILURE_MS,
  COOLDOWN_MS,
  MAX_COVERAGES,
  ReadCoverage,
  type ReadCoverageOptions,
} from "../../../src/actors/feed/read-coverage.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { openable, RecordingLog } from "../series/world.js";

const series = (name: string) => parseSeriesId(`binance:futures:${name}/USDT:1m`);
const BTC = series("BTC");
const START_MS = 1_746_403_230_000;

function coverage(change: Partial<ReadCoverageOptions> = {}) {
  const clock = new SimulatedClock(START_MS);
  const log = new RecordingLog();
  const asked: { readonly series: string; readonly target: number }[] = [];
  const outcome = { errors: [] as string[], wait: Promise.resolve() };
  const reads = new ReadCoverage({
    clock,
    log,
    isKnown: () => true,
    cover: async ({ text }, target) => {
      asked.push({ series: text, target });
      await outcome.wait;
      return { covered: 0, errors: outcome.errors };
    },
    maxCandles: undefined,
    ...change,
  });
  const advance = (ms: number) => clock.advanceSettled(ms);
  return { reads, clock, log, asked, outcome, advance };
}

test("a read has as many candles covered as it reads, at most the maximum", async () => {
  const { reads, asked, advance } = coverage();
  reads.read(BTC, 500);
  await advance(0);
  expect(asked).toEqual([{ series: BTC.text, target: 500 }]);
  const limited = coverage({ maxCandles: 100 });
  limited.reads.read(BTC, 500);
  limited.reads.read(series("ETH"), 20);
  expect(limited.asked.map(({ target }) => target)).toEqual([100, 20]);
});

test("readers of one series share a coverage, however long it takes; those of another have their own", async () => {
  const { reads, asked, outcome, advance } = coverage();
  const gate = openable();
  outcome.wait = gate.promise;
  reads.read(BTC, 500);
  await advance(60_000);
  reads.read(BTC, 5_000);
  reads.read(series("ETH"), 5);
  expect(asked.map((one) => one.series)).toEqual([BTC.text, series("ETH").text]);
  gate.open();
});

test("not again within the cooldown, nor before another candle can have closed, unless more is wanted", async () => {
  const { reads, asked, advance } = coverage();
  reads.read(BTC, 500);
  await advance(COOLDOWN_MS - 1);
  reads.read(BTC, 900);
  expect(asked).toHaveLength(1);
  await advance(1);
  reads.read(BTC, 500);
  expect(asked).toHaveLength(1);
  reads.read(BTC, 900);
  expect(asked).toHaveLength(2);
  await advance(40_000);
  reads.read(BTC, 500);
  expect(asked).toHaveLength(3);
});

test("after a failure not again for longer, then in the same minute too", async () => {
  const { reads, asked, outcome, advance } = coverage();
  outcome.errors = ["ccxt_backfill_failed:boom"];
  reads.read(BTC, 500);
  await advance(COOLDOWN_AFTER_FAILURE_MS - 1);
  reads.read(BTC, 500);
  expect(asked).toHaveLength(1);
  await advance(1);
  reads.read(BTC, 500);
  expect(asked).toHaveLength(2);
});

test("a coverage that rejects harms no reader, and counts as failed", async () => {
  const { reads, log, advance } = coverage({ cover: () => Promise.reject(new Error("boom")) });
  reads.read(BTC, 500);
  await advance(0);
  expect(log.of("tail_coverage.failed")).toMatchObject([{ fields: { series_id: BTC.text, error: "boom" } }]);
});

test("only so many run at once, and none for what cannot be known", async () => {
  const { reads, asked, outcome } = coverage();
  outcome.wait = openable().promise;
  for (let index = 0; index <= MAX_COVERAGES; index += 1) reads.read(series(`S${index}`), 5);
  expect(asked).toHaveLength(MAX_COVERAGES);
  const unknown = coverage({ isKnown: () => false });
  unknown.reads.read(BTC, 500);
  expect(unknown.asked).toEqual([]);
});

test("a stop waits for what is under way and begins nothing more", async () => {
  const { reads, asked, outcome, advance } = coverage();
  const gate = openable();
  outcome.wait = gate.promise;
  reads.read(BTC, 500);
  let stopped = false;
  const stopping = reads.stop().then(() => {
    stopped = true;
  });
  reads.read(series("ETH"), 500);
  await advance(0);
  expect([stopped, asked.length]).toEqual([false, 1]);
  gate.open();
  await stopping;
});
