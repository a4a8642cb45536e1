/** Records of gaps in the store. Spec: docs/feed.md, "The gap ledger". */
import { open } from "lmdb";
import { describe, expect, test } from "vitest";
import { type Gap, openedGap, resolvedGap, unrepairableGap } from "../../src/market/gap.js";
import { MAX_GAPS_PER_SERIES } from "../../src/storage/gap-store.js";
import { gapKey } from "../../src/storage/keys.js";
import { openStoreReader } from "../../src/storage/lmdb-store.js";
import { candleAt } from "../support/candles.js";
import { changed, damageRecords, stump, truncated } from "../support/damage.js";
import { tempFolder } from "../support/temp.js";
import { OTHER, openStore, SERIES } from "./grown-store.js";

const opened = (id: number, nowMs = id * 1_000) =>
  openedGap({ id, cause: "reconnect", fromTime: id * 60, toTime: null, nowMs });
const repaired = (id: number): Gap => resolvedGap(opened(id), id * 60, [], id * 1_000 + 5);
const absent = (id: number): Gap => resolvedGap(opened(id), id * 60, [{ from: id * 60, to: id * 60 }], id * 1_000 + 5);
const ids = ({ gaps }: { readonly gaps: readonly Gap[] }) => gaps.map(({ id }) => id);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("gaps of a series", () => {
  test("are none of a series that is not known", () => {
    const store = openStore();
    expect(store.gaps(SERIES, { limit: 10 })).toEqual({ gaps: [], damaged: [] });
    expect(store.unfilledGaps(SERIES)).toEqual({ gaps: [], damaged: [] });
  });

  test("are read as they were written, ascending: the newest, or the oldest after a time", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, gaps: upTo(12).map(repaired) });
    await store.commit({ series: OTHER, gaps: [opened(1)] });
    expect(store.gaps(SERIES, { limit: 1 }).gaps).toEqual([repaired(12)]);
    expect(ids(store.gaps(SERIES, { limit: 3 }))).toEqual([10, 11, 12]);
    expect(ids(store.gaps(SERIES, { limit: 3, sinceMs: 4_000 }))).toEqual([5, 6, 7]);
    expect(ids(store.gaps(SERIES, { limit: 100, sinceMs: 3_999 }))).toEqual(upTo(12).slice(3));
    expect(ids(store.gaps(SERIES, { limit: 100, sinceMs: 12_000 }))).toEqual([]);
    expect(ids(store.gaps(OTHER, { limit: 100 }))).toEqual([1]);
  });

  test("a record takes the place of the one with its number, and is there after a restart", async () => {
    const folder = tempFolder();
    const store = openStore(folder);
    await store.commit({ series: SERIES, gaps: [opened(1), opened(2)] });
    await store.commit({ series: SERIES, gaps: [absent(1)] });
    await store.close();
    const reader = openStoreReader(folder);
    expect(reader.gaps(SERIES, { limit: 10 }).gaps).toEqual([absent(1), opened(2)]);
    await reader.close();
  });

  test("that may still be filled are those being repaired and those absent at the source", async () => {
    const store = openStore();
    await store.commit({
      series: SERIES,
      gaps: [repaired(1), absent(2), unrepairableGap(opened(3), 240, 9), opened(4)],
    });
    expect(ids(store.unfilledGaps(SERIES))).toEqual([2, 4]);
  });

  test("alone are no new revision of the candles; with candles they are committed as one", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, upsert: [candleAt(60)] });
    const before = store.head(SERIES);
    const receipt = await store.commit({ series: SERIES, gaps: [opened(1)] });
    expect([store.head(SERIES), receipt.head]).toEqual([before, before]);
    await store.commit({ series: SERIES, upsert: [candleAt(120)], gaps: [repaired(1)] });
    expect(store.head(SERIES)).toMatchObject({ revision: 2, count: 2 });
    const fails = store.commit({ series: SERIES, upsert: [candleAt(-60)], gaps: [opened(2)] });
    await expect(fails).rejects.toMatchObject({ code: "commit_failed" });
    expect(ids(store.gaps(SERIES, { limit: 10 }))).toEqual([1]);
  });

  test("are bounded: the oldest go first, and those that are being repaired stay", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, gaps: [opened(1), ...upTo(MAX_GAPS_PER_SERIES).slice(1).map(repaired)] });
    expect(store.gaps(SERIES, { limit: 1e6 }).gaps).toHaveLength(MAX_GAPS_PER_SERIES);
    await store.commit({ series: SERIES, gaps: [repaired(MAX_GAPS_PER_SERIES + 1), opened(MAX_GAPS_PER_SERIES + 2)] });
    const kept = ids(store.gaps(SERIES, { limit: 1e6 }));
    expect(kept).toHaveLength(MAX_GAPS_PER_SERIES);
    expect([kept.slice(0, 3), kept.at(-1)]).toEqual([[1, 4, 5], MAX_GAPS_PER_SERIES + 2]);
  });

  test("are bounded even if all of them are open", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, gaps: upTo(MAX_GAPS_PER_SERIES + 3).map((id) => opened(id)) });
    expect(ids(store.gaps(SERIES, { limit: 1e6 }))[0]).toBe(4);
  });
});

test.each([
  ["changed", changed],
  ["truncated", truncated],
  ["cut to a stump", stump],
])("a record that was %s is left out and named, and the others are read", async (_how, damage) => {
  const folder = tempFolder();
  const store = openStore(folder);
  await store.commit({ series: SERIES, gaps: [opened(1), opened(2), opened(3)] });
  await store.close();
  await damageRecords(folder, "gaps", gapKey(1, 2), damage);
  const damaged = openStore(folder);
  expect(damaged.gaps(SERIES, { limit: 10 })).toEqual({ gaps: [opened(1), opened(3)], damaged: [2] });
  expect(damaged.gaps(SERIES, { limit: 10, sinceMs: 1_000 })).toEqual({ gaps: [opened(3)], damaged: [2] });
  expect(ids(damaged.unfilledGaps(SERIES))).toEqual([1, 3]);
  await damaged.commit({ series: SERIES, gaps: [opened(2)] });
  expect(ids(damaged.gaps(SERIES, { limit: 10 }))).toEqual([1, 2, 3]);
});

test("a store from before there were gaps is read as one without any, and takes them in", async () => {
  const folder = tempFolder();
  const store = openStore(folder);
  await store.commit({ series: SERIES, upsert: [candleAt(60)] });
  await store.close();
  const root = open({ path: folder, maxDbs: 32, encoding: "binary", keyEncoding: "binary" });
  await root.openDB({ name: "gaps", encoding: "binary", keyEncoding: "binary" }).drop();
  await root.close();
  const reader = openStoreReader(folder);
  expect([reader.gaps(SERIES, { limit: 10 }), reader.head(SERIES).count]).toEqual([{ gaps: [], damaged: [] }, 1]);
  await reader.close();
  const writer = openStore(folder);
  await writer.commit({ series: SERIES, gaps: [opened(1)] });
  expect(ids(writer.gaps(SERIES, { limit: 10 }))).toEqual([1]);
});
