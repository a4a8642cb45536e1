import { expect, test } from "vitest";
import {
  MAX_SCANS,
  SCAN_SLICE_CANDLES,
  SeriesHealthReader,
  TooManyScansError,
} from "../../src/ledger/series-health.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

const MINUTES = parseSeriesId("binance:spot:BTC/USDT:1m");
const QUERY = { maxRecentGaps: 5, recentBaseBuckets: 8 };

/** A store of times, and how many of them were read in each turn. */
function world(stored: Readonly<Record<string, readonly number[]>>) {
  const clock = new SimulatedClock(0);
  const reads: number[] = [];
  const store = {
    head: (series: string) => {
      const times = stored[series] ?? [];
      return { revision: 1, count: times.length, firstTime: times[0] ?? null, lastTime: times.at(-1) ?? null };
    },
    candleTimes: (series: string, afterS: number, limit: number) => {
      const times = (stored[series] ?? []).filter((time) => time > afterS).slice(0, limit);
      reads.push(times.length);
      return Float64Array.from(times);
    },
  };
  const reader = new SeriesHealthReader(store, clock);
  return { clock, reads, reader };
}

test("a long series is looked through whole, one slice in a turn", async () => {
  const count = SCAN_SLICE_CANDLES * 2 + 10;
  const times = Array.from({ length: count }, (_, index) => (index < SCAN_SLICE_CANDLES ? index : index + 5) * 60);
  const { clock, reads, reader } = world({ [MINUTES.text]: times });
  const reading = reader.read(MINUTES, QUERY);
  await clock.advanceSettled(0);
  const health = await reading;
  expect(reads).toEqual([SCAN_SLICE_CANDLES, SCAN_SLICE_CANDLES, 10]);
  expect(health).toMatchObject({ candles: count, gaps: 1, longestS: 360, buckets: [] });
});

test("between two slices others have their turn", async () => {
  const times = Array.from({ length: SCAN_SLICE_CANDLES + 1 }, (_, index) => index * 60);
  const { clock, reads, reader } = world({ [MINUTES.text]: times });
  const reading = reader.read(MINUTES, QUERY);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  expect(reads).toEqual([SCAN_SLICE_CANDLES]);
  await clock.advanceSettled(0);
  expect((await reading).candles).toBe(times.length);
});

test("only so many series at once, and room again when one is done, well or not", async () => {
  const times = Array.from({ length: SCAN_SLICE_CANDLES + 1 }, (_, index) => index * 60);
  const { clock, reader } = world({ [MINUTES.text]: times });
  const readings = Array.from({ length: MAX_SCANS }, () => reader.read(MINUTES, QUERY));
  await expect(reader.read(MINUTES, QUERY)).rejects.toThrow(TooManyScansError);
  await clock.advanceSettled(0);
  await Promise.all(readings);
  const damaged = new SeriesHealthReader(
    {
      head: () => ({ revision: 1, count: 1, firstTime: 0, lastTime: 0 }),
      candleTimes: () => {
        throw new Error("store_damaged");
      },
    },
    clock,
  );
  for (let round = 0; round <= MAX_SCANS; round += 1) {
    await expect(damaged.read(MINUTES, QUERY)).rejects.toThrow("store_damaged");
  }
});
