/**
 * A month of real candles of two symbols: however they came in, the ledgers are the fold of what is stored, and every
 * moment of the month can be read.
 */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/clock/random.js";
import type { Candle } from "../../src/market/candle.js";
import { toWireCandle } from "../../src/market/candle.js";
import { parseSeriesId, type SeriesId } from "../../src/market/series-id.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { post } from "../support/http.js";
import { type DaemonProcess, runCommand, startProcess } from "../support/process.js";
import { recordedCandles } from "../support/recorded.js";
import { tempFolder } from "../support/temp.js";
import { nowhereEnv } from "../support/world.js";

const SERIES = {
  "binance:futures:BTC/USDT:1m": recordedCandles("BTCUSDT"),
  "binance:futures:ETH/USDT:1m": recordedCandles("ETHUSDT"),
} as const;

const CANDLES = 43_199;
const SAMPLED_TIMES = 2_000;
const KILLS = 20;
const LARGEST_BATCH = 2_000;

const STRICT = { TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1", TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1" };

interface Audited {
  readonly series: string;
  readonly candles: number;
  readonly factor: { readonly type: string; readonly candles: number; readonly rows: number; readonly hash: string };
  readonly overlay: { readonly type: string; readonly candles: number; readonly rows: number; readonly hash: string };
}

/** Runs `trade-canvas audit` on a store. */
async function audit(folder: string): Promise<readonly Audited[]> {
  const { code, output } = await runCommand(["audit", "--bare", "--json"], { TRADE_CANVAS_DB_PATH: folder });
  expect([code, output]).toEqual([0, expect.stringContaining('"same"')]);
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Audited);
}

/** What every way of ingest must lead to: the hashes of the ledgers are those of any other way. */
let expected: readonly Audited[] | undefined;

async function expectSameLedgers(folder: string): Promise<void> {
  const audited = await audit(folder);
  expect(audited.map(({ series, candles }) => [series, candles])).toEqual(
    Object.keys(SERIES).map((series) => [series, CANDLES]),
  );
  for (const { factor, overlay } of audited) {
    expect([factor.type, factor.candles, overlay.type, overlay.candles]).toEqual(["same", CANDLES, "same", CANDLES]);
    expect(factor.rows).toBeGreaterThan(5_000);
  }
  expected ??= audited;
  expect(audited).toEqual(expected);
}

/** Ingests a whole series through the pipeline in pieces of a size. */
async function ingest({ app }: TestDaemon, id: SeriesId, candles: readonly Candle[], size: () => number) {
  for (let from = 0; from < candles.length; ) {
    const to = from + size();
    await app.runtime.ingest(id, candles.slice(from, to), app.runtime.policies.batchSilent);
    from = to;
  }
}

async function ingestBoth(daemon: TestDaemon, size: () => number): Promise<void> {
  await Promise.all(
    Object.entries(SERIES).map(([series, candles]) => ingest(daemon, parseSeriesId(series), candles, size)),
  );
}

describe("a recorded month", () => {
  test("one by one: audit finds no difference, and every sampled moment can be read", {
    timeout: 600_000,
  }, async () => {
    const folder = tempFolder();
    const daemon = await startTestDaemon({ env: { ...STRICT, TRADE_CANVAS_DB_PATH: folder } });
    await ingestBoth(daemon, () => 1);
    await expectSameLedgers(folder);
    const random = seededRandom(7);
    const refused: string[] = [];
    for (let sample = 0; sample < SAMPLED_TIMES; sample += 1) {
      const [series, candles] = Object.entries(SERIES)[sample % 2] as [string, readonly Candle[]];
      const { time } = candles[Math.floor(random() * candles.length)] as Candle;
      for (const path of ["draw/delta", "frame/at_time"]) {
        const answer = await fetch(
          `${daemon.url}/api/${path}?${new URLSearchParams({ series_id: series, at_time: `${time}` })}`,
        );
        const text = await answer.text();
        if (answer.status !== 200) refused.push(`${path} ${series} ${time}: ${answer.status} ${text}`);
      }
    }
    expect(refused).toEqual([]);
  });

  test("in batches of any size: the same ledgers", { timeout: 300_000 }, async () => {
    const folder = tempFolder();
    const daemon = await startTestDaemon({ env: { ...STRICT, TRADE_CANVAS_DB_PATH: folder } });
    const random = seededRandom(11);
    await ingestBoth(daemon, () => 1 + Math.floor(random() * LARGEST_BATCH));
    await expectSameLedgers(folder);
  });

  test(`with ${KILLS} SIGKILLs in between: the same ledgers`, { timeout: 600_000 }, async () => {
    const folder = tempFolder();
    const env = { ...nowhereEnv(), ...STRICT, TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_DB_PATH: folder };
    const random = seededRandom(13);
    const next = new Map(Object.keys(SERIES).map((series) => [series, 0]));
    for (let life = 0; life <= KILLS; life += 1) {
      const daemon = await startProcess(["start", "--bare"], env);
      const until = Math.floor((CANDLES * (life + 1)) / (KILLS + 1));
      const lives = life < KILLS;
      await Promise.all([...next.keys()].map((series) => feed(daemon, series, next, lives ? until : CANDLES, random)));
      // The next batches are under way, unacknowledged, when it dies.
      const dying = lives
        ? [...next.keys()].map((series) => feed(daemon, series, next, CANDLES, random).catch(() => undefined))
        : [];
      await new Promise((resolve) => setTimeout(resolve, random() * 20));
      await daemon.end(lives ? "SIGKILL" : "SIGTERM");
      await Promise.all(dying);
    }
    await expectSameLedgers(folder);
  });
});

/** Posts batches from where the series stands until `until` candles are acknowledged, or the daemon is gone. */
async function feed(
  { url }: DaemonProcess,
  series: string,
  next: Map<string, number>,
  until: number,
  random: () => number,
): Promise<void> {
  const candles = SERIES[series as keyof typeof SERIES];
  for (;;) {
    const from = next.get(series) ?? 0;
    if (from >= until) return;
    const to = Math.min(until, from + 1 + Math.floor(random() ** 3 * LARGEST_BATCH));
    const answer = await post(`${url}/api/dev/market/ingest/candles_closed_batch`, {
      series_id: series,
      candles: candles.slice(from, to).map(toWireCandle),
    });
    expect(answer.status).toBe(200);
    next.set(series, to);
  }
}
