/** Sorted binary keys: big-endian numbers, so that the byte order of the keys is the order of series and time. */

/** Larger than any candle time that is accepted; the upper end of a range. Seconds. */
export const TIME_LIMIT = 2 ** 48;

const KEY_BYTES = 12;
const TWO_POW_32 = 2 ** 32;

/** The key of the chunk of a series that begins at `timeS` (whole seconds, 0 ≤ timeS < {@link TIME_LIMIT}). */
export function chunkKey(seriesNumber: number, timeS: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt32BE(seriesNumber, 0);
  key.writeUInt32BE(Math.floor(timeS / TWO_POW_32), 4);
  key.writeUInt32BE(timeS % TWO_POW_32, 8);
  return key;
}

/** The time in seconds that a chunk key ends with. */
export function chunkKeyTime(key: Buffer): number {
  return key.readUInt32BE(4) * TWO_POW_32 + key.readUInt32BE(8);
}

/** The key of everything that exists once per series. */
export function seriesKey(seriesNumber: number): Buffer {
  const key = Buffer.allocUnsafe(4);
  key.writeUInt32BE(seriesNumber, 0);
  return key;
}

/** The ledgers that are derived from a series' candles, by their place in the store. */
export type LedgerName = "factor" | "overlay";
const LEDGER_CODES: Readonly<Record<LedgerName, number>> = { factor: 1, overlay: 2 };

export function ledgerKey(seriesNumber: number, ledger: LedgerName): Buffer {
  const key = Buffer.allocUnsafe(5);
  key.writeUInt32BE(seriesNumber, 0);
  key.writeUInt8(LEDGER_CODES[ledger], 4);
  return key;
}

/** The key of a ledger's block that begins at `timeS` (whole seconds, 0 ≤ timeS ≤ {@link TIME_LIMIT}). */
export function blockKey(seriesNumber: number, ledger: LedgerName, timeS: number): Buffer {
  const key = Buffer.allocUnsafe(13);
  key.writeUInt32BE(seriesNumber, 0);
  key.writeUInt8(LEDGER_CODES[ledger], 4);
  key.writeUInt32BE(Math.floor(timeS / TWO_POW_32), 5);
  key.writeUInt32BE(timeS % TWO_POW_32, 9);
  return key;
}

/** The time in seconds that a block key ends with. */
export function blockKeyTime(key: Buffer): number {
  return key.readUInt32BE(5) * TWO_POW_32 + key.readUInt32BE(9);
}

/** The key of a series' gap with a number (1 ≤ id < 2³²). */
export function gapKey(seriesNumber: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeUInt32BE(seriesNumber, 0);
  key.writeUInt32BE(id, 4);
  return key;
}

/** The number of the gap that a key is of. */
export function gapKeyId(key: Buffer): number {
  return key.readUInt32BE(4);
}
