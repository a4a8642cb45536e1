/** The conformance vectors of the live feed. Spec: ws-api §5; W5 and W6 are in gap-backfill.test.ts, W11 in on-demand.test.ts. */
import { expect, test } from "vitest";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import type { WsClient } from "../../support/ws-client.js";
import { BATCH, FORMING, ingest, ingestAll, post, wire } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_DEV_API: "1" };

const closed = (time: number, close?: number) => ({
  type: "candle_closed",
  series_id: SERIES,
  candle: wire(time, close),
});
const batch = (...candles: ReturnType<typeof wire>[]) => ({ type: "candles_batch", series_id: SERIES, candles });
const gap = (expected_next_time: number, actual_time: number) => ({
  type: "gap",
  series_id: SERIES,
  expected_next_time,
  actual_time,
});

async function given(stored: readonly number[], subscribe: object): Promise<{ daemon: TestDaemon; feed: WsClient }> {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingestAll(daemon.url, SERIES, stored);
  const feed = await daemon.connect();
  feed.send({ type: "subscribe", series_id: SERIES, ...subscribe });
  await feed.settled();
  return { daemon, feed };
}

const publish = ({ url }: TestDaemon, ...candles: ReturnType<typeof wire>[]) =>
  post(url, BATCH, { series_id: SERIES, candles, publish_ws: true });

test("W1: a plain subscriber gets what it missed one by one, and then what comes", async () => {
  const { daemon, feed } = await given([100, 160, 220], { since: 100 });
  expect(feed.messages).toEqual([closed(160), closed(220)]);
  await ingest(daemon.url, SERIES, 280);
  expect(await feed.quiet()).toEqual([closed(160), closed(220), closed(280)]);
});

test("W2: a batch subscriber gets what it missed in one message; a single candle is single all the same", async () => {
  const { daemon, feed } = await given([100, 160, 220], { since: 100, supports_batch: true });
  expect(feed.messages).toEqual([batch(wire(160), wire(220))]);
  await ingest(daemon.url, SERIES, 280);
  expect(await feed.quiet()).toEqual([batch(wire(160), wire(220)), closed(280)]);
});

test("W3: since 0 means from the beginning, and knows of no gap", async () => {
  const { feed } = await given([100, 160, 220], { since: 0 });
  expect(await feed.quiet()).toEqual([closed(100), closed(160), closed(220)]);
});

test("W4: a live candle that comes too late is announced with its gap", async () => {
  const { daemon, feed } = await given([100], { since: 100 });
  await ingest(daemon.url, SERIES, 220);
  expect(await feed.quiet()).toEqual([gap(160, 220), closed(220)]);
});

test("W7: a batch announces the gap before it, but not the one inside", async () => {
  const { daemon, feed } = await given([420], { since: 420, supports_batch: true });
  await publish(daemon, wire(600), wire(600, 7), wire(720));
  expect(await feed.quiet()).toEqual([gap(480, 600), batch(wire(600, 7), wire(720))]);
});

test("W8: to a plain subscriber every gap is announced", async () => {
  const { daemon, feed } = await given([720], { since: 720 });
  await publish(daemon, wire(840), wire(960));
  expect(await feed.quiet()).toEqual([gap(780, 840), closed(840), gap(900, 960), closed(960)]);
});

test("W9: the first candle of a series comes before the notice that its factors were computed", async () => {
  const { daemon, feed } = await given([], {});
  await ingest(daemon.url, SERIES, 100);
  expect(await feed.quiet()).toEqual([
    closed(100),
    {
      type: "system",
      series_id: SERIES,
      event: "factor.rebuild",
      message: "因子口径更新，已自动完成历史重算",
      data: { series_id: SERIES },
    },
  ]);
  expect(feed.texts[1]).toBe(
    `{"type":"system","series_id":"${SERIES}","event":"factor.rebuild","message":"因子口径更新，已自动完成历史重算","data":{"series_id":"${SERIES}"}}`,
  );
});

test("W10: neither a correction nor a late candle is sent again; of forming candles only the current one", async () => {
  const { daemon, feed } = await given([100, 160], { since: 160 });
  await ingest(daemon.url, SERIES, 160, 9);
  await ingest(daemon.url, SERIES, 130);
  await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(160) });
  await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(220) });
  expect(await feed.quiet()).toEqual([{ type: "candle_forming", series_id: SERIES, candle: wire(220) }]);
});

test("W12: a since ahead of the newest closed candle is pulled back to it", async () => {
  const series = "binance:spot:BTC/USDT:1h";
  const clock = new SimulatedClock(7_201_000);
  const { url, connect } = await startTestDaemon({ clock });
  await ingestAll(url, series, [0, 3600, 7200]);
  const feed = await connect();
  feed.subscribe(series, { since: 7200, supports_batch: true });
  expect(await feed.quiet()).toEqual([]);
  // That the cursor is 3600 now shows in what is sent next: the candle of 7200 once more, and no gap before it.
  await ingest(url, series, 7200);
  expect(await feed.quiet()).toEqual([{ type: "candle_closed", series_id: series, candle: wire(7200) }]);
});

test("W13: what is no message is answered with its error, and the connection stays", async () => {
  const { feed, daemon } = await given([], {});
  feed.sendRaw("[1]");
  feed.sendRaw("{}");
  feed.sendRaw('{"type":"noop"}');
  await feed.settled();
  expect(feed.texts).toEqual([
    '{"type":"error","code":"bad_request","message":"invalid message envelope"}',
    '{"type":"error","code":"bad_request","message":"missing message type"}',
    '{"type":"error","code":"bad_request","message":"unknown message type: noop"}',
  ]);
  await ingest(daemon.url, SERIES, 100);
  expect((await feed.settled()).at(3)).toEqual(closed(100));
});

test("W14: a candle that comes in during the catch-up is sent once, with one gap", async () => {
  // The subscription and the ingest race; either may be first at the store.
  const { url, connect } = await startTestDaemon();
  for (let round = 0; round < 20; round += 1) {
    const series = `binance:futures:R${round}/USDT:1m`;
    await ingestAll(url, series, [100]);
    const feed = await connect();
    await feed.settled();
    const ingested = ingest(url, series, 220);
    feed.subscribe(series, { since: 100 });
    await ingested;
    expect(await feed.quiet()).toEqual([
      { ...gap(160, 220), series_id: series },
      { ...closed(220), series_id: series },
    ]);
  }
});
