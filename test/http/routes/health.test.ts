import { expect, test } from "vitest";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { call, ingestAll, post } from "../request.js";

const SERIES = "binance:spot:BTC/USDT:5m";
const OPEN = { TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1" };

const health = async ({ url }: TestDaemon, query: string, series = SERIES) =>
  call(url, `/api/market/health?series_id=${encodeURIComponent(series)}${query}`);

const IDLE_BACKFILL = {
  state: "idle",
  progress_pct: 100,
  started_at: null,
  updated_at: null,
  reason: null,
  note: null,
  error: null,
  recent: false,
  start_missing_seconds: 0,
  start_missing_candles: 0,
  current_missing_seconds: 0,
  current_missing_candles: 0,
};

test("a series without candles is red", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  expect((await health(daemon, "&now_time=960")).json).toEqual({
    series_id: SERIES,
    timeframe_seconds: 300,
    now_time: 960,
    expected_latest_closed_time: 600,
    head_time: null,
    lag_seconds: null,
    missing_seconds: null,
    missing_candles: null,
    status: "red",
    status_reason: "missing_head",
    backfill: IDLE_BACKFILL,
  });
});

test("heads behind, level with and ahead of the newest closed candle", async () => {
  const cases: [number, object][] = [
    [
      300,
      {
        lag_seconds: 660,
        missing_seconds: 300,
        missing_candles: 1,
        status: "red",
        status_reason: "lagging_no_recent_backfill",
      },
    ],
    [301, { lag_seconds: 659, missing_seconds: 299, missing_candles: 1, status: "red" }],
    [600, { lag_seconds: 360, missing_seconds: 0, missing_candles: 0, status: "green", status_reason: "up_to_date" }],
    [
      900,
      {
        lag_seconds: 60,
        missing_seconds: 0,
        missing_candles: 0,
        status: "yellow",
        status_reason: "head_ahead_of_closed_window",
      },
    ],
    [1_200, { lag_seconds: 0, missing_seconds: 0, status: "yellow" }],
  ];
  for (const [head, expected] of cases) {
    const daemon = await startTestDaemon({ env: OPEN });
    await ingestAll(daemon.url, SERIES, [head]);
    const answer = await health(daemon, "&now_time=960");
    expect(answer.json, String(head)).toMatchObject({ head_time: head, expected_latest_closed_time: 600, ...expected });
  }
});

test("without now_time the daemon's clock counts, in whole seconds", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, SERIES, [1_700_000_100]);
  expect((await health(daemon, "")).json).toMatchObject({
    now_time: 1_700_000_400,
    expected_latest_closed_time: 1_700_000_100,
    lag_seconds: 300,
    status: "green",
  });
});

test("a derived series without a backfill of its own shows that of its base, which is what fills it", async () => {
  const env = { ...OPEN, TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: "1" };
  const daemon = await startTestDaemon({ env });
  const base = SERIES.replace("5m", "1m");
  const ask = { series_id: base, from: 1_699_990_000, to: 1_699_999_000 };
  expect((await post(daemon.url, "/api/dev/backfill", ask)).status).toBe(200);
  const backfillOf = async (series: string) => (await health(daemon, "", series)).json.backfill;
  await untilTrue("the backfill of the base", async () => {
    const backfill = (await backfillOf(base)) as { readonly state: string };
    return backfill.state === "running";
  });
  expect(await backfillOf(SERIES)).toEqual(await backfillOf(base));
  expect(await backfillOf(SERIES.replace("5m", "3m"))).toEqual(IDLE_BACKFILL);
});

test("a bad series id is 400 with the text of the parser; a bad query is 422", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const cases: [string, string][] = [
    ["BTC/USDT", "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'"],
    ["a:b::1m", "invalid series_id (empty component)"],
    ["a:b:c:1M", "unsupported timeframe unit: 'M'"],
    ["a:b:c:0d", "invalid timeframe: '0d'"],
  ];
  for (const [series, detail] of cases) {
    const answer = await health(daemon, "", series);
    expect([answer.status, answer.json], series).toEqual([400, { detail }]);
  }
  for (const query of ["&now_time=-1", "&now_time=", "&now_time=x"]) {
    expect((await health(daemon, query)).status, query).toBe(422);
  }
  expect((await health(daemon, "", "")).status).toBe(422);
});

test("the longest now_time does not break the arithmetic", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, SERIES, [300]);
  const answer = await health(daemon, `&now_time=${Number.MAX_SAFE_INTEGER}`);
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ lag_seconds: Number.MAX_SAFE_INTEGER - 300, status: "red" });
});
