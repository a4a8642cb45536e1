/** Finds what of a run is not stored like this already. */
import { type Candle, sameCandle } from "../../market/candle.js";
import type { StoreReader } from "../../storage/store.js";

/** Stored candles that are read at once to be compared, at most. */
const PAGE_CANDLES = 256;

/**
 * The first of ascending candles that is not stored, or with other values; undefined when all are stored like this. Reads
 * ahead as long as the stored candles are the ones that follow.
 */
export function firstChanged(store: StoreReader, series: string, candles: readonly Candle[]): Candle | undefined {
  const lastTime = candles.at(-1)?.time ?? 0;
  let size = 1;
  let page: readonly Candle[] = [];
  let at = 0;
  for (const candle of candles) {
    if (page[at]?.time !== candle.time) {
      size = at === page.length ? Math.min(2 * size, PAGE_CANDLES) : 1;
      page = store.readBetween(series, candle.time, lastTime, size).candles();
      at = 0;
    }
    const stored = page[at];
    if (stored === undefined || !sameCandle(stored, candle)) return candle;
    at += 1;
  }
  return undefined;
}
