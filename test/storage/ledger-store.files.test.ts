/** Ledgers in the files of a store: damage is found, and the files of the version before are taken over. */
import { open } from "lmdb";
import { describe, expect, test } from "vitest";
import { blockKey, ledgerKey } from "../../src/storage/keys.js";
import { formatMark } from "../../src/storage/lmdb-env.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";
import { candleSeries } from "../support/candles.js";
import { changed, type Damage, damageRecords, stump, truncated } from "../support/damage.js";
import { tempFolder } from "../support/temp.js";
import { grownStore, head, openStore, SERIES, time } from "./grown-store.js";

describe("damage", () => {
  async function damagedStore(database: string, key: Buffer, damage: Damage): Promise<Store> {
    const folder = tempFolder();
    await (await grownStore(6, folder)).close();
    await damageRecords(folder, database, key, damage);
    return openStore(folder);
  }
  const damaged = expect.objectContaining({ name: "LedgerDamage", code: "ledger_damaged", ledger: "factor" });
  // The first series of a store has the number 1.
  const SERIES_NUMBER = 1;

  test.each([
    ["changed", changed],
    ["truncated", truncated],
    ["cut to a stump", stump],
  ])("of rows that were %s is found when they are read, and never served", async (_how, damage) => {
    const store = await damagedStore("ledger_rows", blockKey(SERIES_NUMBER, "factor", time(4)), damage);
    const rows = store.ledgerRows(SERIES, "factor", { fromS: 0, toS: 1e9 })[Symbol.iterator]();
    expect(rows.next().value).toMatchObject({ rows: "rows of 0" });
    expect(() => rows.next()).toThrow(damaged);
  });

  test.each([
    ["changed", changed],
    ["truncated", truncated],
  ])("of a checkpoint that was %s", async (_how, damage) => {
    const store = await damagedStore("checkpoints", blockKey(SERIES_NUMBER, "factor", time(4)), damage);
    expect(() => store.checkpoint(SERIES, "factor", time(4))).toThrow(damaged);
  });

  test.each([
    ["changed", changed],
    ["truncated", truncated],
    ["cut to a stump", stump],
  ])(
    "of a head that was %s leaves a ledger without one, and counters behind all that they gave",
    async (_how, damage) => {
      const store = await damagedStore("ledger_heads", ledgerKey(SERIES_NUMBER, "overlay"), damage);
      const standing = store.ledger(SERIES, "overlay");
      expect(standing).toMatchObject({ head: null, cutHead: null, isDamaged: true });
      expect(standing.lastVersion).toBeGreaterThan(1_000_000);
      expect(standing.generation).toBeGreaterThan(1_000_000);
      expect(store.ledger(SERIES, "factor").head).toEqual(head(6));
      await store.commit({ series: SERIES, ledgers: { overlay: { type: "reset" } } });
      const { generation, lastVersion } = store.ledger(SERIES, "overlay");
      expect(store.ledger(SERIES, "overlay")).toEqual({ head: null, generation, lastVersion, cutHead: null });
      expect([generation, lastVersion]).toEqual([standing.generation + 1, standing.lastVersion]);
    },
  );

  test("of the rows of a block that a cut goes back to leaves nothing of the ledger", async () => {
    const store = await damagedStore("ledger_rows", blockKey(SERIES_NUMBER, "factor", time(4)), changed);
    await store.commit({ series: SERIES, ledgers: { factor: { type: "cut", at: time(5) } } });
    expect(store.ledger(SERIES, "factor")).toMatchObject({ head: null, cutHead: head(6) });
    expect([...store.ledgerRows(SERIES, "factor", { fromS: 0, toS: 1e9 })]).toEqual([]);
  });
});

describe("a store of format 1", () => {
  /** A store as the version before left it: the same candles, and ledgers that were only heads. */
  async function storeOfFormat1(): Promise<string> {
    const folder = tempFolder();
    const store = openLmdbStore(folder);
    await store.commit({ series: SERIES, upsert: candleSeries(time(0), 9) });
    await store.close();
    const root = open<Buffer, Buffer>({ path: folder, maxDbs: 32, encoding: "binary", keyEncoding: "binary" });
    root.putSync(Buffer.from("format"), formatMark(1));
    const heads = root.openDB<Buffer, Buffer>({ name: "ledgers", encoding: "binary", keyEncoding: "binary" });
    heads.putSync(ledgerKey(1, "factor"), Buffer.from(JSON.stringify({ time: time(8), fingerprint: "old" })));
    await root.close();
    return folder;
  }

  test("is taken over with its candles; its ledgers begin anew", async () => {
    const folder = await storeOfFormat1();
    const store = openStore(folder);
    expect(store.read(SERIES, { limit: 99 }).candles()).toEqual(candleSeries(time(0), 9));
    expect(store.ledger(SERIES, "factor")).toEqual({ head: null, generation: 0, lastVersion: 0, cutHead: null });
    await store.close();
    expect(await markOf(folder)).toEqual(formatMark(3));
  });

  test("is not touched while another process holds it", async () => {
    const folder = await storeOfFormat1();
    const holder = openStore(folder);
    await remark(folder, 1);
    expect(() => openLmdbStore(folder)).toThrow(expect.objectContaining({ code: "store_in_use" }));
    expect(await markOf(folder)).toEqual(formatMark(1));
    await holder.close();
  });

  async function markOf(folder: string): Promise<Buffer | undefined> {
    const root = open<Buffer, Buffer>({ path: folder, maxDbs: 32, encoding: "binary", keyEncoding: "binary" });
    const mark = root.get(Buffer.from("format"));
    const copy = mark === undefined ? undefined : Buffer.from(mark);
    await root.close();
    return copy;
  }

  async function remark(folder: string, version: number): Promise<void> {
    const root = open<Buffer, Buffer>({ path: folder, maxDbs: 32, encoding: "binary", keyEncoding: "binary" });
    root.putSync(Buffer.from("format"), formatMark(version));
    await root.close();
  }
});
