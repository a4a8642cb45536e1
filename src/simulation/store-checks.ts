/** Checks of what is on disk after a run: candles against the exchange's truth, ledgers against the candles. */
import { createEngines } from "../engines.js";
import { auditSeries } from "../ledger/audit.js";
import { parseSeriesId } from "../market/series-id.js";
import { KeyedStore } from "../storage/keyed-store.js";
import { openMemoryEnv } from "../storage/memory-env.js";
import type { Store, StoreReader } from "../storage/store.js";
import type { Failure } from "./checks.js";
import { SeriesTruth, timesText } from "./truth.js";
import type { World } from "./world.js";

/** More candles than any run stores. */
export const ALL_CANDLES = 1_000_000;

/** The store as the next process would find it. */
export function storeOnDisk({ disk }: World): Store {
  return new KeyedStore(openMemoryEnv({ disk, nextTurn: () => undefined, flush: () => undefined }));
}

export function checkStore(world: World): readonly Failure[] {
  const store = storeOnDisk(world);
  return world.plan.series.flatMap((series) => {
    const truth = new SeriesTruth(world, series);
    return [...invented(store, truth), ...missing(world, store, truth)];
  });
}

function invented(store: StoreReader, truth: SeriesTruth): readonly Failure[] {
  const { id } = truth.series;
  const wrong = store
    .read(id, { limit: ALL_CANDLES })
    .candles()
    .filter((candle) => !truth.knows(candle));
  const [first] = wrong;
  if (first === undefined) return [];
  const times = timesText(wrong.map(({ time }) => time));
  const message = `${id} stores what the exchange never had: ${times}; the first is ${JSON.stringify(first)}`;
  return [{ check: "nothing_invented", message }];
}

function missing(world: World, store: StoreReader, truth: SeriesTruth): readonly Failure[] {
  const { id } = truth.series;
  if (truth.isDelisted) return [];
  const stored = store.read(id, { limit: ALL_CANDLES }).candles();
  const first = stored[0]?.time;
  const to = truth.isFollowed ? truth.dueTime : (stored.at(-1)?.time ?? 0);
  if (first === undefined) {
    const due = truth.isFollowed
      ? truth.times(Math.floor((world.plan.startMs + world.plan.troubledMs) / 1000), to)
      : [];
    if (due.length < 2) return [];
    return [
      { check: "store_complete", message: `${id} stores nothing, although ${timesText(due)} closed in the calm` },
    ];
  }
  const times = new Set(stored.map(({ time }) => time));
  const absent = truth.times(Math.min(first, wantedFrom(world, truth)), to).filter((time) => !times.has(time));
  if (absent.length === 0) return [];
  return [
    {
      check: "store_complete",
      message: `${id} lacks ${timesText(absent)}; it stores ${first} to ${stored.at(-1)?.time}`,
    },
  ];
}

/** First candle, in seconds, that the history of a pinned series has to begin with. */
function wantedFrom({ settings, plan }: World, { series }: SeriesTruth): number {
  if (!series.pinned || !settings.enableStartupKlineSync) return Number.POSITIVE_INFINITY;
  const startS = Math.floor(plan.startMs / 1000);
  // One candle less than asked for: the clocks of exchange and daemon may be on two sides of a close.
  return startS - (settings.startupKlineSyncTargetCandles - 2) * series.timeframeS;
}

export function checkLedgers(world: World): readonly Failure[] {
  const store = storeOnDisk(world);
  const { factors, overlays } = createEngines(world.settings);
  return world.plan.series.flatMap(({ id }) => {
    const audit = auditSeries({ store, factors, overlays }, parseSeriesId(id));
    return (["factor", "overlay"] as const).flatMap((ledger): readonly Failure[] => {
      const verdict = audit[ledger];
      if (verdict.type === "same" || verdict.type === "absent") return behind(world, store, id, ledger);
      return [{ check: "ledgers_are_folds", message: `${id} ${ledger}: ${JSON.stringify(verdict)}` }];
    });
  });
}

/** A ledger that is switched on has come as far as the candles. */
function behind(world: World, store: StoreReader, id: string, ledger: "factor" | "overlay"): readonly Failure[] {
  const { settings, plan } = world;
  const isOn = settings.enableFactorIngest && (ledger === "factor" || settings.enableOverlayIngest);
  const followed = plan.series.some((series) => series.id === id && new SeriesTruth(world, series).isFollowed);
  const newest = store.head(id).lastTime;
  const folded = store.ledger(id, ledger).head?.time ?? null;
  if (!isOn || !followed || folded === newest) return [];
  return [{ check: "ledgers_are_folds", message: `${id} ${ledger} has come to ${folded} of ${newest}` }];
}
