/** A store with ledgers that were written by hand, for tests of what the store does with them. */
import { onTestFinished } from "vitest";
import type { LedgerBlock, LedgerHead } from "../../src/storage/ledger-records.js";
import type { LedgerChange } from "../../src/storage/ledger-store.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";
import { candleSeries } from "../support/candles.js";
import { tempFolder } from "../support/temp.js";

export const SERIES = "binance:futures:BTC/USDT:1m";
export const OTHER = "binance:futures:ETH/USDT:1m";

/** Every candle a minute, every block four candles. */
export const time = (candle: number): number => 600 + candle * 60;
export const PER_BLOCK = 4;

export function openStore(folder = tempFolder()): Store {
  const store = openLmdbStore(folder);
  onTestFinished(() => store.close());
  return store;
}

export function head(count: number, change: Partial<LedgerHead> = {}): LedgerHead {
  return { time: time(count - 1), count, fingerprint: "logic", origin: null, lastVersion: count * 10, ...change };
}

export function block(at: number, rows = `rows of ${at}`): LedgerBlock {
  const startCount = at * PER_BLOCK;
  const checkpoint = at === 0 ? undefined : `{"before":${at}}`;
  return { time: time(startCount), startCount, startVersion: startCount * 10, checkpoint, rows };
}

/** A series with candles, all of which both of its ledgers have folded. */
export async function grownStore(count: number, folder?: string): Promise<Store> {
  const store = openStore(folder);
  const blocks = Array.from({ length: Math.ceil(count / PER_BLOCK) }, (_, at) => block(at));
  const change: LedgerChange = { type: "advanced", head: head(count), blocks, from: 0 };
  const upsert = candleSeries(time(0), count);
  for (const series of [SERIES, OTHER])
    await store.commit({ series, upsert, ledgers: { factor: change, overlay: change } });
  return store;
}
