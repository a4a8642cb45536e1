import type { MarketRuntime } from "../../src/actors/market-runtime.js";
import { type Clock, nextTurn } from "../../src/clock/clock.js";
import { createSystemClock } from "../../src/clock/system-clock.js";
import type { Candle } from "../../src/market/candle.js";
import { parseSeriesId, type SeriesId } from "../../src/market/series-id.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";
import { recordedCandles } from "../../test/support/recorded.js";
import type { BenchmarkCase } from "../lib/case.js";
import { storeFolder } from "../lib/daemon.js";
import { startRuntime } from "../lib/live-runtime.js";
import { heldBytes, ownResidentBytes } from "../lib/memory.js";
import { round } from "../lib/stats.js";

const FEW = 4;
const ALL = 24;

/** Candles of each series before it is followed: enough for sr to hold all the pivots it ever does. */
const GROWN = 40_000;
const PAGE = 2_048;

/** The exchange's time when series are followed: long enough after a close for it to be told of. Milliseconds. */
const AFTER_CLOSE_MS = 20_000;

const month = recordedCandles("BTCUSDT");
const grown = month.slice(0, GROWN);
const [lastGrown, closed, forming] = month.slice(GROWN - 1, GROWN + 2) as [Candle, Candle, Candle];
const ids = Array.from({ length: ALL }, (_, index) => parseSeriesId(`binance:futures:S${index}/USDT:1m`));

interface World {
  readonly store: Store;
  readonly clock: Clock;
}

/** A runtime on the store, which is stopped afterwards. */
async function withRuntime<T>({ store, clock }: World, work: (runtime: MarketRuntime) => Promise<T>): Promise<T> {
  const runtime = await startRuntime(store, clock, { closed, forming });
  const result = await work(runtime);
  await runtime.stop();
  return result;
}

async function grow(runtime: MarketRuntime): Promise<void> {
  for (const id of ids) {
    for (let from = 0; from < GROWN; from += PAGE) {
      await runtime.ingest(id, grown.slice(from, from + PAGE), runtime.policies.batchSilent);
    }
  }
}

/** Follows series as clients do, until the candle that closed meanwhile and the forming one have reached them. */
async function follow(runtime: MarketRuntime, { clock }: World, series: readonly SeriesId[]): Promise<void> {
  const missing = new Set(series.flatMap(({ text }) => [`candle_closed ${text}`, `candle_forming ${text}`]));
  const subscriber = {
    send: (frame: { readonly kind: string; readonly series: string }) =>
      missing.delete(`${frame.kind} ${frame.series}`),
    room: async () => true,
    failed: (error: unknown) => Promise.reject(error),
  };
  for (const id of series) {
    const subscription = await runtime.subscribe({
      id,
      since: lastGrown.time,
      batches: false,
      gaps: false,
      subscriber,
    });
    await subscription.catchUp();
    runtime.hold(id.text);
  }
  while (missing.size > 0) await nextTurn(clock);
}

interface Memory {
  readonly held: number;
  readonly resident: number;
}

/** What one more followed series takes, in kilobytes. */
function perSeries(world: World): Promise<Memory> {
  return withRuntime(world, async (runtime) => {
    const now = async (): Promise<Memory> => ({ held: await heldBytes(), resident: ownResidentBytes() });
    await follow(runtime, world, ids.slice(0, FEW));
    const few = await now();
    await follow(runtime, world, ids.slice(FEW));
    const all = await now();
    const slope = (of: keyof Memory): number => round((all[of] - few[of]) / (ALL - FEW) / 1024);
    return { held: slope("held"), resident: slope("resident") };
  });
}

/**
 * Actors, ledgers, feed, breaker and one subscription of a series that was opened from the store and has gone live. The
 * first runtime leaves behind what all series share: caches of bounded size, and compiled code. The second shows what a
 * series holds; its resident memory is that of the first, with those caches and the room that a heap keeps for garbage.
 */
export const liveSeries: BenchmarkCase = {
  name: "live-series",
  measures: `memory of a live series with ledgers of ${GROWN} recorded candles, ${ALL} of them against ${FEW}`,
  run: async () => {
    const folder = storeFolder();
    const scale = { virtualMs: forming.time * 1000 + AFTER_CLOSE_MS, realMs: Date.now(), speed: 1 };
    const world = { store: openLmdbStore(folder.path), clock: createSystemClock(scale) };
    await withRuntime(world, grow);
    const first = await perSeries(world);
    const second = await perSeries(world);
    await world.store.close();
    folder.remove();
    return { held_kb_per_series: second.held, resident_kb_per_series_with_caches: first.resident };
  },
};
