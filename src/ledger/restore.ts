/** Folds brought back from the store: the state before a block, from which any later candle of it can be reached. */
import type { CloseSource } from "../factors/close-history.js";
import type { FactorCheckpoint, FactorEngine, FactorFold } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { OverlayEngine, Picture, PictureCheckpoint } from "../overlays/engine.js";
import type { StoreReader } from "../storage/store.js";
import { reading } from "./damage.js";

/** What a fold is brought back from. */
export type FoldSource = Pick<StoreReader, "checkpoint" | "read" | "readBefore">;

/** Reads the closes of stored candles. */
export function storedCloses(store: FoldSource, series: string): CloseSource {
  return (firstTime, count) => store.read(series, { since: firstTime - 1, limit: count }).closeColumns();
}

/** The factor fold as it was before the block that begins at `blockTimeS`. @throws LedgerDamage */
export function factorBefore(
  store: FoldSource,
  engine: FactorEngine,
  id: SeriesId,
  blockTimeS: number,
  closes = storedCloses(store, id.text),
): FactorFold {
  const text = store.checkpoint(id.text, "factor", blockTimeS);
  if (text === undefined) return engine.begin(id.timeframeSeconds, closes);
  const recent = store.readBefore(id.text, blockTimeS, engine.recentCandles).candles();
  return reading("factor", `the checkpoint at ${blockTimeS}`, () =>
    engine.restore(id.timeframeSeconds, closes, JSON.parse(text) as FactorCheckpoint, recent),
  );
}

/**
 * The picture as it was before the block.
 * @param lastVersion versions go on behind this one.
 * @throws LedgerDamage
 */
export function pictureBefore(
  store: FoldSource,
  engine: OverlayEngine,
  id: SeriesId,
  blockTimeS: number,
  lastVersion = 0,
): Picture {
  const text = store.checkpoint(id.text, "overlay", blockTimeS);
  if (text === undefined) return engine.begin(id.timeframeSeconds, lastVersion);
  return reading("overlay", `the checkpoint at ${blockTimeS}`, () =>
    engine.restore(id.timeframeSeconds, JSON.parse(text) as PictureCheckpoint, lastVersion),
  );
}
