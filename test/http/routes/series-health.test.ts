import { expect, test } from "vitest";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { expectQueryIsChecked } from "../query-checks.js";
import { call, ingestAll } from "../request.js";

const PATH = "/api/market/debug/series_health";
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1" };
const MINUTES = "binance:spot:BTC/USDT:1m";
const FIVE_MINUTES = "binance:spot:BTC/USDT:5m";

const health = ({ url }: TestDaemon, series: string, query = "") =>
  call(url, `${PATH}?series_id=${encodeURIComponent(series)}${query}`);

test("gaps of the series, and what its newest buckets are made of", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, FIVE_MINUTES, [300, 900]);
  await ingestAll(daemon.url, MINUTES, [300, 360, 420, 540, 600, 660]);
  const answer = await health(daemon, FIVE_MINUTES, "&recent_base_buckets=2");
  expect([answer.status, answer.text]).toEqual([
    200,
    JSON.stringify({
      series_id: FIVE_MINUTES,
      timeframe_seconds: 300,
      now_time: 1_700_000_400,
      first_time: 300,
      head_time: 900,
      lag_seconds: 1_699_999_500,
      candle_count: 2,
      gap_count: 1,
      max_gap_seconds: 600,
      recent_gaps: [{ prev_time: 300, next_time: 900, delta_seconds: 600, missing_candles: 1 }],
      base_series_id: MINUTES,
      base_bucket_completeness: [
        { bucket_open_time: 300, expected_minutes: 5, actual_minutes: 4, missing_minutes: 1 },
        { bucket_open_time: 600, expected_minutes: 5, actual_minutes: 2, missing_minutes: 3 },
      ],
    }),
  ]);
});

test("minutes off the grid fill no bucket; a bucket without any is told; none opens before time begins", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, MINUTES, [10, 60, 630]);
  const { base_bucket_completeness: buckets } = (await health(daemon, FIVE_MINUTES)).json;
  expect(buckets).toEqual([
    { bucket_open_time: 0, expected_minutes: 5, actual_minutes: 1, missing_minutes: 4 },
    { bucket_open_time: 300, expected_minutes: 5, actual_minutes: 0, missing_minutes: 5 },
    { bucket_open_time: 600, expected_minutes: 5, actual_minutes: 0, missing_minutes: 5 },
  ]);
});

test("minutes themselves, a series without minutes, and one without candles", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, MINUTES, [60, 120, 300]);
  expect((await health(daemon, MINUTES)).json).toMatchObject({
    gap_count: 1,
    base_series_id: MINUTES,
    base_bucket_completeness: [],
  });
  expect((await health(daemon, "binance:spot:ETH/USDT:1h")).json).toEqual({
    series_id: "binance:spot:ETH/USDT:1h",
    timeframe_seconds: 3_600,
    now_time: 1_700_000_400,
    first_time: null,
    head_time: null,
    lag_seconds: null,
    candle_count: 0,
    gap_count: 0,
    max_gap_seconds: null,
    recent_gaps: [],
    base_series_id: "binance:spot:ETH/USDT:1m",
    base_bucket_completeness: [],
  });
});

test("as many gaps are named as were asked for; a head beyond the clock does not lag", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, MINUTES, [60, 180, 300, 420, 540, 660, 780, 1_900_000_000]);
  const { json } = await health(daemon, MINUTES);
  expect([json.gap_count, (json.recent_gaps as unknown[]).length, json.lag_seconds]).toEqual([7, 5, 0]);
  expect((await health(daemon, MINUTES, "&max_recent_gaps=1")).json.recent_gaps).toMatchObject([
    { prev_time: 780, next_time: 1_900_000_000 },
  ]);
});

test("parameters are checked; then the gate; then the series id", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await expectQueryIsChecked(daemon, PATH, [
    { name: "max_recent_gaps", min: 1, max: 50 },
    { name: "recent_base_buckets", min: 1, max: 48 },
  ]);
  const bad = await health(daemon, "a:b:c:1w");
  expect([bad.status, bad.json]).toEqual([400, { detail: "unsupported timeframe unit: 'w'" }]);
  const closed = await startTestDaemon();
  expect((await health(closed, MINUTES, "&max_recent_gaps=0")).status).toBe(422);
  const gated = await health(closed, "nonsense");
  expect([gated.status, gated.json]).toEqual([404, { detail: "not_found" }]);
});
