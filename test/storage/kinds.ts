/** The kinds of store that must keep the same contract. */
import { onTestFinished } from "vitest";
import { KeyedStore } from "../../src/storage/keyed-store.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import { createMemoryDisk, openMemoryEnv } from "../../src/storage/memory-env.js";
import type { Store } from "../../src/storage/store.js";
import { tempFolder } from "../support/temp.js";

/** Where a store is kept: opening it again finds what was stored. */
export interface StorePlace {
  open(): Store;
}

function lmdbPlace(): StorePlace {
  const folder = tempFolder();
  return { open: () => openLmdbStore(folder) };
}

function memoryPlace(): StorePlace {
  const disk = createMemoryDisk();
  const nextTurn = (run: () => void) => setImmediate(run);
  const flush = (done: () => void) => setImmediate(done);
  return { open: () => new KeyedStore(openMemoryEnv({ disk, nextTurn, flush })) };
}

export const STORE_KINDS: readonly (readonly [string, () => StorePlace])[] = [
  ["on LMDB", lmdbPlace],
  ["in memory", memoryPlace],
];

/** Opens a store that is closed when the test ends. */
export function openedAt(place: StorePlace): Store {
  const store = place.open();
  onTestFinished(() => store.close());
  return store;
}
