import type { MarketRuntime } from "../../src/actors/market-runtime.js";
import { createSystemClock } from "../../src/clock/system-clock.js";
import type { Candle } from "../../src/market/candle.js";
import { planDerivedTimeframes } from "../../src/market/derived-timeframes.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";
import { recordedCandles } from "../../test/support/recorded.js";
import type { BenchmarkCase } from "../lib/case.js";
import { storeFolder } from "../lib/daemon.js";
import { startRuntime } from "../lib/live-runtime.js";
import { round } from "../lib/stats.js";

const TARGETS = ["5m", "15m", "1h", "4h", "1d"];
const DAY = 1_440;
/** Days until the machine code is what it stays, and days measured. */
const WARM_UP_DAYS = 1;
const DAYS = 3;

const ID = parseSeriesId("binance:futures:BTC/USDT:1m");
/** From the first midnight of the recording on: every day has the same buckets. */
const month = recordedCandles("BTCUSDT");
const candles = month.slice(month.findIndex(({ time }) => time % 86_400 === 0));

interface Side {
  readonly runtime: MarketRuntime;
  readonly store: Store;
  end(): Promise<void>;
}

async function side(derived: boolean): Promise<Side> {
  const folder = storeFolder();
  const clock = createSystemClock();
  const store = openLmdbStore(folder.path);
  const { timeframes } = planDerivedTimeframes("1m", derived ? TARGETS : []);
  const [closed, forming] = candles.slice(0, 2) as [Candle, Candle];
  const links = timeframes && { timeframes, firstCandles: 2_000 };
  const runtime = await startRuntime(store, clock, { closed, forming }, links);
  const end = async (): Promise<void> => {
    await runtime.stop();
    await store.close();
    folder.remove();
  };
  return { runtime, store, end };
}

/** Microseconds of computing per base candle, for one day of them as they come from a stream. */
async function day({ runtime }: Side, nth: number): Promise<number> {
  const began = process.cpuUsage();
  for (const candle of candles.slice(nth * DAY, (nth + 1) * DAY)) {
    await runtime.ingest(ID, [candle], runtime.policies.stream);
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / DAY;
}

export const derivedTimeframes: BenchmarkCase = {
  name: "derived-timeframes",
  measures: `the pipeline of a base candle alone, and with its fan-out to ${TARGETS.join(", ")}; ${DAYS} recorded days, one by one`,
  run: async () => {
    const [alone, both] = [await side(false), await side(true)];
    let [base, all] = [0, 0];
    for (let nth = 0; nth < WARM_UP_DAYS + DAYS; nth += 1) {
      // Whichever comes second finds another heap: they take turns.
      const first = nth % 2 === 0 ? await day(alone, nth) : undefined;
      const withDerived = await day(both, nth);
      const withoutDerived = first ?? (await day(alone, nth));
      if (nth < WARM_UP_DAYS) continue;
      base += withoutDerived / DAYS;
      all += withDerived / DAYS;
    }
    const made = TARGETS.map((text) => both.store.head(ID.text.replace(/1m$/, text)).count);
    await alone.end();
    await both.end();
    return {
      base_us_per_candle: round(base),
      fan_out_us_per_candle: round(all - base),
      fan_out_by_base: round((all - base) / base),
      derived_candles: made.reduce((sum, count) => sum + count, 0),
    };
  },
};
