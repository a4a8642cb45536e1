/**
 * Looks at the files of a store before LMDB maps them into memory: a truncated or foreign file would otherwise end the
 * process with a signal instead of an error. Reads only; never creates or changes anything.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "./errors.js";

const LMDB_MAGIC = 0xbeefc0de;
const META_PAGES = 2;
/** Offsets inside a meta page, in bytes. */
const AT = { magic: 24, version: 28, pageSize: 48, lastPage: 144, transaction: 152, end: 160 } as const;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;
const FORMAT_VERSION = 2;

export const DATA_FILE = "data.mdb";

interface MetaPage {
  readonly pageSize: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/**
 * @param folder the store's folder; it need not exist.
 * @throws StoreError `store_damaged` when there is a data file that is not a whole LMDB file.
 */
export function checkDataFile(folder: string): void {
  const file = join(folder, DATA_FILE);
  if (!existsSync(file)) return;
  const descriptor = openSync(file, "r");
  try {
    const size = fstatSync(descriptor).size;
    if (size === 0) return;
    const first = readMeta(descriptor, 0);
    const second = first === undefined ? undefined : readMeta(descriptor, first.pageSize);
    const newest = newestOf(first, second);
    if (newest === undefined) throw damaged(file, "it does not begin with the head of an LMDB file");
    const needed = (newest.lastPage + 1n) * BigInt(newest.pageSize);
    if (BigInt(size) < needed) throw damaged(file, `it has ${size} bytes of at least ${needed}`);
  } finally {
    closeSync(descriptor);
  }
}

function readMeta(descriptor: number, offset: number): MetaPage | undefined {
  const page = Buffer.alloc(AT.end);
  if (readSync(descriptor, page, 0, page.length, offset) < page.length) return undefined;
  if (page.readUInt32LE(AT.magic) !== LMDB_MAGIC || page.readUInt32LE(AT.version) !== FORMAT_VERSION) return undefined;
  const pageSize = page.readUInt32LE(AT.pageSize);
  const plausible = pageSize >= SMALLEST_PAGE && pageSize <= LARGEST_PAGE && (pageSize & (pageSize - 1)) === 0;
  if (!plausible) return undefined;
  const lastPage = page.readBigUInt64LE(AT.lastPage);
  return { pageSize, lastPage, transaction: page.readBigUInt64LE(AT.transaction) };
}

/** LMDB writes its two meta pages in turn and trusts the newer; both must be readable for a file that was ever used. */
function newestOf(first: MetaPage | undefined, second: MetaPage | undefined): MetaPage | undefined {
  if (first === undefined || second === undefined) return undefined;
  return first.transaction >= second.transaction ? first : second;
}

function damaged(file: string, what: string): StoreError {
  return new StoreError(
    "store_damaged",
    `${file} is damaged: ${what}. Nothing was changed; restore a backup, or move the folder away to start afresh (${META_PAGES} meta pages were examined)`,
  );
}
