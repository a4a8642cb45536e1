/** Whether the store can be opened, and who holds it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { StoreError, type StoreErrorCode } from "../../storage/errors.js";
import { openStoreReader } from "../../storage/lmdb-store.js";
import { DATA_FILE } from "../../storage/preflight.js";
import { lockHolder } from "../../storage/process-lock.js";
import { type Finding, fail, ok, warn } from "./finding.js";

const REMEDIES: Partial<Readonly<Record<StoreErrorCode, string>>> = {
  store_damaged: "restore a backup, or move the folder away and let the daemon fetch history again",
  store_newer: "start the version that wrote it, or set TRADE_CANVAS_DB_PATH to another folder",
  store_foreign: "set TRADE_CANVAS_DB_PATH to another folder",
};

/** Opens the store for reading and looks at the head of every series. */
export async function storeFindings(folder: string): Promise<readonly Finding[]> {
  if (!existsSync(join(folder, DATA_FILE))) return [ok("store", `there is none in ${folder} yet; a daemon makes it`)];
  const holder = lockHolder(folder);
  const held = ok("store lock", holder === undefined ? "nobody holds it" : `held by process ${holder}, the daemon`);
  try {
    const store = openStoreReader(folder);
    try {
      const heads = store.seriesIds().map((series) => store.head(series));
      const candles = heads.reduce((sum, { count }) => sum + count, 0);
      return [ok("store", `${heads.length} series, ${candles} candles in ${folder}`), held];
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const remedy = REMEDIES[error.code];
    // An older format is brought up to date by a start.
    if (remedy === undefined) return [warn("store", error.message, "start the daemon once"), held];
    return [fail("store", error.message, remedy), held];
  }
}
