/** `GET /api/feed/reconcile` and `POST /api/dev/reconcile`: shapes, gates and errors. */
import { expect, test } from "vitest";
import { startTestDaemon } from "../../support/daemon.js";
import { expectQueryIsChecked } from "../query-checks.js";
import { call, post } from "../request.js";

const PATH = "/api/feed/reconcile";
const ASK = "/api/dev/reconcile";
const BASE = "binance:futures:BTC/USDT:1m";
const FIVE = "binance:futures:BTC/USDT:5m";
const DERIVED = { TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: "1", TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" };
const DEV = { TRADE_CANVAS_ENABLE_DEV_API: "1" };

/** A series of which nothing has been compared. */
const untouched = (series_id: string, base_series_id: string | null, active: boolean) => ({
  schema_version: 1,
  series_id,
  base_series_id,
  active,
  buckets_compared: 0,
  compared_from: null,
  compared_to: null,
  checked_at_ms: null,
  last_error: null,
  requested: null,
  differences: [],
});

const viewOf = async (url: string, series: string) =>
  (await call(url, `${PATH}?series_id=${encodeURIComponent(series)}`)).json;

test("a derived series whose base is followed is compared; others are not, and none is made by asking", async () => {
  const { url, app } = await startTestDaemon({ env: DERIVED, whitelist: [FIVE] });
  expect(await viewOf(url, FIVE)).toEqual(untouched(FIVE, BASE, true));
  expect(await viewOf(url, BASE)).toEqual(untouched(BASE, null, false));
  const spot = FIVE.replace("futures", "spot");
  expect(await viewOf(url, spot)).toEqual(untouched(spot, spot.replace("5m", "1m"), false));
  expect(app.store.seriesIds()).not.toContain(FIVE);
});

test("nothing is compared while nothing is derived", async () => {
  const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" }, whitelist: [FIVE] });
  expect(await viewOf(url, FIVE)).toEqual(untouched(FIVE, null, false));
});

test("a range is asked for, rounded, and shown until it is compared", async () => {
  const { url } = await startTestDaemon({ env: { ...DERIVED, ...DEV }, whitelist: [BASE] });
  const answer = await post(url, ASK, { series_id: FIVE, from: 1_699_999_801, to: 1_700_000_399 });
  expect([answer.status, answer.json]).toEqual([
    200,
    { ok: true, series_id: FIVE, from: 1_700_000_100, to: 1_700_000_100 },
  ]);
  expect(await viewOf(url, FIVE)).toMatchObject({ requested: { from: 1_700_000_100, to: 1_700_000_100 } });
});

test("what cannot be compared is told with the reason; a closed gate says nothing", async () => {
  const open = await startTestDaemon({ env: { ...DERIVED, ...DEV }, whitelist: [BASE] });
  const asked = async (series_id: string, from: number, to: number) => {
    const { status, json } = await post(open.url, ASK, { series_id, from, to });
    return [status, json];
  };
  expect(await asked(BASE, 0, 600)).toEqual([400, { detail: expect.stringContaining("is not compared") }]);
  expect(await asked(FIVE, 600_001, 600_002)).toEqual([400, { detail: expect.stringContaining("no bucket opens") }]);
  expect(await asked(FIVE, 0, 6_000_000)).toEqual([400, { detail: expect.stringContaining("more than 2000") }]);
  expect(await asked("BTC", 0, 600)).toEqual([400, { detail: expect.stringContaining("series_id must be") }]);
  const closed = await startTestDaemon({ env: DERIVED });
  expect((await post(closed.url, ASK, { no: "body" })).json).toEqual({ detail: "not_found" });
});

test("the query is checked", async () => {
  const daemon = await startTestDaemon();
  await expectQueryIsChecked(daemon, PATH, []);
});
