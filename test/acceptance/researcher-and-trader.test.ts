/**
 * The first two steps of scenario A-0 (same candle everywhere) and scenario A-4 (one market runtime) against the daemon
 * as a process, under the built-in defaults and under what `start` switches on.
 */
import { describe, expect, test } from "vitest";
import { FeedClient } from "../support/feed-client.js";
import { candles, flat, get, ingest, post } from "../support/http.js";
import { startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { nowhereEnv } from "../support/world.js";

const VARIANTS = [
  { name: "the built-in defaults", args: ["start", "--bare"], env: {}, debugApi: false },
  { name: "live.env", args: ["start"], env: {}, debugApi: true },
  {
    name: "the stream's pipeline publishing",
    args: ["start", "--bare"],
    env: { TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1", TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH: "1" },
    debugApi: false,
  },
] as const;

describe.each(VARIANTS)("under $name", ({ args, env, debugApi }) => {
  const start = () => startProcess(args, { ...nowhereEnv(), ...env });

  test("A-0.1 and A-0.2: three closed candles are ingested, and read back from a cursor", async () => {
    const { url } = await start();
    const series = "binance:spot:BTC/USDT:1m";
    const closes = [
      [1_700_000_000, 100.0],
      [1_700_000_060, 101.5],
      [1_700_000_120, 99.8],
    ] as const;
    for (const [time, close] of closes) {
      const answer = await ingest(url, series, flat(time, close));
      expect(answer).toEqual({ status: 200, body: { ok: true, series_id: series, candle_time: time } });
    }
    const { status, body } = await candles(url, series, "&since=1700000000&limit=10");
    expect(status).toBe(200);
    expect(body.candles.map((candle) => [candle.candle_time, candle.close])).toEqual(closes.slice(1));
    expect(body.server_head_time).toBe(1_700_000_120);
  });

  test("A-4: HTTP reads, catch-up and live push speak of the same candles", async () => {
    const { url } = await start();
    const series = "binance:futures:BTC/USDT:1m";
    const candle = (candle_time: number) => ({ candle_time, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 });
    for (const time of [100, 160, 220]) expect((await ingest(url, series, candle(time))).status).toBe(200);
    const read = await candles(url, series, "&since=100&limit=10");
    expect(read.body.candles).toEqual([candle(160), candle(220)]);

    const forming = await post(`${url}/api/market/ingest/candle_forming`, { series_id: series, candle: candle(280) });
    expect(forming.status).toBe(debugApi ? 200 : 404);
    if (!debugApi) expect(forming.body).toEqual({ detail: "not_found" });
    expect((await candles(url, series)).body.server_head_time).toBe(220);

    const client = await FeedClient.connect(url);
    client.subscribe(series, 100);
    await untilTrue("the catch-up", () => client.messages.length >= 2);
    expect(client.messages).toEqual(
      [160, 220].map((time) => ({ type: "candle_closed", series_id: series, candle: candle(time) })),
    );
    expect((await ingest(url, series, candle(280))).status).toBe(200);
    await untilTrue("the live candle", () => client.messages.length >= 3);
    expect(client.messages.slice(2)).toEqual([{ type: "candle_closed", series_id: series, candle: candle(280) }]);

    expect((await get(`${url}/api/market/whitelist`)).status).toBe(200);
    expect((await get(`${url}/api/market/debug/ingest_state`)).status).toBe(debugApi ? 200 : 404);
  });
});
