import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportCommand } from "../../src/cli/export.js";
import type { Candle } from "../../src/market/candle.js";
import { changed, damageRecords } from "../support/damage.js";
import { recordedCandles } from "../support/recorded.js";
import { tempFolder } from "../support/temp.js";
import { run, storeOf } from "./store-world.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const CANDLES: readonly Candle[] = [
  { time: 60, open: 1, high: 2.5, low: 0.5, close: 1e-7, volume: 0 },
  { time: 120, open: 93_514.1, high: 93_514.2, low: 93_000, close: 93_100.123_456_78, volume: 1e21 },
  // Off the grid, behind a hole.
  { time: 301, open: 0.1, high: 0.30000000000000004, low: 0.1, close: 0.2, volume: 12.5 },
];

const CSV = [
  "candle_time,open,high,low,close,volume",
  "60,1,2.5,0.5,1e-7,0",
  "120,93514.1,93514.2,93000,93100.12345678,1e+21",
  "301,0.1,0.30000000000000004,0.1,0.2,12.5",
  "",
].join("\n");

async function world() {
  const folder = tempFolder();
  const store = await storeOf(folder, { [SERIES]: CANDLES });
  const env = { TRADE_CANVAS_DB_PATH: folder };
  return { folder, store, exported: (...args: string[]) => run(exportCommand, ["--bare", ...args], env) };
}

test("the candles of a store that a daemon holds, byte for byte, to stdout or a file", async () => {
  const { exported } = await world();
  const file = join(tempFolder(), "candles.csv");
  expect(await exported(SERIES)).toMatchObject({ code: 0, out: CSV, err: `${SERIES}: 3 candles` });
  expect(await exported(SERIES, "--out", "-")).toMatchObject({ code: 0, out: CSV });
  writeFileSync(file, "what was there before");
  expect(await exported(SERIES, "--out", file)).toMatchObject({
    code: 0,
    out: "",
    err: `${SERIES}: 3 candles in ${file}`,
  });
  expect(readFileSync(file, "utf8")).toBe(CSV);
  expect(readdirSync(join(file, ".."))).toEqual(["candles.csv"]);
});

test("a range has both its ends, and may be empty", async () => {
  const { exported } = await world();
  const times = async (...args: string[]) =>
    (await exported(SERIES, ...args)).out
      .split("\n")
      .slice(1, -1)
      .map((line) => Number(line.split(",")[0]));
  expect(await times("--from", "120")).toEqual([120, 301]);
  expect(await times("--to", "120")).toEqual([60, 120]);
  expect(await times("--from", "61", "--to", "1970-01-01T00:05:01Z")).toEqual([120, 301]);
  expect(await times("--from", "302")).toEqual([]);
});

test("more candles than are read at a time come whole, with what a daemon stores meanwhile", async () => {
  const recorded = recordedCandles("BTCUSDT");
  const folder = tempFolder();
  await storeOf(folder, { [SERIES]: recorded });
  const { out } = await run(exportCommand, [SERIES, "--bare"], { TRADE_CANVAS_DB_PATH: folder });
  const lines = recorded.map(({ time, open, high, low, close, volume }) =>
    [time, open, high, low, close, volume].join(),
  );
  expect(recorded.length).toBeGreaterThan(40_000);
  expect(out === `${["candle_time,open,high,low,close,volume", ...lines].join("\n")}\n`).toBe(true);
});

test("a series that is not stored is told, with those that are", async () => {
  const { exported } = await world();
  const { code, err, out } = await exported("binance:spot:NONE/USDT:1m");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toBe(
    `trade-canvas export: the store does not hold the series 'binance:spot:NONE/USDT:1m'; it holds ${SERIES}`,
  );
});

test("no store, and a damaged one, are told; what the file held stays, and no draft is left", async () => {
  const empty = await run(exportCommand, [SERIES, "--bare"], { TRADE_CANVAS_DB_PATH: tempFolder() });
  expect(empty).toMatchObject({ code: 1, err: expect.stringMatching(/^trade-canvas export: there is no store in/) });
  const { folder, store } = await world();
  await store.close();
  await damageRecords(folder, "candles", () => true, changed);
  const file = join(tempFolder(), "candles.csv");
  writeFileSync(file, "before");
  const { code, err } = await run(exportCommand, [SERIES, "--bare", "--out", file], { TRADE_CANVAS_DB_PATH: folder });
  expect([code, readFileSync(file, "utf8"), readdirSync(join(file, ".."))]).toEqual([1, "before", ["candles.csv"]]);
  expect(err).toContain("trade-canvas export: ");
});

test("one that is interrupted leaves no file", async () => {
  const { folder } = await world();
  const file = join(tempFolder(), "candles.csv");
  const env = { TRADE_CANVAS_DB_PATH: folder };
  const { code } = await run(exportCommand, [SERIES, "--bare", "--out", file], env, AbortSignal.abort());
  expect([code, existsSync(file), readdirSync(join(file, ".."))]).toEqual([130, false, []]);
});

test.each([
  [[], "no series is given"],
  [[SERIES, SERIES], "one series too many"],
  [[SERIES, "--from", "noon"], "--from noon is not a time"],
  [[SERIES, "--from", "120", "--to", "60"], "--from 120 is after --to 60"],
  [[SERIES, "--out", "/nowhere/at/all.csv"], "cannot be written"],
])("%j is wrong usage", async (args, problem) => {
  const { code, err } = await run(exportCommand, args);
  expect([code, err.includes(problem)], err).toEqual([2, true]);
});
