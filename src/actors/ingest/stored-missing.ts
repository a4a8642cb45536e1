/** Looks in the store for what is missing in a range. */
import { type Clock, nextTurn } from "../../clock/clock.js";
import { missingRanges, type TimeRange } from "../../market/gap-ranges.js";
import type { SeriesId } from "../../market/series-id.js";
import type { StoreReader } from "../../storage/store.js";

/** Candles that are read in one turn of the event loop. */
const PAGE_CANDLES = 1_000;

export interface StoredSeries {
  readonly store: Pick<StoreReader, "readBetween">;
  readonly clock: Clock;
  readonly series: SeriesId;
}

/** The parts of a range in which no candle is stored. */
export async function storedMissing(
  { store, clock, series }: StoredSeries,
  range: TimeRange,
): Promise<readonly TimeRange[]> {
  const times: number[] = [];
  for (let from = range.from; ; ) {
    const page = store.readBetween(series.text, from, range.to, PAGE_CANDLES).candles();
    for (const { time } of page) times.push(time);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_CANDLES) break;
    from = last.time + 1;
    await nextTurn(clock);
  }
  return missingRanges(range, times, series.timeframeSeconds);
}
