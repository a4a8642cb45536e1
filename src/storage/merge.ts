/** Pure arithmetic on the rows of a chunk: merging candles in, taking candles out, splitting what grew too large. */
import type { Candle } from "../market/candle.js";
import { CHUNK_CANDLES, ROW_NUMBERS, type Rows, rowCount, rowTime, writeRow } from "./chunk.js";

export interface Merged {
  readonly rows: Rows;
  /** Times, in seconds, that were not there before. */
  readonly insertedTimes: readonly number[];
}

/** Upserts `candles` (ascending, one per time) into `rows`: a candle replaces the one of the same time. */
export function mergeRows(rows: Rows, candles: readonly Candle[]): Merged {
  const existing = rowCount(rows);
  const merged = new Float64Array((existing + candles.length) * ROW_NUMBERS);
  const insertedTimes: number[] = [];
  let from = 0;
  let to = 0;
  const keepUpTo = (timeS: number): void => {
    const start = from;
    while (from < existing && rowTime(rows, from) < timeS) from += 1;
    merged.set(rows.subarray(start * ROW_NUMBERS, from * ROW_NUMBERS), to * ROW_NUMBERS);
    to += from - start;
  };
  for (const candle of candles) {
    keepUpTo(candle.time);
    if (from < existing && rowTime(rows, from) === candle.time) from += 1;
    else insertedTimes.push(candle.time);
    writeRow(merged, to, candle);
    to += 1;
  }
  keepUpTo(Number.POSITIVE_INFINITY);
  return { rows: merged.subarray(0, to * ROW_NUMBERS), insertedTimes };
}

/** The rows without the candles at `times`. */
export function removeTimes(rows: Rows, times: ReadonlySet<number>): Rows {
  const kept = new Float64Array(rows.length);
  let to = 0;
  for (let index = 0; index < rowCount(rows); index += 1) {
    if (times.has(rowTime(rows, index))) continue;
    kept.set(rows.subarray(index * ROW_NUMBERS, (index + 1) * ROW_NUMBERS), to);
    to += ROW_NUMBERS;
  }
  return kept.subarray(0, to);
}

/**
 * Cuts rows into pieces of at most {@link CHUNK_CANDLES}. At the end of a series the pieces are filled one after the
 * other, because that is where it grows; inside it they share evenly, which leaves room for further late candles.
 */
export function splitRows(rows: Rows, atEnd: boolean): readonly Rows[] {
  const count = rowCount(rows);
  const pieces = Math.ceil(count / CHUNK_CANDLES);
  const size = atEnd ? CHUNK_CANDLES : Math.ceil(count / Math.max(1, pieces));
  return Array.from({ length: pieces }, (_, piece) =>
    rows.subarray(piece * size * ROW_NUMBERS, Math.min(count, (piece + 1) * size) * ROW_NUMBERS),
  );
}
