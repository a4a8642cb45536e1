/** The ledgers of one series on a store of their own, committed run by run, without actors. */
import { onTestFinished } from "vitest";
import { DamageNotes } from "../../src/ledger/damage.js";
import { FactorLedger, type FactorLedgerOptions, type FactorRun } from "../../src/ledger/factor-ledger.js";
import { OverlayLedger, type OverlayRun } from "../../src/ledger/overlay-ledger.js";
import type { Candle } from "../../src/market/candle.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";
import { RecordingLog } from "../actors/series/world.js";
import { LedgerCheck } from "../support/ledger-check.js";
import { LedgerHooks } from "../support/ledger-hooks.js";
import { seededWalk } from "../support/random-series.js";
import { tempFolder } from "../support/temp.js";

export const ID = parseSeriesId("binance:futures:BTC/USDT:1m");
export const SERIES = ID.text;

/** A walk that has something of every kind in each of its blocks. */
export const walk = (count: number): Candle[] => seededWalk({ seed: 5, count, start: 1_700_000_040 });

/** The candle with a new high that nothing around it reaches. */
export const spiked = (candle: Candle): Candle => ({ ...candle, high: candle.high + 50, close: candle.high + 49 });

export interface LedgerWorldOptions extends Partial<Omit<FactorLedgerOptions, "id" | "store" | "engine">> {
  readonly store?: Store;
  readonly windowCandles?: number;
  readonly logicVersion?: string;
}

export type LedgerWorld = ReturnType<typeof ledgerWorld>;

export function ledgerWorld({
  store = ownStore(),
  windowCandles,
  logicVersion = "test",
  ...change
}: LedgerWorldOptions = {}) {
  const hooks = new LedgerHooks();
  const engines = {
    factor: hooks.factorEngine({ logicVersion, pivotWindowMajor: 5 }),
    overlay: hooks.overlayEngine(windowCandles),
  };
  const log = new RecordingLog();
  const settings = {
    damage: new DamageNotes(log),
    rebuildOnNewFingerprint: true,
    rebuildKeepCandles: 100_000,
    ...change,
  };
  const factor = new FactorLedger({ id: ID, store, engine: engines.factor, ...settings });
  const overlay = new OverlayLedger({
    id: ID,
    store,
    engine: engines.overlay,
    factors: engines.factor,
    damage: settings.damage,
    limits: change.limits,
  });
  const fold = (candles: readonly Candle[], changedFrom?: number) => exhausted(factor.fold(candles, changedFrom));
  const draw = (run: Pick<FactorRun, "frames" | "restart">) => exhausted(overlay.draw(run));
  /** Makes a run of both ledgers and commits it. */
  const run = async (candles: readonly Candle[], changedFrom?: number): Promise<FactorRun & { drawn: OverlayRun }> => {
    const folded = fold(candles, changedFrom).value;
    const drawn = draw(folded).value;
    // A cut goes through both.
    const overlayChange = folded.change?.type === "cut" ? folded.change : drawn.change;
    const ledgers = {
      ...(folded.change === undefined ? {} : { factor: folded.change }),
      ...(overlayChange === undefined ? {} : { overlay: overlayChange }),
    };
    await store.commit({ series: SERIES, upsert: candles, ledgers });
    factor.settle("committed");
    overlay.settle(overlayChange === drawn.change ? "committed" : "discarded");
    return { ...folded, drawn };
  };
  /** Stores candles that the ledgers do not get to see. */
  const storeOnly = (candles: readonly Candle[]) => store.commit({ series: SERIES, upsert: candles });
  const stored = () => store.read(SERIES, { limit: 100_000 }).candles();
  const expectHolds = (): void => new LedgerCheck(store, ID, engines).everythingHolds();
  return { store, log, hooks, engines, factor, overlay, fold, draw, run, storeOnly, stored, expectHolds };
}

function ownStore(): Store {
  const store = openLmdbStore(tempFolder());
  onTestFinished(() => store.close());
  return store;
}

/** Runs a piece of work to its end, and counts how often it would have given way. */
function exhausted<T>(work: Generator<void, T>): { readonly value: T; readonly pauses: number } {
  let pauses = 0;
  for (;;) {
    const step = work.next();
    if (step.done === true) return { value: step.value, pauses };
    pauses += 1;
  }
}
