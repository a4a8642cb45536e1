/**
 * Scenario A-4: HTTP reads, HTTP ingest, catch-up and live push are ways into one runtime: one store, one write path, one
 * topic per series, one set of settings. What a trader sees of it is in researcher-and-trader.test.ts; the references that
 * a disconnect gives back are in ../http/ws/on-demand.test.ts.
 */
import { expect, test, vi } from "vitest";
import { runPolicies } from "../../src/actors/ingest/policy.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { candleSeries } from "../support/candles.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { candles, ingest, post } from "../support/http.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const ID = parseSeriesId(SERIES);

const candle = (candle_time: number) => ({ candle_time, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 });
const closed = (time: number) => ({ type: "candle_closed", series_id: SERIES, candle: candle(time) });

async function traders(): Promise<TestDaemon> {
  const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEV_API: "1" } });
  for (const time of [100, 160, 220]) expect((await ingest(daemon.url, SERIES, candle(time))).status).toBe(200);
  return daemon;
}

test("A-4.2: what one way has written, every other one reads, from the one store", async () => {
  const daemon = await traders();
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 100 });
  expect(await feed.quiet()).toEqual([closed(160), closed(220)]);
  // Written past HTTP and past every actor: only who reads this very store can know of it.
  const { candle_time: time, ...values } = candle(280);
  await daemon.app.store.commit({ series: SERIES, upsert: [{ time, ...values }] });
  const read = await candles(daemon.url, SERIES, "&since=100&limit=10");
  expect(read.body.candles).toEqual([candle(160), candle(220), candle(280)]);
  const late = await daemon.connect();
  late.subscribe(SERIES, { since: 220 });
  expect(await late.quiet()).toEqual([closed(280)]);
  await ingest(daemon.url, SERIES, candle(340));
  expect((await feed.quiet()).slice(2)).toEqual([closed(280), closed(340)]);
});

test("A-4.2: a setting holds for every way in: the limit of a catch-up is that of the process", async () => {
  const env = { TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT: "100" };
  const daemon = await startTestDaemon({ env });
  const { batchSilent } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
  await daemon.app.runtime.ingest(ID, candleSeries(60, 150), batchSilent);
  for (const supports_batch of [false, true]) {
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { supports_batch });
    const sent = (await feed.quiet()).flatMap(({ candles: list, candle: one }) => (list as unknown[]) ?? [one]);
    expect(sent).toHaveLength(100);
  }
});

test("A-4.3: the write path of HTTP is the runtime's own, and publishes to the subscribers of the live feed", async () => {
  const daemon = await traders();
  const { runtime } = daemon.app;
  const [written, subscribed] = [vi.spyOn(runtime, "ingest"), vi.spyOn(runtime, "subscribe")];
  const feed = await daemon.connect();
  feed.subscribe(SERIES, { since: 220 });
  await feed.settled();
  expect(subscribed).toHaveBeenCalledTimes(1);
  await ingest(daemon.url, SERIES, candle(280));
  const body = { series_id: SERIES, candles: [candle(340)], publish_ws: true };
  expect((await post(`${daemon.url}/api/dev/market/ingest/candles_closed_batch`, body)).status).toBe(200);
  expect(written.mock.calls.map(([id, list]) => [id.text, list.map(({ time }) => time)])).toEqual([
    [SERIES, [280]],
    [SERIES, [340]],
  ]);
  // The other way round: what the runtime is given directly reaches the same subscriber and the same reads.
  const { candle_time: time, ...values } = candle(400);
  await runtime.ingest(ID, [{ time, ...values }], runtime.policies.http);
  expect(await feed.quiet()).toEqual([closed(280), closed(340), closed(400)]);
  expect((await candles(daemon.url, SERIES)).body.server_head_time).toBe(400);
});
