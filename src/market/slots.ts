/**
 * Which candles of a range a series lacks, by the grid of its timeframe. Nothing has to lie on that grid: a candle between
 * two slots fills neither of them, and whether an empty slot is a hole of the market is for others to say.
 */

/** First and last slot, both inclusive; open times in seconds, on the grid. */
export interface SlotRange {
  readonly fromS: number;
  readonly toS: number;
}

/** The first slot at or after a time; seconds. */
export function slotAtOrAfter(timeS: number, timeframeS: number): number {
  return Math.ceil(timeS / timeframeS) * timeframeS;
}

/** The last slot at or before a time; seconds. */
export function slotAtOrBefore(timeS: number, timeframeS: number): number {
  return Math.floor(timeS / timeframeS) * timeframeS;
}

/** How many slots a range has. */
export function slotCount({ fromS, toS }: SlotRange, timeframeS: number): number {
  return Math.max(0, (toS - fromS) / timeframeS + 1);
}

/**
 * The slots of a range at which no candle opens, neighbours together, ascending.
 * @param times open times of the candles of the range in seconds, ascending; those off the grid count for nothing.
 */
export function emptySlots(times: Iterable<number>, { fromS, toS }: SlotRange, timeframeS: number): SlotRange[] {
  const empty: SlotRange[] = [];
  let next = fromS;
  for (const time of times) {
    if (time < next || time % timeframeS !== 0) continue;
    if (time > toS) break;
    if (time > next) empty.push({ fromS: next, toS: time - timeframeS });
    next = time + timeframeS;
  }
  if (next <= toS) empty.push({ fromS: next, toS });
  return empty;
}
