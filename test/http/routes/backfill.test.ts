/** The backfills of a running daemon, over a simulated exchange. Spec: http-api §3.1, §3.5. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Env } from "../../../src/config/env-file.js";
import { walkingSymbols } from "../../../src/sim/presets.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { startSimulatedExchange } from "../../../src/sim/simulated-exchange.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { tempFolder } from "../../support/temp.js";
import { untilTrue } from "../../support/until.js";
import { call, candles, ingest, post, timesOf } from "../request.js";

const BTC = "binance:futures:BTC/USDT:1m";
/** 2025-05-05 12:00:00 UTC, in seconds. */
const NOON_S = 1_746_446_400;
const PATH = "/api/dev/backfill";

/** A daemon and its exchange, at noon and forty seconds, with a day of history. */
async function startAtNoon(env: Env = {}) {
  const clock = new SimulatedClock((NOON_S + 40) * 1_000);
  const symbols = walkingSymbols("futures", ["BTCUSDT"], 3, (NOON_S - 86_400) * 1_000);
  const exchange = await startSimulatedExchange({ clock, seed: 3, markets: { futures: { symbols } } });
  onTestFinished(() => exchange.stop());
  const daemon = await startTestDaemon({
    clock,
    env: {
      TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: exchange.futures.restUrl,
      TRADE_CANVAS_ENABLE_DEV_API: "1",
      TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1",
      TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "1",
      ...env,
    },
  });
  const asked = () =>
    exchange.futures.journal.entries("rest").filter(({ path: asking }) => asking.endsWith("/klines")).length;
  return { clock, exchange, daemon, asked };
}

const health = async ({ url }: TestDaemon) =>
  (await call(url, `/api/market/health?series_id=${encodeURIComponent(BTC)}`)).json as {
    readonly status: string;
    readonly status_reason: string;
    readonly backfill: Readonly<Record<string, unknown>>;
  };

interface Listed {
  readonly backfills: readonly Readonly<Record<string, unknown>>[];
}

test("a range that was asked for is fetched, shown until it is done, and seen in the health", async () => {
  const { daemon } = await startAtNoon();
  const body = { series_id: BTC, from: NOON_S - 600, to: NOON_S - 60 };
  const answer = await post(daemon.url, PATH, body);
  expect(answer.json).toMatchObject({
    ok: true,
    joined: false,
    backfill: { id: 1, series_id: BTC, from: NOON_S - 600, to: NOON_S - 60, candles: 10 },
  });
  const list = async () =>
    (await call(daemon.url, `${PATH}?series_id=${encodeURIComponent(BTC)}`)).json as unknown as Listed;
  await untilTrue("its end", async () => (await list()).backfills[0]?.state === "done");
  expect((await list()).backfills).toMatchObject([
    {
      id: 1,
      candles_done: 10,
      candles_stored: 10,
      absent_candles: 0,
      absent: [],
      done_up_to: NOON_S - 60,
      error: null,
    },
  ]);
  expect(timesOf(await candles(daemon.url, BTC))).toHaveLength(10);
  expect(await health(daemon)).toMatchObject({
    status: "green",
    backfill: { state: "succeeded", reason: "backfill", note: "backfill_done", progress_pct: 100, recent: true },
  });
  expect((await post(daemon.url, "/api/dev/stop_backfill", { id: 1 })).json).toEqual({ ok: true, stopped: false });
  expect((await call(daemon.url, `${PATH}?series_id=other`)).json).toMatchObject({ backfills: [] });
});

test("what cannot be is refused, and nothing is begun; behind its gate there is nothing at all", async () => {
  const { daemon } = await startAtNoon();
  const refused = await post(daemon.url, PATH, { series_id: "kraken:spot:BTC/USDT:1m", from: 0 });
  expect([refused.status, refused.json.detail]).toEqual([
    400,
    expect.stringContaining("unsupported exchange: 'kraken'"),
  ]);
  expect((await post(daemon.url, PATH, { series_id: BTC })).status).toBe(422);
  expect((await call(daemon.url, PATH)).json).toMatchObject({ backfills: [] });
  const shut = await startAtNoon({ TRADE_CANVAS_ENABLE_DEV_API: "0" });
  for (const path of [PATH, "/api/dev/stop_backfill"]) {
    expect((await post(shut.daemon.url, path, { nonsense: 1 })).status, path).toBe(404);
  }
  expect((await call(shut.daemon.url, PATH)).json).toEqual({ detail: "not_found" });
});

test("RS-H6 a read without since has the tail covered after it was answered, and starts no feed", async () => {
  const { daemon, exchange } = await startAtNoon({ TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1" });
  expect(timesOf(await candles(daemon.url, BTC, "&limit=100"))).toEqual([]);
  const tail = async () => timesOf(await candles(daemon.url, BTC, "&limit=100"));
  await untilTrue("the tail", async () => (await tail()).length === 99);
  expect((await tail()).at(-1)).toBe(NOON_S - 60);
  expect(await health(daemon)).toMatchObject({ status: "green", backfill: { reason: "tail_coverage" } });
  expect(daemon.app.runtime.ingestState().jobs).toEqual([]);
  expect(exchange.futures.journal.entries("attempt")).toEqual([]);
});

test("a read covers no more than the maximum, with closed candles only up to the newest closed one", async () => {
  const { daemon } = await startAtNoon({
    TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1",
    TRADE_CANVAS_MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES: "20",
    TRADE_CANVAS_ENABLE_STRICT_CLOSED_ONLY: "1",
  });
  await candles(daemon.url, BTC, "&limit=100");
  await untilTrue("its end", async () => (await health(daemon)).backfill.state === "succeeded");
  expect(timesOf(await candles(daemon.url, BTC))).toHaveLength(20);
  expect((await health(daemon)).backfill).toMatchObject({ note: "tail_coverage_done", progress_pct: 100 });
});

test.each([
  ["without the setting", {}, ""],
  ["with a since", { TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1" }, "&since=0"],
  [
    "without leave to ask on reads",
    { TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1", TRADE_CANVAS_ENABLE_CCXT_BACKFILL_ON_READ: "0" },
    "",
  ],
  [
    "without leave to ask at all",
    { TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1", TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "0" },
    "",
  ],
])("%s a read has nothing fetched", async (_, env, query) => {
  const { daemon, asked } = await startAtNoon(env);
  await candles(daemon.url, BTC, query);
  await candles(daemon.url, BTC, query);
  await daemon.app.stop();
  expect(asked()).toBe(0);
});

test("a symbol that the exchange does not list costs no question for candles, and is not tracked", async () => {
  const { daemon, exchange, asked } = await startAtNoon({ TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1" });
  const unknown = "binance:futures:NONE/USDT:1m";
  expect((await candles(daemon.url, unknown)).status).toBe(200);
  await untilTrue("the list of symbols", () =>
    exchange.futures.journal.entries("rest").some(({ path }) => path.endsWith("/exchangeInfo")),
  );
  await daemon.app.stop();
  expect(asked()).toBe(0);
});

test("progress outlives a restart when it is to", async () => {
  const folder = join(tempFolder(), "store");
  const env = {
    TRADE_CANVAS_DB_PATH: folder,
    TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1",
    TRADE_CANVAS_ENABLE_MARKET_BACKFILL_PROGRESS_PERSISTENCE: "1",
  };
  const { daemon } = await startAtNoon(env);
  await candles(daemon.url, BTC);
  await untilTrue("its end", async () => (await health(daemon)).backfill.state === "succeeded");
  const before = await health(daemon);
  await daemon.app.stop();
  const again = await startAtNoon(env);
  expect((await health(again.daemon)).backfill).toEqual(before.backfill);
});

test("the status of a series that lags tells what is being done about it", async () => {
  const { daemon, exchange } = await startAtNoon();
  await ingest(daemon.url, BTC, NOON_S - 600);
  expect(await health(daemon)).toMatchObject({ status: "red", status_reason: "lagging_no_recent_backfill" });
  exchange.futures.faults.switchOn({ kind: "rest-slow", paths: ["/fapi/v1/klines"] });
  await post(daemon.url, PATH, { series_id: BTC, from: NOON_S - 540 });
  await untilTrue("it to run", async () => (await health(daemon)).status_reason === "backfill_running");
  expect(await health(daemon)).toMatchObject({ status: "yellow", backfill: { state: "running", progress_pct: 0 } });
  expect((await post(daemon.url, "/api/dev/stop_backfill", { id: 1 })).json).toEqual({ ok: true, stopped: true });
  await untilTrue("it to stop", async () => (await health(daemon)).backfill.state === "failed");
  expect(await health(daemon)).toMatchObject({ status: "red", backfill: { note: "backfill_stopped" } });
});
