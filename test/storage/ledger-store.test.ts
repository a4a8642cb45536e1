/** Ledgers in the store: where they stand, their blocks and checkpoints, and what commits do to them. */
import { describe, expect, test } from "vitest";
import type { LedgerBlock, StoredRows } from "../../src/storage/ledger-records.js";
import type { LedgerChange } from "../../src/storage/ledger-store.js";
import type { LedgerRowsRange, Store } from "../../src/storage/store.js";
import { candleSeries } from "../support/candles.js";
import { block, grownStore, head, OTHER, openStore, SERIES, time } from "./grown-store.js";

const apply = (store: Store, change: LedgerChange) => store.commit({ series: SERIES, ledgers: { factor: change } });
const blocksOf = (store: Store, range: LedgerRowsRange = { fromS: 0, toS: 1e9 }, series = SERIES) => [
  ...store.ledgerRows(series, "factor", range),
];
const startsOf = (store: Store, range?: LedgerRowsRange) => blocksOf(store, range).map(({ startCount }) => startCount);
const factorOf = (store: Store) => store.ledger(SERIES, "factor");

describe("a ledger that nobody has written", () => {
  test("stands nowhere and has nothing, whether its series is known or not", async () => {
    const store = openStore();
    await store.commit({ series: OTHER, upsert: candleSeries(60, 3) });
    for (const series of [SERIES, OTHER]) {
      expect(store.ledger(series, "factor")).toEqual({ head: null, generation: 0, lastVersion: 0, cutHead: null });
      expect(store.ledgerBlockTime(series, "factor", 1e9)).toBeUndefined();
      expect(store.checkpoint(series, "factor", time(0))).toBeUndefined();
      expect(blocksOf(store, undefined, series)).toEqual([]);
    }
  });
});

describe("an advanced ledger", () => {
  test("appears together with the candles of its commit, and only for itself", async () => {
    const store = openStore();
    const change: LedgerChange = { type: "advanced", head: head(3), blocks: [block(0)], from: 0 };
    await store.commit({ series: SERIES, upsert: candleSeries(time(0), 3), ledgers: { factor: change } });
    expect(factorOf(store)).toEqual({ head: head(3), generation: 1, lastVersion: 30, cutHead: null });
    expect(store.ledger(SERIES, "overlay").head).toBeNull();
    expect(blocksOf(store)).toEqual([
      { time: time(0), startCount: 0, startVersion: 0, rows: "rows of 0", revision: 1 },
    ]);
  });

  test("is not there when its commit fails", async () => {
    const store = await grownStore(6);
    const change: LedgerChange = { type: "advanced", head: head(7), blocks: [block(1, "more")] };
    const unstorable = [{ ...candleSeries(time(6), 1)[0], time: 1.5 }] as never;
    await expect(store.commit({ series: SERIES, upsert: unstorable, ledgers: { factor: change } })).rejects.toThrow();
    expect(factorOf(store).head).toEqual(head(6));
    expect(blocksOf(store)[1]?.rows).toBe("rows of 1");
  });

  test("keeps the blocks and checkpoints that a commit does not name", async () => {
    const store = await grownStore(6);
    const more: LedgerBlock = { ...block(1, "more"), checkpoint: undefined };
    await apply(store, { type: "advanced", head: head(8), blocks: [more] });
    expect(factorOf(store)).toMatchObject({ head: head(8), generation: 1, lastVersion: 80 });
    expect(blocksOf(store).map(({ rows, revision }) => [rows, revision])).toEqual([
      ["rows of 0", 1],
      ["more", 2],
    ]);
    expect(store.checkpoint(SERIES, "factor", time(4))).toBe('{"before":1}');
    await apply(store, { type: "advanced", head: head(9), blocks: [] });
    expect(factorOf(store).head).toEqual(head(9));
    expect(startsOf(store)).toEqual([0, 4]);
  });

  test("from a block on replaces what was stored, but keeps the state before that block", async () => {
    const store = await grownStore(14);
    const again = { ...block(1, "again"), checkpoint: undefined };
    await apply(store, { type: "advanced", head: head(6), blocks: [again], from: time(4) });
    expect(blocksOf(store).map(({ rows }) => rows)).toEqual(["rows of 0", "again"]);
    const checkpoints = [0, 4, 8, 12].map((candle) => store.checkpoint(SERIES, "factor", time(candle)));
    expect(checkpoints).toEqual([undefined, '{"before":1}', undefined, undefined]);
    expect(factorOf(store)).toMatchObject({ head: head(6), generation: 2, lastVersion: 140 });
    // Neighbours in the order of the keys.
    expect([...store.ledgerRows(SERIES, "overlay", { fromS: 0, toS: 1e9 })]).toHaveLength(4);
    expect(blocksOf(store, undefined, OTHER)).toHaveLength(4);
  });

  test("from a block that it does not write leaves no rows there", async () => {
    const store = await grownStore(14);
    await apply(store, { type: "advanced", head: head(4), blocks: [], from: time(4) });
    expect(startsOf(store)).toEqual([0]);
  });

  test("may hold a candle of 1970", async () => {
    const store = openStore();
    const first: LedgerBlock = { time: 0, startCount: 0, startVersion: 0, checkpoint: '{"blank":1}', rows: "" };
    await store.commit({
      series: SERIES,
      upsert: candleSeries(0, 1),
      ledgers: { overlay: { type: "advanced", head: head(1, { time: 0 }), blocks: [first], from: 0 } },
    });
    expect(store.ledgerBlockTime(SERIES, "overlay", 0)).toBe(0);
    expect(store.checkpoint(SERIES, "overlay", 0)).toBe('{"blank":1}');
    for (const descending of [false, true]) {
      expect([...store.ledgerRows(SERIES, "overlay", { fromS: 0, toS: 0, descending })]).toMatchObject([{ rows: "" }]);
    }
  });
});

describe("the blocks of a ledger", () => {
  test("are found by a time in them", async () => {
    const store = await grownStore(14);
    const found = (timeS: number) => store.ledgerBlockTime(SERIES, "factor", timeS);
    expect([time(0) - 1, -5].map(found)).toEqual([undefined, undefined]);
    expect([time(0), time(3), time(4) - 1].map(found)).toEqual(Array(3).fill(time(0)));
    expect([time(4), time(5)].map(found)).toEqual(Array(2).fill(time(4)));
    expect([time(12), 1e12, Number.MAX_SAFE_INTEGER].map(found)).toEqual(Array(3).fill(time(12)));
  });

  test("come in either direction, those that begin in the range, both ends included", async () => {
    const store = await grownStore(18);
    expect(startsOf(store)).toEqual([0, 4, 8, 12, 16]);
    expect(startsOf(store, { fromS: 0, toS: Number.MAX_SAFE_INTEGER, descending: true })).toEqual([16, 12, 8, 4, 0]);
    expect(startsOf(store, { fromS: time(4), toS: time(12) })).toEqual([4, 8, 12]);
    expect(startsOf(store, { fromS: time(4), toS: time(12), descending: true })).toEqual([12, 8, 4]);
    expect(startsOf(store, { fromS: time(4) + 1, toS: time(12) - 1, descending: true })).toEqual([8]);
    expect(startsOf(store, { fromS: -9, toS: time(0) })).toEqual([0]);
    for (const descending of [false, true]) {
      expect(startsOf(store, { fromS: time(5), toS: time(6), descending })).toEqual([]);
      expect(startsOf(store, { fromS: 0, toS: -1, descending })).toEqual([]);
      expect(startsOf(store, { fromS: time(9), toS: time(2), descending })).toEqual([]);
    }
  });

  test("are not decoded again when the reader knows them at their revision", async () => {
    const store = await grownStore(6);
    await apply(store, { type: "advanced", head: head(7), blocks: [{ ...block(1, "more"), checkpoint: undefined }] });
    const asked: [number, number][] = [];
    const mine = { marked: "as mine" } as unknown as StoredRows;
    const known = (timeS: number, revision: number): StoredRows | undefined => {
      asked.push([timeS, revision]);
      return revision === 1 ? mine : undefined;
    };
    const found = [...store.ledgerRows(SERIES, "factor", { fromS: 0, toS: 1e9 }, known)];
    expect(asked).toEqual([
      [time(0), 1],
      [time(4), 2],
    ]);
    expect(found[0]).toBe(mine);
    expect(found[1]).toMatchObject({ rows: "more" });
  });
});

describe("a ledger that is cut", () => {
  test("falls back to the last candle before the block that holds the time", async () => {
    const store = await grownStore(14);
    await apply(store, { type: "cut", at: time(9) });
    expect(startsOf(store)).toEqual([0, 4]);
    expect(store.checkpoint(SERIES, "factor", time(8))).toBeUndefined();
    expect(store.checkpoint(SERIES, "factor", time(4))).toBe('{"before":1}');
    expect(factorOf(store)).toEqual({
      // The versions stay given.
      head: head(8, { lastVersion: 140 }),
      generation: 2,
      lastVersion: 140,
      cutHead: head(14),
    });
    expect(store.ledger(SERIES, "overlay").head).toEqual(head(14));
  });

  test("falls back to a candle that it was folded from, though the commit brings others", async () => {
    const store = await grownStore(14);
    const late = candleSeries(time(8) - 30, 1);
    await store.commit({ series: SERIES, upsert: late, ledgers: { factor: { type: "cut", at: late[0]?.time ?? 0 } } });
    expect(factorOf(store).head).toMatchObject({ time: time(3), count: 4 });
    await store.commit({
      series: SERIES,
      upsert: candleSeries(time(4) - 20, 1),
      ledgers: { overlay: { type: "cut", at: time(4) } },
    });
    expect(store.ledger(SERIES, "overlay").head).toMatchObject({ time: time(3), count: 4 });
  });

  test.each([
    ["in the first block", time(2)],
    ["at the first candle", time(0)],
    ["before the first candle", 3],
    ["at the beginning of time", 0],
  ])("%s is left with nothing", async (_where, at) => {
    const store = await grownStore(14);
    await apply(store, { type: "cut", at });
    expect(factorOf(store)).toEqual({ head: null, generation: 2, lastVersion: 140, cutHead: head(14) });
    expect(startsOf(store)).toEqual([]);
    for (const candle of [4, 8, 12]) expect(store.checkpoint(SERIES, "factor", time(candle))).toBeUndefined();
  });

  test("beyond its head stays as it is, and so does one that is not there", async () => {
    const store = await grownStore(14);
    const before = factorOf(store);
    await apply(store, { type: "cut", at: time(13) + 1 });
    expect([factorOf(store), startsOf(store)]).toEqual([before, [0, 4, 8, 12]]);
    await apply(store, { type: "reset" });
    const reset = factorOf(store);
    await apply(store, { type: "cut", at: 0 });
    expect(factorOf(store)).toEqual(reset);
  });

  test("remembers the head that it had, until it has come as far again", async () => {
    const store = await grownStore(14);
    await apply(store, { type: "cut", at: time(9) });
    await apply(store, { type: "cut", at: time(5) });
    expect(factorOf(store)).toMatchObject({ head: { count: 4 }, cutHead: head(14), generation: 3 });
    await apply(store, { type: "advanced", head: head(13), blocks: [block(1), block(2), block(3)] });
    expect(factorOf(store).cutHead).toEqual(head(14));
    await apply(store, { type: "advanced", head: head(14), blocks: [] });
    expect(factorOf(store).cutHead).toBeNull();
  });
});

test("a ledger that is reset is forgotten, but for its generation and the versions that were given", async () => {
  const store = await grownStore(14);
  await apply(store, { type: "cut", at: time(9) });
  await apply(store, { type: "reset" });
  expect(factorOf(store)).toEqual({ head: null, generation: 3, lastVersion: 140, cutHead: null });
  expect(startsOf(store)).toEqual([]);
  expect(store.checkpoint(SERIES, "factor", time(4))).toBeUndefined();
  expect(store.head(SERIES).count).toBe(14);
  await apply(store, { type: "advanced", head: head(2, { lastVersion: 3 }), blocks: [block(0)], from: 0 });
  expect(factorOf(store)).toMatchObject({ generation: 4, lastVersion: 140 });
});
