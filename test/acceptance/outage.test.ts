/** The exchange goes away for a while and comes back: no minute is lost, late ones included, and none is announced twice. */
import { describe, expect, test } from "vitest";
import { FeedClient } from "../support/feed-client.js";
import { candles } from "../support/http.js";
import { startProcess } from "../support/process.js";
import { until, untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, ETH, startWorld, truth, WORLD_START_MS } from "../support/world.js";

const START_S = WORLD_START_MS / 1000;
const MINUTES_AWAY = 8;
const LIVE_ENV = ["start"] as const;

describe.each([
  { name: "live.env", args: LIVE_ENV, env: {} },
  {
    name: "no breaker and the legacy switches",
    args: ["start", "--bare"],
    env: { TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" },
  },
])("an outage of $name", ({ args, env }) => {
  test("F12, B7: every minute of the hole is stored as it was, in order, and announced once", async () => {
    const world = await startWorld({ speed: 240 });
    const { url } = await startProcess(args, {
      ...world.env,
      ...env,
      TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC, ETH]),
      TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: "100",
    });
    const client = await FeedClient.connect(url);
    for (const series of [BTC, ETH]) client.subscribe(series, null);
    const head = async (series: string) => (await candles(url, series, "&limit=1")).body.server_head_time ?? 0;
    const announced = (series: string) => client.closedCandles(series).at(-1)?.candle_time ?? 0;

    await untilTrue("live candles of both series", () => [BTC, ETH].every((series) => announced(series) >= START_S));
    await world.exchange.futures.goOffline();
    const lostAt = await head(BTC);
    await untilTrue("the outage to last", () => world.clock.now() / 1000 > lostAt + (MINUTES_AWAY + 1) * 60);
    expect(await head(BTC)).toBeLessThanOrEqual(lostAt + 60);
    await world.exchange.futures.goOnline();
    await untilTrue(
      "the candles after the outage",
      () => [BTC, ETH].every((series) => announced(series) > lostAt + (MINUTES_AWAY + 5) * 60),
      30_000,
      () => [announced(BTC), announced(ETH), lostAt],
    );

    for (const series of [BTC, ETH]) {
      const { body } = await candles(url, series, "&limit=5000");
      const [first, last] = [body.candles[0]?.candle_time ?? 0, body.candles.at(-1)?.candle_time ?? 0];
      expect(last).toBeGreaterThan(lostAt + MINUTES_AWAY * 60);
      expect(body.candles).toEqual(truth(world.exchange, series, first, last + 60));
      const live = client.closedCandles(series);
      const from = live[0]?.candle_time ?? 0;
      const to = live.at(-1)?.candle_time ?? 0;
      expect(live).toEqual(truth(world.exchange, series, from, to + 60));
      expect(client.ofType("gap")).toEqual([]);
    }
  });

  test("a daemon that was away itself comes back to a whole series, and its clients catch up from their cursor", async () => {
    const world = await startWorld({ speed: 240 });
    const settings = { ...world.env, ...env, TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC]) };
    const first = await startProcess(args, settings);
    const cursor = await until("a live candle", async () => {
      const time = (await candles(first.url, BTC, "&limit=1")).body.server_head_time ?? 0;
      return time >= START_S ? time : undefined;
    });
    expect(await first.end("SIGTERM")).toBe(0);
    await untilTrue("some minutes to pass", () => world.clock.now() / 1000 > cursor + 8 * 60);
    const second = await startProcess(args, settings);
    const client = await FeedClient.connect(second.url);
    client.subscribe(BTC, cursor, true);
    const last = () => client.closedCandles(BTC).at(-1)?.candle_time ?? 0;
    await untilTrue("candles after the pause", () => last() > cursor + 10 * 60);
    expect(client.closedCandles(BTC)).toEqual(truth(world.exchange, BTC, cursor + 60, last() + 60));
    expect(client.ofType("gap")).toEqual([]);
  });
});
