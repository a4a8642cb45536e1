/** How a ledger is written: its head, and per block a checkpoint and the rows that were emitted in it. Design: docs/ledgers.md. */
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { decodeCheckedJson, encodeCheckedJson } from "./checked-json.js";
import { LedgerDamage } from "./errors.js";
import type { LedgerName } from "./keys.js";

/** How far a ledger (factor or overlay) of a series has been computed, and by which logic. */
export interface LedgerHead {
  /** Open time in seconds of the newest candle that is folded in. */
  readonly time: number;
  /** Number of candles folded in. */
  readonly count: number;
  /** Names the logic and the settings; another one means that the ledger must be computed anew. */
  readonly fingerprint: string;
  /** Oldest time in seconds at which the ledger may begin; null: it begins with the first stored candle. */
  readonly origin: number | null;
  /** Highest version id that was given, for a drawing; 0 for other ledgers. */
  readonly lastVersion: number;
}

/** What is known of a ledger, also of one that was reset. */
export interface LedgerStanding {
  readonly head: LedgerHead | null;
  /** Grows whenever anything that was stored of the ledger is replaced or removed. */
  readonly generation: number;
  /** Highest version id ever given; never falls. */
  readonly lastVersion: number;
  /** The head that a cut has taken away, until the ledger has come as far again. */
  readonly cutHead: LedgerHead | null;
  /** What was stored of it cannot be read. */
  readonly isDamaged?: true;
}

export const NO_LEDGER: LedgerStanding = { head: null, generation: 0, lastVersion: 0, cutHead: null };

/** Versions of instructions that one commit gives at most, by far: it draws some ten thousand candles. */
const VERSIONS_PER_COMMIT = 2 ** 24;

/**
 * Stands in for a standing that cannot be read: nothing is folded, and the counters stand behind all that may have been
 * given before a revision of the series.
 */
export function standingAfterDamage(revision: number): LedgerStanding {
  const behindAll = revision * VERSIONS_PER_COMMIT;
  return { head: null, generation: behindAll, lastVersion: behindAll, cutHead: null, isDamaged: true };
}

/** One block of a ledger, as it is to be written. */
export interface LedgerBlock {
  /** Open time in seconds of the block's first candle. */
  readonly time: number;
  /** Candles folded before the block. */
  readonly startCount: number;
  /** Highest version id given before the block. */
  readonly startVersion: number;
  /** State before the block as JSON text; undefined: what is stored stays. */
  readonly checkpoint: string | undefined;
  /** One line per row, without the last line's end. */
  readonly rows: string;
}

/** The rows of a block as they are stored. */
export interface StoredRows extends Pick<LedgerBlock, "time" | "startCount" | "startVersion" | "rows"> {
  /** Revision of the series at which they were last written. */
  readonly revision: number;
}

const HEADER_BYTES = 28;

export function encodeRows({ startCount, startVersion, rows }: LedgerBlock, revision: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(rows));
  bytes.writeDoubleLE(revision, 4);
  bytes.writeDoubleLE(startCount, 12);
  bytes.writeDoubleLE(startVersion, 20);
  bytes.write(rows, HEADER_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** The revision in the header, without decoding or checking the rest. */
export function rowsRevision(bytes: Buffer): number {
  return bytes.length >= HEADER_BYTES ? bytes.readDoubleLE(4) : -1;
}

/** @throws LedgerDamage when the checksum is not what was written. */
export function decodeRows(ledger: LedgerName, time: number, bytes: Buffer): StoredRows {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) {
    throw new LedgerDamage(ledger, `the block at ${time}`);
  }
  return {
    time,
    revision: bytes.readDoubleLE(4),
    startCount: bytes.readDoubleLE(12),
    startVersion: bytes.readDoubleLE(20),
    rows: bytes.toString("utf8", HEADER_BYTES),
  };
}

/** Fastest level: a state is written once per block and mostly repeats itself. */
const CHECKPOINT_LEVEL = 1;

export function encodeCheckpoint(text: string): Buffer {
  return deflateSync(text, { level: CHECKPOINT_LEVEL });
}

/** @throws LedgerDamage */
export function decodeCheckpoint(ledger: LedgerName, time: number, bytes: Buffer): string {
  try {
    return inflateSync(bytes).toString("utf8");
  } catch (error) {
    throw new LedgerDamage(ledger, `the checkpoint at ${time}`, { cause: error });
  }
}

export function encodeStanding(standing: LedgerStanding): Buffer {
  return encodeCheckedJson(standing);
}

/** @returns undefined when it is not what was written. */
export function decodeStanding(bytes: Buffer): LedgerStanding | undefined {
  return decodeCheckedJson(bytes) as LedgerStanding | undefined;
}
