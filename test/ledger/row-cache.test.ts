import { expect, test } from "vitest";
import { RowCache } from "../../src/ledger/row-cache.js";
import type { StoredRows } from "../../src/storage/ledger-records.js";
import type { StoreReader } from "../../src/storage/store.js";

const RANGE = { fromS: 0, toS: 10_000 };

/** Blocks of a series, as a store hands them out. */
function storeOf(blocks: readonly StoredRows[]): StoreReader {
  const ledgerRows: StoreReader["ledgerRows"] = (_series, _ledger, { fromS, toS }, known) => {
    const found = blocks.filter(({ time }) => time >= fromS && time <= toS);
    return found.map((block) => known?.(block.time, block.revision) ?? { ...block });
  };
  return { ledgerRows } as StoreReader;
}

const block = (time: number, rows: string, revision = 1): StoredRows => {
  return { time, rows, revision, startCount: 0, startVersion: 0 };
};

/** What is made of a row of one letter, in bytes; a limit that two such blocks lie within, and a third exceeds. */
const BYTES_PER_LETTER = 1_000;
const ROOM_FOR_TWO = 2_600;

/** A cache that notes what it parses. */
function noting(limitBytes?: number) {
  const parsed: string[] = [];
  const parse = (rows: string) => {
    parsed.push(rows);
    return { text: rows.toUpperCase(), bytes: rows.length * BYTES_PER_LETTER };
  };
  const cache = new RowCache("factor", parse, limitBytes);
  const read = (store: StoreReader, range = RANGE, series = "s") =>
    [...cache.blocks(store, series, range)].map((one) => one.parsed.text);
  return { read, parsed };
}

test("blocks are parsed once", () => {
  const { read, parsed } = noting();
  const store = storeOf([block(60, "a\nb"), block(120, ""), block(180, "c")]);
  expect(read(store)).toEqual(["A\nB", "", "C"]);
  expect(read(store)).toEqual(["A\nB", "", "C"]);
  expect(read(store, { fromS: 120, toS: 200 })).toEqual(["", "C"]);
  expect(parsed).toEqual(["a\nb", "", "c"]);
});

test("a block that was written since is parsed again, and only that one", () => {
  const { read, parsed } = noting();
  read(storeOf([block(60, "a"), block(120, "b")]));
  expect(read(storeOf([block(60, "a"), block(120, "b\nc", 2)]))).toEqual(["A", "B\nC"]);
  expect(parsed).toEqual(["a", "b", "b\nc"]);
});

test("series do not see each other's blocks", () => {
  const { read, parsed } = noting();
  expect(read(storeOf([block(60, "a")]), RANGE, "one")).toEqual(["A"]);
  expect(read(storeOf([block(60, "b")]), RANGE, "other")).toEqual(["B"]);
  expect(parsed).toEqual(["a", "b"]);
});

test("what was not read for the longest is forgotten first when memory runs out", () => {
  const { read, parsed } = noting(ROOM_FOR_TWO);
  const store = storeOf([block(60, "a"), block(120, "b"), block(180, "c")]);
  const only = (time: number) => read(store, { fromS: time, toS: time });
  only(60);
  only(120);
  only(60);
  only(180);
  expect(parsed).toEqual(["a", "b", "c"]);
  only(60);
  only(180);
  expect(parsed).toEqual(["a", "b", "c"]);
  only(120);
  expect(parsed).toEqual(["a", "b", "c", "b"]);
});

test("a block beyond all bounds is served, and not kept", () => {
  const { read, parsed } = noting(ROOM_FOR_TWO);
  const store = storeOf([block(60, "abc")]);
  expect([read(store), read(store)]).toEqual([["ABC"], ["ABC"]]);
  expect(parsed).toEqual(["abc", "abc"]);
});

test("blocks without rows are bounded as well", () => {
  const { read, parsed } = noting(ROOM_FOR_TWO);
  const store = storeOf(Array.from({ length: 100 }, (_, at) => block(60 + at, "")));
  read(store);
  read(store);
  expect(parsed).toHaveLength(200);
});
