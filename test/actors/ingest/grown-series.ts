/** A series with ledgers that have grown, for tests of what runs do to them. */
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleSeries } from "../../support/candles.js";
import { type Engines, LedgerCheck } from "../../support/ledger-check.js";
import { LedgerHooks } from "../../support/ledger-hooks.js";
import { minute, SERIES, startSeries, type WorldOptions } from "../series/world.js";

const { batchPublished } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

export type SeriesWorld = Awaited<ReturnType<typeof startSeries>>;

/** A series with `count` candles, whose followers have heard all there is to hear of them. */
export async function grownSeries(count: number, options: WorldOptions = {}): Promise<SeriesWorld> {
  const world = await startSeries(options);
  await world.ingest(candleSeries(minute(0), count), batchPublished);
  await world.advance(1_000);
  world.published.contents.length = 0;
  world.store.commits.length = 0;
  return world;
}

/** Fails unless both ledgers are what the stored candles make them. @param change of the engines that tests use. */
export function expectHolds({ store }: SeriesWorld, change: Partial<Engines> = {}): void {
  const hooks = new LedgerHooks();
  const engines = { factor: hooks.factorEngine(), overlay: hooks.overlayEngine(), ...change };
  new LedgerCheck(store, parseSeriesId(SERIES), engines).everythingHolds();
}

/** The candle with a new high that nothing around it reaches. */
export const spiked = (candle: Candle): Candle => ({ ...candle, high: candle.high + 5_000 });

export async function reopened({ stop, store }: SeriesWorld, options: WorldOptions): Promise<SeriesWorld> {
  await stop();
  await store.close();
  return startSeries(options);
}
