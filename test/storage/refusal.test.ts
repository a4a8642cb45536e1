import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { describe, expect, test } from "vitest";
import { formatMark, STORE_VERSION } from "../../src/storage/lmdb-env.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import { candleSeries } from "../support/candles.js";
import { tempFolder } from "../support/temp.js";

const SERIES = "binance:spot:BTC/USDT:1m";

async function filledFolder(): Promise<string> {
  const folder = tempFolder();
  const store = openLmdbStore(folder);
  await store.commit({ series: SERIES, upsert: candleSeries(0, 2000) });
  await store.close();
  return folder;
}

/** Opens, expects a refusal with `code`, and that the data file is as it was. */
function expectRefused(folder: string, code: string): void {
  const file = join(folder, "data.mdb");
  const before = readFileSync(file);
  let refusal: unknown;
  try {
    openLmdbStore(folder);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toMatchObject({ name: "StoreError", code });
  expect(readFileSync(file).equals(before)).toBe(true);
}

async function withRootDatabase(
  folder: string,
  change: (put: (key: string, value: Buffer) => void) => void,
): Promise<void> {
  const root = open<Buffer, Buffer>({ path: folder, maxDbs: 32, encoding: "binary", keyEncoding: "binary" });
  change((key, value) => root.putSync(Buffer.from(key), value));
  await root.close();
}

describe("a store that must not be written to is refused and left as it is", () => {
  test("a truncated file", async () => {
    const folder = await filledFolder();
    truncateSync(join(folder, "data.mdb"), 12_288);
    expectRefused(folder, "store_damaged");
  });

  test("a file cut inside its first page", async () => {
    const folder = await filledFolder();
    truncateSync(join(folder, "data.mdb"), 100);
    expectRefused(folder, "store_damaged");
  });

  test("a file of something else", () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "data.mdb"), Buffer.alloc(50_000, "not a database "));
    expectRefused(folder, "store_damaged");
  });

  test("a file whose first page was overwritten", async () => {
    const folder = await filledFolder();
    const file = join(folder, "data.mdb");
    const bytes = readFileSync(file);
    bytes.fill(0xff, 0, 4096);
    writeFileSync(file, bytes);
    expectRefused(folder, "store_damaged");
  });

  test("a store of a newer version", async () => {
    const folder = await filledFolder();
    await withRootDatabase(folder, (put) => put("format", formatMark(STORE_VERSION + 1)));
    expectRefused(folder, "store_newer");
  });

  test("a format mark that fails its checksum", async () => {
    const folder = await filledFolder();
    await withRootDatabase(folder, (put) => put("format", Buffer.from("trade-canvas:1:12345")));
    expectRefused(folder, "store_damaged");
  });

  test("an LMDB file of another program", async () => {
    const folder = tempFolder();
    await withRootDatabase(folder, (put) => put("users", Buffer.from("anna")));
    expectRefused(folder, "store_foreign");
  });

  test("a folder that cannot be made", () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "file"), "");
    expect(() => openLmdbStore(join(folder, "file", "store"))).toThrow(
      expect.objectContaining({ code: "store_unusable", message: expect.stringContaining("TRADE_CANVAS_DB_PATH") }),
    );
  });
});

test("damage inside a chunk is found by its checksum when it is read, and is never served", async () => {
  const folder = tempFolder();
  const store = openLmdbStore(folder);
  await store.commit({ series: SERIES, upsert: candleSeries(0, 10) });
  await store.close();
  const file = join(folder, "data.mdb");
  const bytes = readFileSync(file);
  const volume = Buffer.alloc(8);
  volume.writeDoubleLE(9); // the volume of the tenth candle
  for (let at = bytes.indexOf(volume); at >= 0; at = bytes.indexOf(volume, at + 1)) bytes.writeDoubleLE(9.5, at);
  writeFileSync(file, bytes);
  const damaged = openLmdbStore(folder);
  expect(() => damaged.read(SERIES, { limit: 10 })).toThrow(expect.objectContaining({ code: "store_damaged" }));
  await damaged.close();
});

describe("one process at a time", () => {
  test("a second opening is refused while the first lasts, and works after it", async () => {
    const folder = tempFolder();
    const first = openLmdbStore(folder);
    expect(() => openLmdbStore(folder)).toThrow(
      expect.objectContaining({ code: "store_in_use", message: expect.stringContaining(String(process.pid)) }),
    );
    await first.close();
    await openLmdbStore(folder).close();
  });

  test("the lock of a process that was killed does not have to be removed by hand", async () => {
    const folder = tempFolder();
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(join(folder, "daemon.lock"), JSON.stringify({ pid: dead, started: "1" }));
    await openLmdbStore(folder).close();
  });

  test("a process id that was given to another process does not hold the lock", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "daemon.lock"), JSON.stringify({ pid: process.pid, started: "1" }));
    await openLmdbStore(folder).close();
  });

  test("a lock that cannot be read is taken over", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "daemon.lock"), "{");
    await openLmdbStore(folder).close();
  });
});
