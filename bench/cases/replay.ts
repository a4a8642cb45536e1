import { join } from "node:path";
import { createSystemClock } from "../../src/clock/system-clock.js";
import { loadSettings } from "../../src/config/load.js";
import { toWireCandle } from "../../src/market/candle.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { silentLog } from "../../src/observability/event-log.js";
import type { PackageArchive } from "../../src/replay/package/archive.js";
import { openPackageArchive } from "../../src/replay/package/package-archive.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import { recordedCandles } from "../../test/support/recorded.js";
import { ROOT } from "../../test/support/root.js";
import type { BenchmarkCase, Figures } from "../lib/case.js";
import { type MeasuredDaemon, type StoreFolder, startDaemon, storeFolder } from "../lib/daemon.js";
import { connection, type LoadResult, load } from "../lib/requests.js";
import { round, spread } from "../lib/stats.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const PACKAGE = 2_000;
const LONG_PACKAGE = 20_000;
const WINDOW_SIZE = 500;
const BATCH = 5_000;
const BUILDS = 10;
const LONG_BUILDS = 3;
const PASSES = 10;
const READS = 2_000;

const candles = recordedCandles("BTCUSDT");
const head = candles.at(-1)?.time ?? 0;
const never = new AbortController().signal;

async function ingestMonth({ url }: MeasuredDaemon): Promise<void> {
  const { send, close } = connection(url);
  for (let from = 0; from < candles.length; from += BATCH) {
    const body = { series_id: SERIES, candles: candles.slice(from, from + BATCH).map(toWireCandle) };
    await send({ path: "/api/dev/market/ingest/candles_closed_batch", body: JSON.stringify(body) });
  }
  close();
}

/** An archive upon the recorded month, in this process. */
async function withArchive<T>(use: (archive: PackageArchive) => Promise<T>): Promise<T> {
  const folder = storeFolder();
  const daemon = await startDaemon({}, folder);
  await ingestMonth(daemon);
  await daemon.stop();
  const store = openLmdbStore(folder.path);
  const archive = await openPackageArchive({
    artifactsFolder: join(folder.path, "artifacts"),
    storeFolder: folder.path,
    store,
    engines: loadSettings({}).settings,
    rebuildOnNewFingerprint: true,
    clock: createSystemClock(),
    log: silentLog,
    worker: new URL("dist/replay/package/build-worker.js", ROOT),
  });
  const result = await use(archive);
  await archive.close();
  await store.close();
  folder.remove();
  return result;
}

/** In milliseconds; `ran` is the time of processors, which a busy machine makes wait. */
interface Took {
  readonly ms: number;
  readonly ranMs: number;
}

/** Builds a package that was not built before. */
async function build(archive: PackageArchive, number: number, windowCandles: number): Promise<Took> {
  const began = performance.now();
  const before = process.cpuUsage();
  const request = { kind: "replay", key: keyOf(number), id: parseSeriesId(SERIES), alignedTime: head } as const;
  await archive.build({ ...request, windowCandles, windowSize: WINDOW_SIZE, snapshotInterval: 25 }, never);
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - began, ranMs: (user + system) / 1_000 };
}

const keyOf = (number: number): string => number.toString(16).padStart(24, "0");

const times = (values: readonly number[]): Readonly<Record<string, number>> => {
  const { p50, p99, max } = spread(values);
  return { p50_ms: p50, p99_ms: p99, max_ms: max };
};

export const replayBuild: BenchmarkCase = {
  name: "replay-build",
  measures: "replay packages of 2,000 and 20,000 recorded candles, from the request to the package on disk",
  run: () =>
    withArchive(async (archive) => {
      const [short, long]: [Took[], Took[]] = [[], []];
      for (let number = 0; number < BUILDS; number += 1) short.push(await build(archive, number, PACKAGE));
      for (let number = 0; number < LONG_BUILDS; number += 1) {
        long.push(await build(archive, BUILDS + number, LONG_PACKAGE));
      }
      const figures = (took: readonly Took[]) => ({
        ...times(took.map(({ ms }) => ms)),
        ran_p50_ms: spread(took.map(({ ranMs }) => ranMs)).p50,
      });
      return { candles_2000: figures(short), candles_20000: figures(long) };
    }),
};

export const replayWindow: BenchmarkCase = {
  name: "replay-window",
  measures: "windows of 500 candles, read one after the other from packages of 2,000 and 20,000 candles",
  run: () =>
    withArchive(async (archive) => {
      await build(archive, 0, LONG_PACKAGE);
      // So many that the windows kept in memory are never the ones that are asked for.
      const shorts = Array.from({ length: PASSES }, (_, number) => number + 1);
      for (const number of shorts) await build(archive, number, PACKAGE);
      const read = async (number: number, index: number) => {
        const began = performance.now();
        const window = await archive.window("replay", keyOf(number), index);
        return { ms: performance.now() - began, bytes: window?.factorSnapshots.bytes ?? 0 };
      };
      type Read = Awaited<ReturnType<typeof read>>;
      const [short, long]: [Read[], Read[]] = [[], []];
      for (let pass = 0; pass < PASSES; pass += 1) {
        for (const number of shorts) {
          for (let index = 0; index < PACKAGE / WINDOW_SIZE; index += 1) short.push(await read(number, index));
        }
        for (let index = 0; index < LONG_PACKAGE / WINDOW_SIZE; index += 1) long.push(await read(0, index));
      }
      const snapshotsMb = (reads: readonly Read[]) => round(Math.max(...reads.map(({ bytes }) => bytes)) / 1e6);
      return {
        of_2000: times(short.map(({ ms }) => ms)),
        of_20000: times(long.map(({ ms }) => ms)),
        largest_snapshots_mb: { of_2000: snapshotsMb(short), of_20000: snapshotsMb(long) },
      };
    }),
};

/** Builds one package after the other over HTTP, until told to end. @returns how many. */
async function buildAllTheTime(url: string, isOver: () => boolean): Promise<number> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  let built = 0;
  for (; !isOver(); built += 1) {
    const body = { series_id: SERIES, to_time: head - built * 60, window_candles: PACKAGE };
    const response = await fetch(`${url}/api/replay/build`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { job_id: job } = (await response.json()) as { job_id: string };
    for (let status = "building"; status === "building" && !isOver(); await pause()) {
      const answer = (await (await fetch(`${url}/api/replay/status?job_id=${job}`)).json()) as { status: string };
      status = answer.status;
      if (status === "error") throw new Error(`a build failed: ${JSON.stringify(answer)}`);
    }
  }
  return built;
}

async function readsOf({ url, processorTime }: MeasuredDaemon): Promise<LoadResult> {
  const series = encodeURIComponent(SERIES);
  const at = (index: number): number => candles[(PACKAGE + index * 7_919) % candles.length]?.time ?? 0;
  const paths = [
    (index: number) => `/api/market/candles?series_id=${series}&since=${at(index)}&limit=500`,
    (index: number) => `/api/draw/delta?series_id=${series}&at_time=${at(index)}`,
    (index: number) => `/api/factor/slices?series_id=${series}&at_time=${at(index)}&window_candles=500`,
  ];
  return load(url, 1, READS, (_, index) => ({ path: paths[index % paths.length]?.(index) ?? "" }), processorTime);
}

async function besideBuilds(folder: StoreFolder): Promise<Figures> {
  const env = { TRADE_CANVAS_ARTIFACTS_DIR: join(folder.path, "artifacts") };
  const daemon = await startDaemon(env, folder);
  await ingestMonth(daemon);
  await readsOf(daemon);
  const alone = await readsOf(daemon);
  let over = false;
  const building = buildAllTheTime(daemon.url, () => over);
  const beside = await readsOf(daemon);
  over = true;
  const builds = await building;
  await daemon.stop();
  const figures = ({ latencyMs, daemon: { waitedMs } }: LoadResult) => ({
    p50_ms: latencyMs.p50,
    p99_ms: latencyMs.p99,
    waited_p99_ms: waitedMs.p99,
  });
  return {
    alone: figures(alone),
    beside_builds: figures(beside),
    builds,
    p99_ratio: round(beside.latencyMs.p99 / alone.latencyMs.p99),
  };
}

export const replayBesideReads: BenchmarkCase = {
  name: "replay-beside-reads",
  measures: "candles, draw deltas and slices at random moments, without and with packages of 2,000 candles being built",
  run: async () => {
    const folder = storeFolder();
    const figures = await besideBuilds(folder);
    folder.remove();
    return figures;
  },
};
