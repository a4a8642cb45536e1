import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { backupCommand } from "../../src/cli/backup.js";
import { openedGap } from "../../src/market/gap.js";
import { openLmdbStore, openStoreReader } from "../../src/storage/lmdb-store.js";
import { ingestAll } from "../http/request.js";
import { candleSeries } from "../support/candles.js";
import { startDaemon } from "../support/daemon.js";
import { changed, damageRecords } from "../support/damage.js";
import { tempFolder } from "../support/temp.js";
import { run, storeOf } from "./store-world.js";

const ONE = "binance:futures:BTC/USDT:1m";
const OTHER = "binance:spot:ETH/USDT:5m";

const backup = (folder: string, out: string, stop?: AbortSignal) =>
  run(backupCommand, ["--bare", "--out", out], { TRADE_CANVAS_DB_PATH: folder }, stop);

test("a copy beside the daemon that writes the store has everything that was committed, ledgers and gaps too", async () => {
  const folder = tempFolder();
  const daemon = await startDaemon({ env: { TRADE_CANVAS_DB_PATH: folder } });
  await ingestAll(
    daemon.url,
    ONE,
    Array.from({ length: 300 }, (_, n) => 60 * (n + 1)),
  );
  const { store } = daemon.app;
  const gap = openedGap({ id: 1, cause: "start", fromTime: 60, toTime: 120, nowMs: 1_000 });
  await store.commit({ series: ONE, gaps: [gap] });
  await store.commit({ series: OTHER, upsert: candleSeries(300, 3) });
  const out = join(tempFolder(), "copy");
  const before = Object.fromEntries([ONE, OTHER].map((series) => [series, store.head(series)]));
  const done = await backup(folder, out);
  expect(done).toMatchObject({ code: 0, err: "" });
  expect(done.out).toMatch(
    /copy: 2 series, 303 candles, \d+\.\d MB, read back whole\nto restore it: stop the daemon, move .* away/,
  );
  await ingestAll(daemon.url, ONE, [60_000]);
  await daemon.app.stop();
  expect(readdirSync(out)).toEqual(["data.mdb"]);
  const copy = openStoreReader(out);
  expect(copy.seriesIds()).toEqual([ONE, OTHER]);
  for (const series of [ONE, OTHER]) expect(copy.head(series)).toEqual(before[series]);
  expect(copy.unfilledGaps(ONE).gaps).toEqual([gap]);
  expect(copy.ledger(ONE, "factor").head?.time).toBe(18_000);
  await copy.close();
  // Restored, it is a store like any other.
  const restored = openLmdbStore(out);
  await restored.commit({ series: ONE, upsert: candleSeries(18_060, 1) });
  expect(restored.head(ONE).count).toBe(301);
  await restored.close();
});

test("commits go on while it is copied, and the copy has whole ones only", async () => {
  const folder = tempFolder();
  const store = await storeOf(folder, { [ONE]: candleSeries(60, 5_000) });
  let done = false;
  let commits = 0;
  const writing = (async () => {
    while (!done) {
      commits += 1;
      await store.commit({ series: ONE, upsert: candleSeries(60 * (5_000 + 10 * commits + 1), 10) });
    }
  })();
  const out = join(tempFolder(), "copy");
  expect(await backup(folder, out)).toMatchObject({ code: 0 });
  done = true;
  await writing;
  expect(commits).toBeGreaterThan(1);
  const copy = openStoreReader(out);
  const { count, lastTime } = copy.head(ONE);
  expect([count % 10, lastTime]).toEqual([0, copy.read(ONE, { limit: 1 }).candles()[0]?.time]);
  await copy.close();
});

test("a copy is smaller than a store that has given much free", async () => {
  const folder = tempFolder();
  const store = await storeOf(folder, { [ONE]: candleSeries(60, 20_000) });
  await store.commit({ series: ONE, trimTo: 10 });
  const out = join(tempFolder(), "copy");
  expect(await backup(folder, out)).toMatchObject({ code: 0 });
  const size = (place: string): number => statSync(join(place, "data.mdb")).size;
  expect(size(out)).toBeLessThan(size(folder) / 4);
});

test("what cannot be read back whole is not kept: damaged candles, a head that tells of others", async () => {
  for (const [database, damage, problem] of [
    ["candles", changed, "checksum"],
    [
      "heads",
      (record: Buffer) => {
        record.writeDoubleLE(7, 8);
        return record;
      },
      `${ONE}: its head says 7 candles from 60 to 300, and there are 5`,
    ],
  ] as const) {
    const folder = tempFolder();
    const store = await storeOf(folder, { [ONE]: candleSeries(60, 5) });
    await store.close();
    await damageRecords(folder, database, () => true, damage);
    const parent = tempFolder();
    const { code, err } = await backup(folder, join(parent, "copy"));
    expect([code, readdirSync(parent)], err).toEqual([1, []]);
    expect(err).toContain(problem);
    expect(err).toMatch(/; nothing was kept$/);
  }
});

test("a target that is there, even empty, and one without a parent are refused", async () => {
  const parent = tempFolder();
  const there = join(parent, "there");
  mkdirSync(there);
  expect(await backup(tempFolder(), there)).toMatchObject({
    code: 2,
    err: expect.stringContaining("is there already"),
  });
  const { code, err } = await backup(tempFolder(), join(parent, "not", "there"));
  expect([code, err.includes(`there is no folder ${join(parent, "not")}`)]).toEqual([2, true]);
  expect(await run(backupCommand, [])).toMatchObject({ code: 2, err: expect.stringContaining("--out is missing") });
});

test("without a store nothing is made, and an interrupted copy leaves nothing", async () => {
  const parent = tempFolder();
  expect(await backup(tempFolder(), join(parent, "copy"))).toMatchObject({
    code: 1,
    err: expect.stringContaining("there is no store"),
  });
  const folder = tempFolder();
  await storeOf(folder, { [ONE]: candleSeries(60, 5) });
  expect(await backup(folder, join(parent, "copy"), AbortSignal.abort())).toMatchObject({ code: 130 });
  await vi.waitFor(() => expect(existsSync(join(parent, "copy"))).toBe(false));
  expect(readdirSync(parent)).toEqual([]);
});
