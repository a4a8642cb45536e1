/** Closes for tests of what looks back at them. */
import type { BlockPool } from "../../src/factors/block-closes.js";
import { CloseHistory, type CloseSource } from "../../src/factors/close-history.js";
import { seededWalk } from "../support/random-series.js";

/** Closes on a coarse grid of prices around 50, so that many are equal and lines are met exactly. */
export function walkOfCloses(seed: number, count: number): readonly number[] {
  return seededWalk({ seed, count, tick: 0.5 }).map(({ close }) => close);
}

/** Off the grid of minutes, so that a time cannot be taken for an index. */
export function timeOf(index: number): number {
  return 1_000 + index * 61;
}

/** A source over closes, and which blocks it was asked for, by the index of their first candle. */
export function watchedSource(closes: readonly number[]): { source: CloseSource; asked: number[] } {
  const asked: number[] = [];
  const source: CloseSource = (firstTime, count) => {
    const first = (firstTime - timeOf(0)) / 61;
    asked.push(first);
    const indices = Array.from({ length: count }, (_, at) => first + at);
    return {
      times: Float64Array.from(indices, timeOf),
      closes: Float64Array.from(indices, (index) => closes[index] ?? Number.NaN),
    };
  };
  return { source, asked };
}

/** A history that was given all closes. */
export function historyOf(
  closes: readonly number[],
  source = watchedSource(closes).source,
  pool?: BlockPool,
): CloseHistory {
  const history = new CloseHistory(source, pool);
  for (const [index, close] of closes.entries()) history.push(index, timeOf(index), close);
  return history;
}
