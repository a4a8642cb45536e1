/**
 * The chunk: up to {@link CHUNK_CANDLES} candles of one series in one fixed-width record, the unit that is read, written
 * and checked. Layout (little endian): crc32 of the rest (u32), number of candles (u32), revision (f64), then per
 * candle time, open, high, low, close, volume (6 × f64). 240 candles fill three pages of the file almost exactly.
 */
import { crc32 } from "node:zlib";
import type { Candle } from "../market/candle.js";
import { StoreError } from "./errors.js";

export const CHUNK_CANDLES = 240;

/** Numbers per candle in {@link Rows}: time, open, high, low, close, volume. */
export const ROW_NUMBERS = 6;
const HEADER_BYTES = 16;
const ROW_BYTES = ROW_NUMBERS * 8;

/** Candles as plain numbers, {@link ROW_NUMBERS} per candle, ascending by time. */
export type Rows = Float64Array;

export interface Chunk {
  /** Revision of the series at which the chunk was last written. */
  readonly revision: number;
  readonly rows: Rows;
}

export function rowCount(rows: Rows): number {
  return rows.length / ROW_NUMBERS;
}

/** Open time in seconds of the candle at `index`. */
export function rowTime(rows: Rows, index: number): number {
  return rows[index * ROW_NUMBERS] as number;
}

export function rowClose(rows: Rows, index: number): number {
  return rows[index * ROW_NUMBERS + 4] as number;
}

export function writeRow(rows: Rows, index: number, candle: Candle): void {
  const at = index * ROW_NUMBERS;
  rows[at] = candle.time;
  rows[at + 1] = candle.open;
  rows[at + 2] = candle.high;
  rows[at + 3] = candle.low;
  rows[at + 4] = candle.close;
  rows[at + 5] = candle.volume;
}

export function candleAt(rows: Rows, index: number): Candle {
  const at = index * ROW_NUMBERS;
  return {
    time: rows[at] as number,
    open: rows[at + 1] as number,
    high: rows[at + 2] as number,
    low: rows[at + 3] as number,
    close: rows[at + 4] as number,
    volume: rows[at + 5] as number,
  };
}

/** Index of the first candle whose time is greater than `timeS`; the number of candles when there is none. */
export function firstAfter(rows: Rows, timeS: number): number {
  let low = 0;
  let high = rowCount(rows);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rowTime(rows, middle) > timeS) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function encodeChunk(chunk: Chunk): Buffer {
  const count = rowCount(chunk.rows);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + count * ROW_BYTES);
  bytes.writeUInt32LE(count, 4);
  bytes.writeDoubleLE(chunk.revision, 8);
  Buffer.from(chunk.rows.buffer, chunk.rows.byteOffset, chunk.rows.byteLength).copy(bytes, HEADER_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** The revision in a chunk's header, without decoding or checking the rest. */
export function chunkRevision(bytes: Buffer): number {
  return bytes.length >= HEADER_BYTES ? bytes.readDoubleLE(8) : -1;
}

/**
 * Decodes and verifies a chunk.
 * @throws StoreError `store_damaged` when its length or checksum is not what was written.
 */
export function decodeChunk(bytes: Buffer): Chunk {
  const count = bytes.length >= HEADER_BYTES ? bytes.readUInt32LE(4) : -1;
  if (
    count < 0 ||
    bytes.length !== HEADER_BYTES + count * ROW_BYTES ||
    bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))
  ) {
    throw new StoreError(
      "store_damaged",
      "a chunk of candles fails its checksum: the store is damaged; restore a backup, or move the store's folder away to start afresh",
    );
  }
  const rows = new Float64Array(count * ROW_NUMBERS);
  bytes.copy(Buffer.from(rows.buffer), 0, HEADER_BYTES);
  return { revision: bytes.readDoubleLE(8), rows };
}
