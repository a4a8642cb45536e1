/** What the memory store does that LMDB cannot be made to do at will: wait, fail and be cut off. */
import { describe, expect, test } from "vitest";
import { KeyedStore } from "../../src/storage/keyed-store.js";
import { createMemoryDisk, type MemoryDisk, openMemoryEnv } from "../../src/storage/memory-env.js";
import { candleAt } from "../support/candles.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const OTHER = "binance:futures:ETH/USDT:1m";

/** A store whose turns and flushes a test ends by hand. */
function manualStore(disk: MemoryDisk = createMemoryDisk()) {
  const turns: (() => void)[] = [];
  const flushes: ((failure?: Error) => void)[] = [];
  const env = openMemoryEnv({
    disk,
    nextTurn: (run) => turns.push(run),
    flush: (done) => flushes.push(done),
  });
  const endTurn = () => turns.shift()?.();
  const flush = (failure?: Error) => flushes.shift()?.(failure);
  return { store: new KeyedStore(env), disk, endTurn, flush, flushes };
}

describe("a commit in memory", () => {
  test("is seen when it is durable, and not before", async () => {
    const { store, endTurn, flush } = manualStore();
    const committing = store.commit({ series: SERIES, upsert: [candleAt(60)] });
    endTurn();
    expect(store.head(SERIES).count).toBe(0);
    flush();
    expect(store.head(SERIES).count).toBe(1);
    expect((await committing).insertedTimes).toEqual([60]);
  });

  test("shares its flush with the commits of its turn; later ones wait for the next", async () => {
    const { store, endTurn, flush, flushes } = manualStore();
    const first = [SERIES, OTHER].map((series) => store.commit({ series, upsert: [candleAt(60)] }));
    endTurn();
    const late = store.commit({ series: SERIES, upsert: [candleAt(120)] });
    expect(flushes).toHaveLength(1);
    flush();
    await Promise.all(first);
    expect([store.head(SERIES).count, store.head(OTHER).count, flushes.length]).toEqual([1, 1, 1]);
    flush();
    await late;
    expect(store.head(SERIES).count).toBe(2);
  });

  test("is lost with the process that did not wait for its flush", async () => {
    const { store, disk, endTurn, flush } = manualStore();
    const kept = store.commit({ series: SERIES, upsert: [candleAt(60)] });
    endTurn();
    flush();
    await kept;
    void store.commit({ series: SERIES, upsert: [candleAt(120)] });
    endTurn();
    expect(manualStore(disk).store.read(SERIES, { limit: 9 }).candles()).toEqual([candleAt(60)]);
  });

  test("of a group that does not get to disk stores nothing, and the next one works", async () => {
    const { store, endTurn, flush } = manualStore();
    const group = [SERIES, OTHER].map((series) => store.commit({ series, upsert: [candleAt(60)] }));
    endTurn();
    flush(new Error("no space left on device"));
    for (const commit of group) {
      await expect(commit).rejects.toThrow(`was not stored: no space left on device`);
      await expect(commit).rejects.toMatchObject({ code: "commit_failed" });
    }
    expect([store.head(SERIES).count, store.seriesIds()]).toEqual([0, []]);
    const again = store.commit({ series: OTHER, upsert: [candleAt(60)] });
    endTurn();
    flush();
    await again;
    expect(store.seriesIds()).toEqual([OTHER]);
  });
});

describe("a database in memory", () => {
  test("keeps what was written, whatever becomes of the writer's buffers, in memory of its own", () => {
    const { candles } = createMemoryDisk().databases;
    const [key, value] = [Buffer.from("key"), Buffer.from("value")];
    candles.putSync(key, value);
    key.fill("x");
    value.fill("x");
    const kept = candles.get(Buffer.from("key"));
    expect(kept?.toString()).toBe("value");
    expect(kept?.buffer.byteLength).toBe("key".length + "value".length);
  });

  test("tells its size as it grows, is overwritten and shrinks", () => {
    const { candles } = createMemoryDisk().databases;
    candles.putSync(Buffer.from("a"), Buffer.alloc(9));
    candles.putSync(Buffer.from("bc"), Buffer.alloc(1));
    candles.putSync(Buffer.from("a"), Buffer.alloc(4));
    expect(candles.size()).toEqual({ entries: 2, bytes: 8 });
    candles.removeSync(Buffer.from("a"));
    expect(candles.size()).toEqual({ entries: 1, bytes: 3 });
  });
});
