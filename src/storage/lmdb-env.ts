/**
 * One LMDB environment with its named databases, and the mark that says whose it is. The store sees LMDB only
 * through the types of `ordered-database.ts`.
 */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { open, type RootDatabase } from "lmdb";
import { StoreError } from "./errors.js";
import type { OrderedDatabase, StoreDatabases } from "./ordered-database.js";
import { checkDataFile, DATA_FILE } from "./preflight.js";

/** Databases of the environment; room for more is reserved, because LMDB wants to know the number when opening. */
const MAX_DATABASES = 32;

/** Grows with every change of layout that an older version could not read. */
export const STORE_VERSION = 3;
const FORMAT_NAME = "trade-canvas";
const FORMAT_KEY = Buffer.from("format");

export interface LmdbEnv extends StoreDatabases {
  readonly root: RootDatabase<Buffer, Buffer>;
}

/**
 * Opens or creates the environment in `folder`. A file that is damaged, newer or not ours is refused before anything
 * is written to it.
 * @throws StoreError `store_damaged`, `store_newer`, `store_foreign` or `store_unusable`.
 */
export function openEnv(folder: string, access: "read_write" | "read_only" = "read_write"): LmdbEnv {
  const readOnly = access === "read_only";
  if (readOnly) requireStore(folder);
  else makeFolder(folder);
  checkDataFile(folder);
  let root: RootDatabase<Buffer, Buffer>;
  try {
    root = open<Buffer, Buffer>({
      path: folder,
      // The library takes a path with a dot in its last name for that of a file, unless it is told.
      noSubdir: false,
      maxDbs: MAX_DATABASES,
      encoding: "binary",
      keyEncoding: "binary",
      readOnly,
    });
  } catch (error) {
    throw new StoreError("store_damaged", `the store in ${folder} cannot be opened: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    checkFormat(root, folder, readOnly);
  } catch (error) {
    void root.close();
    throw error;
  }
  const database = (name: string): OrderedDatabase =>
    root.openDB<Buffer, Buffer>({ name, encoding: "binary", keyEncoding: "binary" });
  return {
    root,
    series: database("series"),
    candles: database("candles"),
    heads: database("heads"),
    ledgers: database("ledger_heads"),
    ledgerRows: database("ledger_rows"),
    checkpoints: database("checkpoints"),
    gaps: database("gaps"),
    state: database("state"),
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new StoreError(
      "store_unusable",
      `the store's folder ${folder} cannot be used: ${(error as Error).message}; set TRADE_CANVAS_DB_PATH to a folder that can be written`,
      { cause: error },
    );
  }
}

function requireStore(folder: string): void {
  if (existsSync(join(folder, DATA_FILE))) return;
  throw new StoreError(
    "store_unusable",
    `there is no store in ${folder}; set TRADE_CANVAS_DB_PATH to the folder of the daemon`,
  );
}

function checkFormat(root: RootDatabase<Buffer, Buffer>, folder: string, readOnly: boolean): void {
  const mark = root.get(FORMAT_KEY);
  if (mark === undefined) {
    if (readOnly || root.getKeysCount({ limit: 1 }) > 0) {
      throw new StoreError(
        "store_foreign",
        `${folder} holds a database that is not a trade-canvas store; choose another folder`,
      );
    }
    root.putSync(FORMAT_KEY, formatMark(STORE_VERSION));
    return;
  }
  const version = readFormatMark(mark);
  if (version === undefined) {
    throw new StoreError(
      "store_damaged",
      `the format mark of the store in ${folder} fails its checksum; restore a backup`,
    );
  }
  if (version > STORE_VERSION) {
    throw new StoreError(
      "store_newer",
      `the store in ${folder} has format ${version}, this version reads up to ${STORE_VERSION}; start the newer version, or choose another folder`,
    );
  }
  if (readOnly && version < STORE_VERSION) {
    throw new StoreError(
      "store_unusable",
      `the store in ${folder} has the older format ${version}; start the daemon once to bring it up to ${STORE_VERSION}`,
    );
  }
}

/**
 * Puts the mark of this version on a store of an earlier one; only for who holds its lock. Earlier formats differ in their
 * ledgers only, whose heads had another form or another place: they cannot be read, and are computed anew.
 */
export function upgradeFormat({ root }: LmdbEnv): void {
  const mark = formatMark(STORE_VERSION);
  if (root.get(FORMAT_KEY)?.equals(mark) !== true) root.putSync(FORMAT_KEY, mark);
}

/** The mark that a store of the given format version carries: name, version and a checksum over both. */
export function formatMark(version: number): Buffer {
  const body = `${FORMAT_NAME}:${version}`;
  return Buffer.from(`${body}:${crc32(body)}`);
}

function readFormatMark(mark: Buffer): number | undefined {
  const [name, version, check] = mark.toString("utf8").split(":");
  const valid = name === FORMAT_NAME && Number(check) === crc32(`${name}:${version}`);
  return valid ? Number(version) : undefined;
}
