/** Small records: JSON text behind a checksum. */
import { crc32 } from "node:zlib";

const CHECKSUM_BYTES = 4;

export function encodeCheckedJson(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + Buffer.byteLength(text));
  bytes.write(text, CHECKSUM_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(CHECKSUM_BYTES)), 0);
  return bytes;
}

/** @returns undefined when it is not what was written. */
export function decodeCheckedJson(bytes: Buffer): unknown {
  if (bytes.length < CHECKSUM_BYTES) return undefined;
  const text = bytes.subarray(CHECKSUM_BYTES);
  return bytes.readUInt32LE(0) === crc32(text) ? JSON.parse(text.toString("utf8")) : undefined;
}
