/** Range reads over the chunks of a series. Spec: ingest §3. */
import { CandleRun, type DecodedChunk, type Segment } from "./candle-run.js";
import { decodeChunk, firstAfter, rowCount, rowTime } from "./chunk.js";
import type { ChunkCache } from "./chunk-cache.js";
import { chunkKey, chunkKeyTime, TIME_LIMIT } from "./keys.js";
import type { StoreDatabases } from "./ordered-database.js";

export class CandleReader {
  readonly #env: StoreDatabases;
  readonly #cache: ChunkCache;

  constructor(env: StoreDatabases, cache: ChunkCache) {
    this.#env = env;
    this.#cache = cache;
  }

  /** The newest `limit` candles with time < `beforeS`. */
  newest(seriesNumber: number, limit: number, beforeS = TIME_LIMIT): CandleRun {
    const segments: Segment[] = [];
    let left = limit;
    for (const source of this.#chunksBackward(seriesNumber, beforeS - 1)) {
      if (left <= 0) break;
      const to = firstAfter(source.chunk.rows, beforeS - 1);
      const from = Math.max(0, to - left);
      segments.unshift({ source, from, to });
      left -= to - from;
    }
    return new CandleRun(segments);
  }

  /** The oldest `limit` candles with `afterS` < time ≤ `upToS`. */
  range(seriesNumber: number, afterS: number, upToS: number, limit: number): CandleRun {
    const segments = [];
    let left = limit;
    for (const source of this.#chunksForward(seriesNumber, afterS)) {
      if (left <= 0) break;
      const { rows } = source.chunk;
      const from = firstAfter(rows, afterS);
      const end = firstAfter(rows, upToS);
      const to = Math.min(end, from + left);
      if (to > from) segments.push({ source, from, to });
      left -= Math.max(0, to - from);
      if (end < rowCount(rows)) break;
    }
    return new CandleRun(segments);
  }

  /** Times of the oldest `limit` candles with time > `afterS`. A whole series read this way leaves the cache as it was. */
  times(seriesNumber: number, afterS: number, limit: number): Float64Array {
    const times = new Float64Array(limit);
    let count = 0;
    const start = this.#chunkStartAtOrBefore(seriesNumber, afterS);
    const range = { start: chunkKey(seriesNumber, start), end: chunkKey(seriesNumber, TIME_LIMIT) };
    for (const { value } of this.#env.candles.getRange(range)) {
      if (count >= limit) break;
      const { rows } = decodeChunk(value);
      const end = rowCount(rows);
      for (let index = firstAfter(rows, afterS); index < end && count < limit; index += 1) {
        times[count] = rowTime(rows, index);
        count += 1;
      }
    }
    return times.slice(0, count);
  }

  /** The greatest stored time ≤ `timeS`, or null. */
  floor(seriesNumber: number, timeS: number): number | null {
    for (const { chunk } of this.#chunksBackward(seriesNumber, timeS)) {
      const index = firstAfter(chunk.rows, timeS) - 1;
      if (index >= 0) return rowTime(chunk.rows, index);
    }
    return null;
  }

  /** Number of candles with `fromS` ≤ time ≤ `toS`. */
  count(seriesNumber: number, fromS: number, toS: number): number {
    let count = 0;
    for (const { chunk } of this.#chunksForward(seriesNumber, fromS)) {
      const end = firstAfter(chunk.rows, toS);
      count += Math.max(0, end - firstAfter(chunk.rows, fromS - 1));
      if (end < rowCount(chunk.rows)) break;
    }
    return count;
  }

  /** Chunks ascending, beginning with the one that may hold `fromS`. Never await while iterating: it pins pages. */
  *#chunksForward(seriesNumber: number, fromS: number): Generator<DecodedChunk> {
    const start = this.#chunkStartAtOrBefore(seriesNumber, fromS);
    const range = { start: chunkKey(seriesNumber, start), end: chunkKey(seriesNumber, TIME_LIMIT) };
    for (const { key, value } of this.#env.candles.getRange(range)) yield this.#cache.get(key, value);
  }

  /** Chunks descending, beginning with the one that may hold `fromS`. */
  *#chunksBackward(seriesNumber: number, fromS: number): Generator<DecodedChunk> {
    const range = { start: chunkKey(seriesNumber, clampTime(fromS)), end: lowest(seriesNumber), reverse: true };
    for (const { key, value } of this.#env.candles.getRange(range)) yield this.#cache.get(key, value);
  }

  #chunkStartAtOrBefore(seriesNumber: number, timeS: number): number {
    const range = {
      start: chunkKey(seriesNumber, clampTime(timeS)),
      end: lowest(seriesNumber),
      reverse: true,
      limit: 1,
    };
    for (const key of this.#env.candles.getKeys(range)) return chunkKeyTime(key);
    return 0;
  }
}

/** The end of a descending range is exclusive: the last possible key of the series before this one. */
function lowest(seriesNumber: number): Buffer {
  const key = chunkKey(seriesNumber, 0);
  return key.subarray(0, key.length - 1);
}

function clampTime(timeS: number): number {
  return Math.min(TIME_LIMIT, Math.max(0, Math.floor(timeS)));
}
