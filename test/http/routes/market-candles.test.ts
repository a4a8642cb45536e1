import { expect, test } from "vitest";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { BATCH, CANDLES, CLOSED, call, candles, ingest, ingestAll, post, timesOf, wire } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const DEV = { TRADE_CANVAS_ENABLE_DEV_API: "1" };

async function withCandles(times: readonly number[], nowMs = DAEMON_NOW_MS): Promise<TestDaemon> {
  const daemon = await startTestDaemon({ env: DEV, clock: new SimulatedClock(nowMs) });
  const answer = await post(daemon.url, BATCH, { series_id: SERIES, candles: times.map((time) => wire(time)) });
  expect(answer.status).toBe(200);
  return daemon;
}

test("a series that nobody knows is empty, and asking does not make it known", async () => {
  const { url, app } = await startTestDaemon();
  const answer = await candles(url, SERIES);
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^application\/json/);
  expect(answer.text).toBe(`{"series_id":"${SERIES}","server_head_time":null,"candles":[]}`);
  expect(app.store.seriesIds()).toEqual([]);
});

test("candles are compact JSON in the members' order of the contract", async () => {
  const { url } = await startTestDaemon();
  await post(url, CLOSED, {
    series_id: SERIES,
    candle: { volume: 0, close: 99.8, low: 1e-7, high: 1e21, open: -0.5, candle_time: 100 },
  });
  const answer = await candles(url, SERIES);
  expect(answer.text).toBe(
    `{"series_id":"${SERIES}","server_head_time":100,"candles":[{"candle_time":100,"open":-0.5,"high":1e+21,"low":1e-7,"close":99.8,"volume":0}]}`,
  );
});

test("without since come the newest candles, with since the first ones after it; always ascending", async () => {
  const { url } = await withCandles([100, 160, 220, 280, 340]);
  expect(timesOf(await candles(url, SERIES))).toEqual([100, 160, 220, 280, 340]);
  expect(timesOf(await candles(url, SERIES, "&limit=2"))).toEqual([280, 340]);
  expect(timesOf(await candles(url, SERIES, "&since=100&limit=2"))).toEqual([160, 220]);
  expect(timesOf(await candles(url, SERIES, "&since=99&limit=1"))).toEqual([100]);
  expect(timesOf(await candles(url, SERIES, "&since=0"))).toEqual([100, 160, 220, 280, 340]);
  expect(timesOf(await candles(url, SERIES, "&since=340"))).toEqual([]);
});

test("the limit is 500 unless asked, and 5000 at most", async () => {
  const times = Array.from({ length: 5_100 }, (_, index) => (index + 1) * 60);
  const { url } = await withCandles(times);
  const standard = timesOf(await candles(url, SERIES));
  expect(standard).toHaveLength(500);
  expect(standard.at(-1)).toBe(5_100 * 60);
  expect(timesOf(await candles(url, SERIES, "&limit=5000"))).toEqual(times.slice(-5000));
  expect(timesOf(await candles(url, SERIES, "&since=60&limit=5000"))).toEqual(times.slice(1, 5001));
  expect((await candles(url, SERIES, "&limit=5001")).status).toBe(422);
});

test("a candle of an interval that has not ended is hidden, while the head still names it", async () => {
  // 22:20:30: the minute B = 22:20 is open, the newest closed one is B-60.
  const B = DAEMON_NOW_MS / 1000;
  const { url } = await withCandles([B - 120, B - 60, B], DAEMON_NOW_MS + 30_000);
  const answer = await candles(url, SERIES);
  expect(timesOf(answer)).toEqual([B - 120, B - 60]);
  expect(answer.json.server_head_time).toBe(B);
});

test("what was hidden is shown once its interval has ended", async () => {
  const B = DAEMON_NOW_MS / 1000;
  const clock = new SimulatedClock(DAEMON_NOW_MS + 59_999);
  const { url } = await startTestDaemon({ clock });
  await ingestAll(url, SERIES, [B - 60, B]);
  expect(timesOf(await candles(url, SERIES))).toEqual([B - 60]);
  clock.advance(1);
  expect(timesOf(await candles(url, SERIES))).toEqual([B - 60, B]);
});

test("up to two timeframes ahead count as not closed; a series further ahead is taken as simulated", async () => {
  const closed = DAEMON_NOW_MS / 1000 - 60;
  const near = await withCandles([closed, closed + 60, closed + 120]);
  expect(timesOf(await candles(near.url, SERIES))).toEqual([closed]);
  const far = await withCandles([closed, closed + 60, closed + 121]);
  expect(timesOf(await candles(far.url, SERIES))).toEqual([closed, closed + 60, closed + 121]);
});

test("the newest candle of the read decides, not the newest stored", async () => {
  const closed = DAEMON_NOW_MS / 1000 - 60;
  const { url } = await withCandles([closed - 60, closed, closed + 60, closed + 600]);
  expect(timesOf(await candles(url, SERIES, `&since=${closed - 120}&limit=3`))).toEqual([closed - 60, closed]);
});

test("a since up to two timeframes ahead is pulled back to the newest closed candle; a later one is taken as it is", async () => {
  const closed = DAEMON_NOW_MS / 1000 - 60;
  // The last candle makes the series a simulated one, of which nothing is hidden: what is read shows where it began.
  const { url } = await withCandles([closed, closed + 60, closed + 600]);
  expect(timesOf(await candles(url, SERIES, `&since=${closed + 1}`))).toEqual([closed + 60, closed + 600]);
  expect(timesOf(await candles(url, SERIES, `&since=${closed + 120}`))).toEqual([closed + 60, closed + 600]);
  expect(timesOf(await candles(url, SERIES, `&since=${closed + 121}`))).toEqual([closed + 600]);
});

test("times off the grid of the timeframe are stored and read as they are", async () => {
  const { url } = await withCandles([7, 100, 160, 1_699_999_999]);
  expect(timesOf(await candles(url, SERIES))).toEqual([7, 100, 160, 1_699_999_999]);
});

test("the series id may be percent-encoded, encoded in part, or raw", async () => {
  const { url } = await withCandles([100]);
  const ids = ["binance%3Afutures%3ABTC%2FUSDT%3A1m", "binance:futures:BTC/USDT:1m", "binance:futures:BTC%2FUSDT:1m"];
  for (const id of ids) {
    const answer = await call(url, `${CANDLES}?series_id=${id}`);
    expect(answer.json.series_id).toBe(SERIES);
    expect(timesOf(answer)).toEqual([100]);
  }
});

test("series ids are opaque: case, spaces and other alphabets make another series", async () => {
  const { url } = await startTestDaemon();
  const strange = 'binance:spot:ＢＴＣ "é" 💹/USDT:1m';
  await ingest(url, strange, 100);
  const answer = await candles(url, strange);
  expect(answer.json.series_id).toBe(strange);
  expect(timesOf(answer)).toEqual([100]);
  expect(timesOf(await candles(url, strange.toUpperCase()))).toEqual([]);
});

test("a timeframe that cannot be parsed is an empty series, with since and without", async () => {
  const { url } = await startTestDaemon();
  for (const series of ["nonsense", "a:b:c:1w", "a:b:c:"]) {
    expect((await candles(url, series)).json.candles).toEqual([]);
    expect((await candles(url, series, "&since=5")).json.server_head_time).toBeNull();
  }
});

test("of a repeated parameter the last counts; unknown parameters do not matter", async () => {
  const { url } = await withCandles([100, 160, 220]);
  const answer = await candles(url, SERIES, "&limit=1&limit=2&colour=red&__proto__=1");
  expect(timesOf(answer)).toEqual([160, 220]);
});

test("lenient integers: a fraction of zero, spaces, a sign, an exponent", async () => {
  const { url } = await withCandles([100, 160, 220]);
  for (const limit of ["2.0", "%202%20", "%2B2", "2e0", "02"]) {
    expect(timesOf(await candles(url, SERIES, `&limit=${limit}`))).toEqual([160, 220]);
  }
});

test("a series id as long as a request may be is one that nobody knows", async () => {
  const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1" } });
  const series = `binance:spot:${"é".repeat(2_000)}:1m`;
  expect((await candles(url, series)).json).toEqual({ series_id: series, server_head_time: null, candles: [] });
  const health = await call(url, `/api/market/health?series_id=${encodeURIComponent(series)}`);
  expect(health.json).toMatchObject({ series_id: series, status_reason: "missing_head" });
});
