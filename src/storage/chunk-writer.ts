/** Changes to the chunks of a series, inside a transaction. */
import type { Candle } from "../market/candle.js";
import {
  CHUNK_CANDLES,
  type Chunk,
  decodeChunk,
  encodeChunk,
  firstAfter,
  ROW_NUMBERS,
  type Rows,
  rowCount,
  rowTime,
} from "./chunk.js";
import { chunkKey, TIME_LIMIT } from "./keys.js";
import { mergeRows, removeTimes, splitRows } from "./merge.js";
import type { OrderedDatabase } from "./ordered-database.js";

interface Located extends Chunk {
  readonly key: Buffer;
}

const NO_ROWS: Rows = new Float64Array(0);

/**
 * Upserts candles (ascending, one per time) of one series. Chunks are split by number, not by time, so that candles may
 * lie anywhere: off the grid, dense, or decades apart.
 * @returns the times, in seconds, that were not stored before.
 */
export function upsertCandles(
  database: OrderedDatabase,
  seriesNumber: number,
  revision: number,
  candles: readonly Candle[],
): readonly number[] {
  const inserted: number[] = [];
  let next = 0;
  while (next < candles.length) {
    const timeS = (candles[next] as Candle).time;
    const chunk = chunkAtOrBefore(database, seriesNumber, timeS) ?? chunkAfter(database, seriesNumber, timeS - 1);
    const following = chunk && chunkAfter(database, seriesNumber, rowTime(chunk.rows, 0));
    const boundary = following === undefined ? Number.POSITIVE_INFINITY : rowTime(following.rows, 0);
    let end = next;
    while (end < candles.length && (candles[end] as Candle).time < boundary) end += 1;
    const merged = mergeRows(chunk?.rows ?? NO_ROWS, candles.slice(next, end));
    replaceChunk(database, seriesNumber, revision, chunk, merged.rows, following === undefined);
    for (const time of merged.insertedTimes) inserted.push(time);
    next = end;
  }
  return inserted;
}

/**
 * Guards the order that everything here relies on, and the range of the keys.
 * @throws RangeError naming the first candle that is out of order, or has a time or value that cannot be stored.
 */
export function assertStorable(candles: readonly Candle[]): void {
  let previousS = -1;
  for (const candle of candles) {
    const { time, open, high, low, close, volume } = candle;
    const storable =
      Number.isInteger(time) &&
      time > previousS &&
      time < TIME_LIMIT &&
      [open, high, low, close, volume].every(Number.isFinite);
    if (!storable) throw new RangeError(`candle out of order or not storable: ${JSON.stringify(candle)}`);
    previousS = time;
  }
}

/** Those of the candles whose time is stored already. */
export function storedOnly(
  database: OrderedDatabase,
  seriesNumber: number,
  candles: readonly Candle[],
): readonly Candle[] {
  return candles.filter(({ time }) => {
    const rows = chunkAtOrBefore(database, seriesNumber, time)?.rows;
    if (rows === undefined) return false;
    const index = firstAfter(rows, time) - 1;
    return index >= 0 && rowTime(rows, index) === time;
  });
}

/** Deletes the candles at the given times (seconds). @returns how many there were. */
export function deleteCandles(
  database: OrderedDatabase,
  seriesNumber: number,
  revision: number,
  times: readonly number[],
): number {
  const wanted = new Set(times);
  let deleted = 0;
  for (const timeS of wanted) {
    const chunk = chunkAtOrBefore(database, seriesNumber, timeS);
    if (chunk === undefined) continue;
    const rows = removeTimes(chunk.rows, wanted);
    if (rows.length === chunk.rows.length) continue;
    deleted += (chunk.rows.length - rows.length) / ROW_NUMBERS;
    replaceChunk(database, seriesNumber, revision, chunk, rows, false);
  }
  return deleted;
}

/** Deletes all but the newest `keep` candles. @returns how many were deleted. */
export function trimCandles(database: OrderedDatabase, seriesNumber: number, revision: number, keep: number): number {
  let left = keep;
  let deleted = 0;
  const range = {
    start: chunkKey(seriesNumber, TIME_LIMIT),
    end: chunkKey(seriesNumber, 0).subarray(0, 11),
    reverse: true,
  };
  for (const { key, value } of [...database.getRange(range)]) {
    const chunk = { key, ...decodeChunk(value) };
    const count = rowCount(chunk.rows);
    if (count > left) {
      replaceChunk(database, seriesNumber, revision, chunk, chunk.rows.subarray((count - left) * ROW_NUMBERS), false);
      deleted += count - left;
    }
    left = Math.max(0, left - count);
  }
  return deleted;
}

/** Oldest and newest stored time of a series; nulls when it has no candles. */
export function timeBounds(
  database: OrderedDatabase,
  seriesNumber: number,
): { firstTime: number | null; lastTime: number | null } {
  const first = chunkAfter(database, seriesNumber, -1);
  const last = chunkAtOrBefore(database, seriesNumber, TIME_LIMIT);
  return {
    firstTime: first === undefined ? null : rowTime(first.rows, 0),
    lastTime: last === undefined ? null : rowTime(last.rows, rowCount(last.rows) - 1),
  };
}

function replaceChunk(
  database: OrderedDatabase,
  seriesNumber: number,
  revision: number,
  old: Located | undefined,
  rows: Rows,
  atEnd: boolean,
): void {
  const pieces =
    rows.length <= CHUNK_CANDLES * ROW_NUMBERS ? [rows].filter((r) => r.length > 0) : splitRows(rows, atEnd);
  const firstKey = pieces[0] && chunkKey(seriesNumber, rowTime(pieces[0], 0));
  if (old !== undefined && (firstKey === undefined || !firstKey.equals(old.key))) database.removeSync(old.key);
  for (const piece of pieces) {
    database.putSync(chunkKey(seriesNumber, rowTime(piece, 0)), encodeChunk({ revision, rows: piece }));
  }
}

function chunkAtOrBefore(database: OrderedDatabase, seriesNumber: number, timeS: number): Located | undefined {
  const range = {
    start: chunkKey(seriesNumber, timeS),
    end: chunkKey(seriesNumber, 0).subarray(0, 11),
    reverse: true,
    limit: 1,
  };
  for (const { key, value } of database.getRange(range)) return { key, ...decodeChunk(value) };
  return undefined;
}

function chunkAfter(database: OrderedDatabase, seriesNumber: number, timeS: number): Located | undefined {
  const range = { start: chunkKey(seriesNumber, timeS + 1), end: chunkKey(seriesNumber, TIME_LIMIT), limit: 1 };
  for (const { key, value } of database.getRange(range)) return { key, ...decodeChunk(value) };
  return undefined;
}
