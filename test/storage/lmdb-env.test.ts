import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import { candleSeries } from "../support/candles.js";
import { tempFolder } from "../support/temp.js";

test("a folder with a dot in its name is one like any other", async () => {
  const folder = join(tempFolder(), "store.v2");
  const store = openLmdbStore(folder);
  await store.commit({ series: "binance:spot:A/B:1m", upsert: candleSeries(60, 2) });
  await store.close();
  expect(readdirSync(folder)).toContain("data.mdb");
});
