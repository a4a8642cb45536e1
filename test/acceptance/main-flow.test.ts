/**
 * Scenario A-1: one flow from ingest over frame and live feed to slices and to a chart, in either state of the switches
 * that it must not depend on; and A-1.R1, the one service that brings ledgers up to their candles.
 */
import { describe, expect, test, vi } from "vitest";
import { LedgerError } from "../../src/ledger/ledger-errors.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { Chart } from "../support/chart.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { candles, flat, get, ingest, post } from "../support/http.js";
import type { FrameBody, SlicesBody } from "../support/ledger-answers.js";
import { tempFolder } from "../support/temp.js";
import type { WsClient } from "../support/ws-client.js";

const SERIES = "binance:futures:TCMAINFLOW1/USDT:1m";
const QUERY = `?series_id=${encodeURIComponent(SERIES)}`;
const FIRST = [flat(1_700_000_000, 1), flat(1_700_000_060, 2), flat(1_700_000_120, 3)];
const LAST = flat(1_700_000_180, 44);

async function ingestAll({ url }: TestDaemon, given: readonly ReturnType<typeof flat>[]): Promise<void> {
  for (const candle of given) expect((await ingest(url, SERIES, candle)).status).toBe(200);
}

/** The closed candles that a client was sent, once nothing more is coming. */
async function closedCandles(feed: WsClient): Promise<readonly unknown[]> {
  return (await feed.quiet()).filter(({ type }) => type === "candle_closed");
}

const GUARDRAIL = { TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1" };
const V2 = { TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1" };
const PUBLISH = { TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH: "1" };

describe.each([
  { switches: "the guardrail off", env: {} },
  { switches: "the guardrail on", env: GUARDRAIL },
  { switches: "the stream's pipeline publishing", env: PUBLISH },
  { switches: "guardrail, pipeline v2 and the stream's pipeline publishing", env: { ...GUARDRAIL, ...PUBLISH, ...V2 } },
])("A-1 with $switches", ({ env }) => {
  test("steps 1, 2, 4, 5 and 6: candles, frames and slices agree on the newest candle", async () => {
    const daemon = await startTestDaemon({ env });
    const { url, app } = daemon;
    await ingestAll(daemon, FIRST);
    expect((await get<FrameBody>(`${url}/api/frame/live${QUERY}`)).body.time.candle_id).toBe(`${SERIES}:1700000120`);
    await ingestAll(daemon, [LAST]);
    const { body: market } = await candles(url, SERIES);
    expect(market.server_head_time).toBe(1_700_000_180);
    expect(market.candles.at(-1)).toEqual(LAST);

    const id = `${SERIES}:1700000180`;
    const live = await get<FrameBody>(`${url}/api/frame/live${QUERY}`);
    expect(live.status).toBe(200);
    expect(live.body.time).toMatchObject({ candle_id: id, aligned_time: 1_700_000_180 });
    expect(live.body.factor_slices.candle_id).toBe(id);
    expect(live.body.draw_state.to_candle_time).toBe(1_700_000_180);

    const slicesUrl = `${url}/api/factor/slices${QUERY}&at_time=1700000180&window_candles=2000`;
    const slices = await get<SlicesBody>(slicesUrl);
    expect(slices).toMatchObject({ status: 200, body: { candle_id: id } });
    expect(await get(slicesUrl)).toEqual(slices);
    const frame = await get<FrameBody>(`${url}/api/frame/at_time${QUERY}&at_time=1700000180`);
    expect(frame.body.time.candle_id).toBe(id);
    expect(frame.body.factor_slices).toEqual(slices.body);
    expect(frame.body.draw_state.to_candle_time).toBe(1_700_000_180);

    expect(app.store.head(SERIES).count).toBe(4);
    expect(market.candles).toEqual([...FIRST, LAST]);
    expect(app.store.ledger(SERIES, "factor").head?.time).toBe(1_700_000_180);
    expect(app.store.ledger(SERIES, "overlay").head?.time).toBe(1_700_000_180);
  });

  const RECEIVED = [{ type: "candle_closed", series_id: SERIES, candle: LAST }];

  test("steps 3a and 5: a subscriber from before the fourth candle gets it, once", async () => {
    const daemon = await startTestDaemon({ env });
    await ingestAll(daemon, FIRST);
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { since: 1_700_000_120 });
    await feed.settled();
    await ingestAll(daemon, [LAST]);
    expect(await closedCandles(feed)).toEqual(RECEIVED);
  });

  test("steps 3b and 5: a subscriber from after it gets it from the store, once", async () => {
    const daemon = await startTestDaemon({ env });
    await ingestAll(daemon, [...FIRST, LAST]);
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { since: 1_700_000_120 });
    expect(await closedCandles(feed)).toEqual(RECEIVED);
  });

  const SHOWN = { "data-last-time": "1700000180", "data-last-close": "44" };

  test("step 5: a chart that is fed from HTTP and the live feed shows the last candle, whenever it was opened", async () => {
    const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1", ...env } });
    const { url } = daemon;
    const early = await Chart.open(url, SERIES);
    expect(early.attributes).toEqual({});
    await ingestAll(daemon, FIRST);
    const open = await Chart.open(url, SERIES);
    expect(open.attributes).toEqual({ "data-last-time": "1700000120", "data-last-close": "3" });
    // What is forming is not the last candle yet.
    await post(`${url}/api/market/ingest/candle_forming`, { series_id: SERIES, candle: flat(1_700_000_180, 43) });
    await open.quiet();
    expect(open.attributes).toEqual({ "data-last-time": "1700000120", "data-last-close": "3" });
    await ingestAll(daemon, [LAST]);
    const late = await Chart.open(url, SERIES);
    for (const chart of [early, open, late]) {
      await chart.quiet();
      expect(chart.attributes).toEqual(SHOWN);
      expect(chart.candles).toEqual([...FIRST, LAST]);
      expect(chart.complaints).toEqual([]);
    }
  });

  test("step 5: a chart whose daemon was started again in the meantime shows the same", async () => {
    const stored = { TRADE_CANVAS_DB_PATH: tempFolder(), ...env };
    const before = await startTestDaemon({ env: stored });
    await ingestAll(before, FIRST);
    const chart = await Chart.open(before.url, SERIES);
    await chart.quiet();
    await before.app.stop();
    const after = await startTestDaemon({ env: stored });
    await ingestAll(after, [LAST]);
    await chart.follow(after.url);
    await chart.quiet();
    expect(chart.attributes).toEqual(SHOWN);
    expect(chart.candles).toEqual([...FIRST, LAST]);
    expect(chart.complaints).toEqual([]);
  });
});

describe("A-1.R1: the ledger sync", () => {
  const id = parseSeriesId(SERIES);
  const OPEN = { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_READ_REPAIR_API: "1" };

  /** A series of three candles whose ledgers know `known` of them. */
  async function lagging(known: number, env: Readonly<Record<string, string>> = {}): Promise<TestDaemon> {
    const daemon = await startTestDaemon({ env });
    await ingestAll(daemon, FIRST.slice(0, known));
    const upsert = FIRST.slice(known).map(({ candle_time: time, ...prices }) => ({ time, ...prices }));
    if (upsert.length > 0) await daemon.app.store.commit({ series: SERIES, upsert });
    return daemon;
  }

  const code = (expected: string) => expect.objectContaining({ name: "LedgerError", code: expected });

  test.each([0, 1, 2])("refreshes ledgers that know %s of three candles", async (known) => {
    const { sync } = (await lagging(known)).app.ledgers;
    const before = known === 0 ? null : (FIRST[known - 1]?.candle_time ?? null);
    expect(sync.headSnapshot(id)).toEqual({ factor: before, overlay: before });
    const { requestedTime, alignedTime } = sync.resolveAlignedPoint(id, null);
    expect([requestedTime, alignedTime]).toEqual([1_700_000_120, 1_700_000_120]);
    expect(() => sync.requireHeadsReady(id, alignedTime)).toThrow(code("factor_out_of_sync"));
    const heads = { factor: 1_700_000_120, overlay: 1_700_000_120 };
    const steps = [`factor.ingest_closed:${SERIES}`, `overlay.ingest_closed:${SERIES}`];
    expect(await sync.refreshIfNeeded(id, alignedTime)).toEqual({ refreshed: true, steps, heads });
    expect(sync.requireHeadsReady(id, alignedTime)).toEqual(heads);
  });

  test("leaves ledgers alone that know the candle, even if not the newest one", async () => {
    const { app } = await lagging(2);
    const { sync } = app.ledgers;
    const heads = { factor: 1_700_000_060, overlay: 1_700_000_060 };
    const standing = app.store.ledger(SERIES, "factor");
    expect(await sync.refreshIfNeeded(id, 1_700_000_060)).toEqual({ refreshed: false, steps: [], heads });
    expect(app.store.ledger(SERIES, "factor")).toEqual(standing);
    expect(sync.requireHeadsReady(id, 1_700_000_060)).toEqual(heads);
  });

  test("a drawing that lags alone is named, and refreshed", async () => {
    const { app } = await lagging(3);
    await app.runtime.resetOverlay(id);
    const { sync } = app.ledgers;
    expect(() => sync.requireHeadsReady(id, 1_700_000_120)).toThrow(code("overlay_out_of_sync"));
    expect((await sync.refreshIfNeeded(id, 1_700_000_120)).refreshed).toBe(true);
    expect(sync.headSnapshot(id)).toEqual({ factor: 1_700_000_120, overlay: 1_700_000_120 });
  });

  test("a time is lowered to a candle, so that no head runs ahead of the candles", async () => {
    const { sync } = (await lagging(3)).app.ledgers;
    expect(sync.resolveAlignedPoint(id, 1_700_000_119)).toEqual({
      requestedTime: 1_700_000_119,
      alignedTime: 1_700_000_060,
    });
    await sync.refresh(id);
    expect(sync.headSnapshot(id).factor).toBe(1_700_000_120);
  });

  test("an empty series has no data, and gets none", async () => {
    const { app } = await startTestDaemon();
    const { sync } = app.ledgers;
    for (const toTime of [null, 5]) expect(() => sync.resolveAlignedPoint(id, toTime)).toThrow(code("no_data"));
    expect(sync.headSnapshot(id)).toEqual({ factor: null, overlay: null });
    expect(app.store.seriesIds()).toEqual([]);
  });

  test("before the first candle there is no data either", async () => {
    const { sync } = (await lagging(1)).app.ledgers;
    expect(() => sync.resolveAlignedPoint(id, 1_699_999_999)).toThrow(LedgerError);
  });

  test("repair and reads that compute go through the one instance", async () => {
    const env = { ...OPEN, TRADE_CANVAS_ENABLE_READ_IMPLICIT_RECOMPUTE: "1" };
    const daemon = await lagging(1, env);
    const { sync } = daemon.app.ledgers;
    const [refresh, redraw] = [vi.spyOn(sync, "refresh"), vi.spyOn(sync, "redraw")];
    await get(`${daemon.url}/api/factor/slices${QUERY}&at_time=1700000120`);
    expect([refresh.mock.calls.length, redraw.mock.calls.length]).toEqual([1, 0]);
    await post(`${daemon.url}/api/dev/repair/overlay`, { series_id: SERIES, to_time: null });
    expect([refresh.mock.calls.length, redraw.mock.calls.length]).toEqual([1, 1]);
  });
});
