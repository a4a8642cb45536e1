/**
 * Where candles are missing, as ranges of open times. Candles need not lie on the grid of their timeframe: a step between
 * two of them that is longer than the timeframe is a hole, and the grid only names what may be missing inside of it. Pure.
 * Spec: binance-protocol F32, F34.
 */

/** From the first to the last candle that may be missing, both included; open times in seconds. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** The first time on the grid after `timeS`, in seconds. */
export function gridAfter(timeS: number, timeframeSeconds: number): number {
  return (Math.floor(timeS / timeframeSeconds) + 1) * timeframeSeconds;
}

/** The last time on the grid before `timeS`, in seconds. */
export function gridBefore(timeS: number, timeframeSeconds: number): number {
  return (Math.ceil(timeS / timeframeSeconds) - 1) * timeframeSeconds;
}

/**
 * The parts of a range in which there is no candle.
 * @param times of candles, ascending, in seconds; those outside of the range do not matter.
 */
export function missingRanges(range: TimeRange, times: Iterable<number>, timeframeSeconds: number): TimeRange[] {
  const missing: TimeRange[] = [];
  // What lies before and after the range has its candles.
  let previous = range.from - timeframeSeconds;
  const upTo = (next: number): void => {
    const from = Math.max(gridAfter(previous, timeframeSeconds), range.from);
    const to = Math.min(gridBefore(next, timeframeSeconds), range.to);
    if (next - previous > timeframeSeconds && to >= from && next - from >= timeframeSeconds) missing.push({ from, to });
  };
  for (const time of times) {
    if (time < range.from || time > range.to) continue;
    upTo(time);
    previous = time;
  }
  if (range.to - previous >= timeframeSeconds) upTo(range.to + timeframeSeconds);
  return missing;
}

/** At most `most` ranges, ascending: the last of them covers all that would be too many. */
export function atMostRanges(ranges: readonly TimeRange[], most: number): readonly TimeRange[] {
  const [first, last] = [ranges[most - 1], ranges.at(-1)];
  if (ranges.length <= most || first === undefined || last === undefined) return ranges;
  return [...ranges.slice(0, most - 1), { from: first.from, to: last.to }];
}
