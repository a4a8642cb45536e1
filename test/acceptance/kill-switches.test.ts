/**
 * The kill switches on a running daemon: whatever is switched, healthy input has the same answers and messages; and what
 * is different in the state of each. Reads of lagging ledgers: `read-switches.test.ts`. Spec: flags §2, §4.
 */
import { describe, expect, test } from "vitest";
import { parseSeriesId } from "../../src/market/series-id.js";
import { type CandleRow, candlesOf, loadVector } from "../factors/model/vectors.js";
import { failingFactor } from "../http/failing.js";
import { call, ingest, ingestAll, wire } from "../http/request.js";
import { candleAt, candleSeries } from "../support/candles.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { tempFolder } from "../support/temp.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const ID = parseSeriesId(SERIES);
const QUERY = `series_id=${encodeURIComponent(SERIES)}`;

const SWITCHES = [
  "ENABLE_INGEST_PIPELINE_V2",
  "ENABLE_INGEST_LOOP_GUARDRAIL",
  "ENABLE_READ_STRICT_MODE",
  "ENABLE_READ_IMPLICIT_RECOMPUTE",
  "ENABLE_INGEST_WS_PIPELINE_PUBLISH",
] as const;

const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_DEV_API: "1" };
const SMALL_WINDOWS = { TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "2", TRADE_CANVAS_PIVOT_WINDOW_MINOR: "1" };

function switched(on: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(SWITCHES.map((name) => [`TRADE_CANVAS_${name}`, on(name) ? "1" : "0"]));
}

const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
const READS = [
  `/api/market/candles?${QUERY}`,
  `/api/factor/slices?${QUERY}&at_time=2000`,
  `/api/factor/health?${QUERY}`,
  `/api/draw/delta?${QUERY}`,
  `/api/frame/live?${QUERY}`,
  `/api/delta/poll?${QUERY}&after_id=5`,
];

/** Everything that a client sees of candles that come one by one, late, again, and in a batch. */
async function seenOfHealthyInput(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const daemon = await startTestDaemon({ env: { ...OPEN, ...SMALL_WINDOWS, ...env } });
  const [plain, batches] = [await daemon.connect(), await daemon.connect()];
  plain.subscribe(SERIES);
  batches.subscribe(SERIES, { supports_batch: true });
  await Promise.all([plain.settled(), batches.settled()]);
  const rows = candlesOf(candles);
  await daemon.app.runtime.ingest(ID, rows.slice(0, 40), daemon.app.runtime.policies.batchPublished);
  const answers: string[] = [];
  for (const time of [2_460, 2_580, 2_520, 2_580, 2_640]) answers.push((await ingest(daemon.url, SERIES, time)).text);
  for (const path of READS) answers.push((await call(daemon.url, path)).text);
  await Promise.all([plain.settled(), batches.settled()]);
  await daemon.app.stop();
  return [...answers, ...plain.texts, ...batches.texts];
}

test("whatever is switched, healthy input has the same answers and the same messages, byte for byte", async () => {
  const expected = await seenOfHealthyInput(switched(() => false));
  expect(expected.length).toBeGreaterThan(20);
  const others = [
    switched(() => true),
    ...SWITCHES.flatMap((one) => [switched((name) => name === one), switched((name) => name !== one)]),
  ];
  for (const env of others) expect(await seenOfHealthyInput(env), JSON.stringify(env)).toEqual(expected);
});

/** What a batch subscriber and a plain one are sent of runs of the exchange's stream. */
async function sentOfTheStream(daemon: TestDaemon): Promise<readonly (readonly unknown[])[]> {
  const { runtime } = daemon.app;
  const [plain, batches] = [await daemon.connect(), await daemon.connect()];
  plain.subscribe(SERIES);
  batches.subscribe(SERIES, { supports_batch: true });
  await Promise.all([plain.settled(), batches.settled()]);
  await runtime.ingest(ID, [candleAt(60)], runtime.policies.stream);
  await runtime.ingest(ID, candleSeries(120, 2), runtime.policies.stream);
  await Promise.all([plain.settled(), batches.settled()]);
  return [plain, batches].map(({ messages }) => messages.map(({ type }) => type));
}

describe("the publish stage of the stream", () => {
  const single = ["candle_closed", "system", "candle_closed", "candle_closed"];

  test("0: always a batch, also of a single candle, for those who asked for batches", async () => {
    const daemon = await startTestDaemon({ env: switched(() => false) });
    expect(await sentOfTheStream(daemon)).toEqual([single, ["candles_batch", "system", "candles_batch"]]);
  });

  test("1: a single candle is a single message, several are a batch, whatever the write stage does", async () => {
    for (const pipeline of [false, true]) {
      const env = switched((name) => name.endsWith("WS_PIPELINE_PUBLISH") || (pipeline && name.endsWith("V2")));
      const daemon = await startTestDaemon({ env });
      expect(await sentOfTheStream(daemon)).toEqual([single, ["candle_closed", "system", "candles_batch"]]);
    }
  });
});

describe("all of them off", () => {
  test("legacy writes, reads of what is there, legacy publication, no breaker", async () => {
    const env = { ...OPEN, ...switched(() => false), TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" };
    const parts = failingFactor({ message: "boom" });
    const daemon = await startTestDaemon({ env, parts, whitelist: ["binance:spot:ETH/USDT:1m"] });
    const feed = await daemon.connect();
    feed.subscribe(SERIES);
    await feed.settled();
    expect((await ingest(daemon.url, SERIES, 60)).status).toBe(200);
    expect((await feed.settled())[0]).toMatchObject({ type: "candle_closed" });
    const slices = await call(daemon.url, `/api/factor/slices?${QUERY}&at_time=60`);
    expect([slices.status, slices.json.candle_id, slices.json.snapshots]).toEqual([200, `${SERIES}:60`, {}]);
    const { json } = await call(daemon.url, "/api/market/debug/ingest_state");
    expect(json).toMatchObject({ loop_guardrail_enabled: false, jobs: [{ guardrail: null }] });
    const breakers = await call(daemon.url, "/api/feed/breakers");
    expect(breakers.json).toMatchObject({ series: [], endpoints: [] });
  });
});

test("setting them back to 0 takes their changes back at the next start, and keeps what was stored", async () => {
  const store = { ...SMALL_WINDOWS, TRADE_CANVAS_DB_PATH: tempFolder() };
  const on = await startTestDaemon({ env: { ...store, ...switched(() => true) } });
  await on.app.runtime.ingest(ID, candlesOf(candles), on.app.runtime.policies.stream);
  const answers = async ({ url }: TestDaemon) => Promise.all(READS.map(async (path) => (await call(url, path)).text));
  const before = await answers(on);
  await on.app.stop();
  const off = await startTestDaemon({ env: { ...store, ...switched(() => false) } });
  expect(await answers(off)).toEqual(before);
  expect((await call(off.url, "/api/feed/breakers")).json).toMatchObject({ series: [], endpoints: [] });
  expect((await ingest(off.url, SERIES, 2_700)).status).toBe(200);
  expect((await call(off.url, `/api/frame/live?${QUERY}`)).json.time).toMatchObject({ aligned_time: 2_700 });
});

describe("settings that meet", () => {
  test("factor ingest off, plain reads: slices have the right candle, and nothing in them", async () => {
    const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" } });
    await ingestAll(daemon.url, SERIES, [60, 120]);
    const { status, json } = await call(daemon.url, `/api/factor/slices?${QUERY}&at_time=130`);
    expect([status, json]).toEqual([
      200,
      { schema_version: 1, series_id: SERIES, at_time: 120, candle_id: `${SERIES}:120`, factors: [], snapshots: {} },
    ]);
  });

  test("a setting that is on by default is off when it is set to the empty text", async () => {
    const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_FACTOR_INGEST: "" } });
    await ingestAll(daemon.url, SERIES, [60]);
    const { json } = await call(daemon.url, `/api/factor/health?${QUERY}`);
    expect(json).toMatchObject({ store_head_time: 60, factor_head_time: null });
  });

  test("the whitelist is ingested and nothing else, while on-demand ingest is off", async () => {
    const pinned = "binance:spot:ETH/USDT:1m";
    const env = { ...OPEN, TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" };
    const daemon = await startTestDaemon({ env, whitelist: [pinned] });
    const feed = await daemon.connect();
    feed.subscribe(SERIES);
    feed.subscribe(pinned);
    await feed.settled();
    const jobs = async () => {
      const { json } = await call(daemon.url, "/api/market/debug/ingest_state");
      return (json.jobs as { series_id: string; refcount: number }[]).map(({ series_id, refcount }) => [
        series_id,
        refcount,
      ]);
    };
    expect(await jobs()).toEqual([[pinned, -1]]);
    await ingest(daemon.url, SERIES, 60);
    expect((await feed.settled())[0]).toEqual({ type: "candle_closed", series_id: SERIES, candle: wire(60) });
    feed.send({ type: "unsubscribe", series_id: pinned });
    await feed.settled();
    expect(await jobs()).toEqual([[pinned, -1]]);
  });
});
