import { expect, test } from "vitest";
import { startTestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { problems } from "../problems.js";
import { call } from "../request.js";

const PATH = "/api/feed/state";
const SERIES = "binance:futures:BTC/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1" };

/** A market that nobody has used. */
const unused = (market: string, weight_limit: number, frames: number) => ({
  market,
  running: true,
  connections: [],
  clock_offset_ms: null,
  used_weight: 0,
  weight_limit,
  budgets: {
    connection_attempts: { used: 0, limit: 150, window_s: 300 },
    subscribe_messages: { used: 0, limit: frames, window_s: 1.25 },
    request_weight: { used: 0, limit: weight_limit, window_s: 60 },
  },
  silence: null,
});

test("a daemon that follows nothing tells of its markets", async () => {
  const { url } = await startTestDaemon({ env: OPEN });
  const answer = await call(url, PATH);
  expect([answer.status, answer.json]).toEqual([
    200,
    { series: [], markets: [unused("spot", 6_000, 4), unused("futures", 2_400, 8)] },
  ]);
});

test("a series that is followed without success is down, with the reason; others are not listed", async () => {
  const { url } = await startTestDaemon({
    env: { ...OPEN, TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" },
    whitelist: [SERIES],
  });
  const series = async (query = "") => (await call(url, `${PATH}${query}`)).json.series;
  await untilTrue("the first attempt", async () => {
    const [first] = (await series()) as { reason: string }[];
    return first?.reason !== "the series is being restarted";
  });
  expect(await series()).toEqual([
    {
      series_id: SERIES,
      state: "down",
      reason: expect.any(String),
      since: expect.any(Number),
      verified_at: null,
      message_age_s: null,
      final_age_s: null,
      lag_ms: null,
      connection: null,
    },
  ]);
  expect(await series(`?series_id=${encodeURIComponent(SERIES)}`)).toHaveLength(1);
  expect(await series("?series_id=binance:spot:BTC/USDT:1m")).toEqual([]);
});

test("a series id that is empty, or cannot be parsed, is told so", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  expect(await problems(daemon, `${PATH}?series_id=`)).toMatchObject([
    { type: "string_too_short", loc: ["query", "series_id"] },
  ]);
  const answer = await call(daemon.url, `${PATH}?series_id=BTC`);
  expect([answer.status, answer.json]).toEqual([
    400,
    { detail: "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'" },
  ]);
});

test("the route is closed by default", async () => {
  const { url } = await startTestDaemon();
  const answer = await call(url, PATH);
  expect([answer.status, answer.json]).toEqual([404, { detail: "not_found" }]);
});
