/** The small record that exists once per series: its head. */
import { StoreError } from "./errors.js";

/** What is known of a series without reading its candles. */
export interface SeriesHead {
  /** Grows with every commit that touches the series. */
  readonly revision: number;
  readonly count: number;
  /** Open time in seconds of the oldest and of the newest stored candle; both null when nothing is stored. */
  readonly firstTime: number | null;
  readonly lastTime: number | null;
}

export const EMPTY_HEAD: SeriesHead = { revision: 0, count: 0, firstTime: null, lastTime: null };

const HEAD_BYTES = 32;
const NO_TIME = -1;

export function encodeHead(head: SeriesHead): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES);
  bytes.writeDoubleLE(head.revision, 0);
  bytes.writeDoubleLE(head.count, 8);
  bytes.writeDoubleLE(head.firstTime ?? NO_TIME, 16);
  bytes.writeDoubleLE(head.lastTime ?? NO_TIME, 24);
  return bytes;
}

export function decodeHead(bytes: Buffer): SeriesHead {
  if (bytes.length !== HEAD_BYTES) throw damaged(`a series head has ${bytes.length} bytes instead of ${HEAD_BYTES}`);
  const firstTime = bytes.readDoubleLE(16);
  const lastTime = bytes.readDoubleLE(24);
  return {
    revision: bytes.readDoubleLE(0),
    count: bytes.readDoubleLE(8),
    firstTime: firstTime === NO_TIME ? null : firstTime,
    lastTime: lastTime === NO_TIME ? null : lastTime,
  };
}

function damaged(what: string): StoreError {
  return new StoreError("store_damaged", `${what}: the store is damaged; restore a backup`);
}
