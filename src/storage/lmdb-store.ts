/** The store on LMDB: one environment, one writer. The contract is in `store.ts`. */
import { KeyedStore } from "./keyed-store.js";
import { type LmdbEnv, openEnv, upgradeFormat } from "./lmdb-env.js";
import type { StoreEnv } from "./ordered-database.js";
import { lockFolder } from "./process-lock.js";
import type { Store, StoreReader } from "./store.js";

/**
 * Opens or creates the store in `folder`.
 * @throws StoreError when the folder is held by another process, or holds something that must not be written to.
 */
export function openLmdbStore(folder: string): Store {
  const env = openEnv(folder);
  try {
    const unlock = lockFolder(folder);
    upgradeFormat(env);
    return new KeyedStore(storeEnv(env, unlock));
  } catch (error) {
    void env.root.close();
    throw error;
  }
}

/**
 * Opens the store in `folder` for reading, beside a daemon that writes it or without one. Reads of one turn of the event
 * loop see one state of the store.
 * @throws StoreError when there is no store, or none that this version reads.
 */
export function openStoreReader(folder: string): StoreReader & Pick<Store, "close"> {
  return new KeyedStore(storeEnv(openEnv(folder, "read_only"), () => undefined));
}

/**
 * Writes a compacted copy of the store in `folder` into the folder `target`, which must exist and be empty: what one read
 * transaction sees, beside a daemon that goes on writing. Space that the store has given free is not copied.
 * @throws StoreError when there is no store, or none that this version reads; Error of the system, with a partial copy left.
 */
export async function copyStore(folder: string, target: string): Promise<void> {
  const { root } = openEnv(folder, "read_only");
  try {
    await root.backup(target, true);
  } finally {
    await root.close();
  }
}

function storeEnv(env: LmdbEnv, unlock: () => void): StoreEnv {
  const { root, ...databases } = env;
  return {
    ...databases,
    /** `childTransaction` is the one call of the library that both rolls back on a throw and resolves only after the flush. */
    transact: async (change) => {
      const result = await root.childTransaction(change);
      // A read transaction lives for a whole turn: without this, a reader woken by the commit could miss it.
      root.resetReadTxn();
      return result;
    },
    releaseDeadReaders: () => void root.readerCheck(),
    close: async () => {
      await root.close();
      unlock();
    },
  };
}
