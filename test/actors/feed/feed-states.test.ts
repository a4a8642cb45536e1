/** States of the series that are followed, from what happens to them. Spec: binance-protocol §8 item 10; F01, F32, F33, F36. */
import { describe, expect, test } from "vitest";
import type { ConnectionFacts } from "../../../src/actors/feed/feed-state.js";
import { candleAt } from "../../support/candles.js";
import { startRuntime } from "../market-runtime.world.js";
import { minute, OTHER, SERIES, T0 } from "../series/world.js";

/** A runtime in which one series is live: a minute is stored, and a forming candle has come a second ago. */
async function followed() {
  const world = await startRuntime();
  const { runtime, futures, advance, clock } = world;
  runtime.hold(SERIES);
  await advance(60_000);
  futures.final(SERIES, candleAt(minute(0)));
  await advance(1_000);
  futures.forming(SERIES, candleAt(minute(1)));
  await advance(1_000);
  const at = (seconds: number) => advance((T0 + seconds) * 1000 - clock.now());
  const view = () => runtime.feedStates().series[0];
  return { ...world, at, view };
}

describe("GET /api/feed/state", () => {
  test("tells of every series that is followed, or of one of them, and of no other", async () => {
    const { runtime, advance } = await followed();
    runtime.hold(OTHER);
    await advance(0);
    const ids = (series?: string) => runtime.feedStates(series).series.map(({ series_id }) => series_id);
    expect([ids(), ids(OTHER), ids("binance:spot:NO/USDT:1m")]).toEqual([[SERIES, OTHER], [OTHER], []]);
  });

  test("live: with its ages, its lag and its connection", async () => {
    const { view, futures, clock } = await followed();
    futures.connection = { id: 7, state: "open", ageMs: 62_000, dataAgeMs: 1_000, lagMs: 80, streams: 3 };
    expect(view()).toEqual({
      series_id: SERIES,
      state: "live",
      reason: null,
      since: clock.now() / 1000,
      verified_at: null,
      message_age_s: 1,
      final_age_s: 2,
      lag_ms: 0,
      connection: { id: 7, state: "open", age_s: 62, data_age_s: 1, lag_ms: 80, streams: 3 },
    });
  });

  test("stalled when REST has a final that did not come; live again with the next message", async () => {
    const { view, at, futures } = await followed();
    futures.knows(SERIES, [candleAt(minute(1))]);
    await at(132);
    expect(view()).toMatchObject({ state: "stalled", reason: "REST has what the stream does not bring" });
    futures.forming(SERIES, candleAt(minute(2)));
    expect(view()).toMatchObject({ state: "live", message_age_s: 0 });
  });

  test("quiet when REST has a flat candle, with the time of the answer", async () => {
    const { view, at, futures } = await followed();
    futures.knows(SERIES, [{ ...candleAt(minute(1)), volume: 0 }]);
    await at(140);
    expect(view()).toMatchObject({ state: "quiet", reason: null, verified_at: T0 + 130, message_age_s: 79 });
  });

  test("halted when the exchange has no candle, until it has one again", async () => {
    const { view, at, futures } = await followed();
    await at(160);
    expect(view()).toMatchObject({ state: "halted", reason: "the exchange has no newer candle" });
    await at(200);
    futures.forming(SERIES, candleAt(minute(3)));
    expect(view()).toMatchObject({ state: "live" });
  });

  test("repairing while finals wait behind a hole", async () => {
    const { view, at, futures } = await followed();
    futures.rest = () => new Promise(() => undefined);
    await at(181);
    futures.final(SERIES, candleAt(minute(2)));
    await at(182);
    expect(view()).toMatchObject({ state: "repairing", reason: "1 finals wait behind a hole" });
  });

  test("invalid with the exchange's reason; down with that of the loss, or while there is no connection", async () => {
    const { view, at, futures, runtime, advance } = await followed();
    futures.connection = null;
    expect(view()).toMatchObject({ state: "down", reason: "waiting for a connection", connection: null });
    futures.lose(SERIES, "connection lost (1006)");
    expect(view()).toMatchObject({ state: "down", reason: "connection lost (1006)" });
    futures.verdict = () => ({ type: "unusable", reason: "BTC/USDT does not trade" });
    await at(70);
    expect(view()).toMatchObject({ state: "invalid", reason: "BTC/USDT does not trade" });
    futures.verdict = () => new Promise(() => undefined);
    runtime.hold(OTHER);
    await advance(0);
    expect(runtime.feedStates(OTHER).series[0]).toMatchObject({ state: "down", reason: "looking up the symbol" });
  });
});

test("RS-F28 a change of state is logged once, when it is met, and told with the time since which it holds", async () => {
  const { view, at, futures, log, runtime } = await followed();
  await at(80);
  expect(log.of("feed.state_changed").map(({ fields }) => [fields.from, fields.to])).toEqual([
    [null, "down"],
    ["down", "live"],
  ]);
  const { since } = view() ?? {};
  futures.knows(SERIES, [candleAt(minute(1))]);
  await at(145);
  expect(log.of("feed.state_changed").at(-1)).toMatchObject({
    level: "warn",
    fields: { series_id: SERIES, from: "live", to: "stalled", reason: "REST has what the stream does not bring" },
  });
  expect(view()?.since).toBeGreaterThan(since ?? 0);
  expect(view()?.since).toBeLessThanOrEqual(T0 + 140);
  runtime.feedStates();
  await at(170);
  expect(log.of("feed.state_changed")).toHaveLength(3);
});

test("markets are told with their connections, clock, weight and silence; one that does not run as such", async () => {
  const { runtime, futures, spot } = await followed();
  const connection: ConnectionFacts = {
    id: 1,
    state: "renewing",
    ageMs: 5_000,
    dataAgeMs: null,
    lagMs: null,
    streams: 2,
  };
  futures.marketFacts = {
    connections: [connection],
    clockOffsetMs: -75,
    weight: { used: 40, limit: 2_400 },
    budgets: {
      attempts: { used: 7, limit: 150, windowMs: 300_000 },
      frames: { used: 2, limit: 8, windowMs: 1_250 },
    },
    silence: { cause: "banned", leftMs: 90_000 },
  };
  spot.marketFacts = undefined;
  expect(runtime.feedStates().markets).toEqual([
    {
      market: "spot",
      running: false,
      connections: [],
      clock_offset_ms: null,
      used_weight: 0,
      weight_limit: 0,
      budgets: {
        connection_attempts: { used: 0, limit: 0, window_s: 0 },
        subscribe_messages: { used: 0, limit: 0, window_s: 0 },
        request_weight: { used: 0, limit: 0, window_s: 60 },
      },
      silence: null,
    },
    {
      market: "futures",
      running: true,
      connections: [{ id: 1, state: "renewing", age_s: 5, data_age_s: null, lag_ms: null, streams: 2 }],
      clock_offset_ms: -75,
      used_weight: 40,
      weight_limit: 2_400,
      budgets: {
        connection_attempts: { used: 7, limit: 150, window_s: 300 },
        subscribe_messages: { used: 2, limit: 8, window_s: 1.25 },
        request_weight: { used: 40, limit: 2_400, window_s: 60 },
      },
      silence: { cause: "banned", for_s: 90 },
    },
  ]);
});

test("gauges count the series of each state, and show the worst lag and age of each market", async () => {
  const { metrics, futures, at, runtime } = await followed();
  const open = { state: "open", ageMs: 9_000, streams: 1 } as const;
  futures.marketFacts = {
    connections: [
      { ...open, id: 1, dataAgeMs: 4_000, lagMs: 20 },
      { ...open, id: 2, dataAgeMs: null, lagMs: 300 },
    ],
    clockOffsetMs: 12,
    weight: { used: 0, limit: 0 },
    budgets: {
      attempts: { used: 0, limit: 150, windowMs: 300_000 },
      frames: { used: 0, limit: 8, windowMs: 1_250 },
    },
    silence: null,
  };
  runtime.hold(OTHER);
  await at(75);
  const { gauges } = metrics.snapshot();
  expect(gauges).toMatchObject({
    "feed_series{state=live}": 1,
    "feed_series{state=down}": 1,
    "feed_series{state=stalled}": 0,
    "feed_connections{market=futures}": 2,
    "feed_lag_ms{market=futures}": 300,
    "feed_data_age_s{market=futures}": 9,
    "feed_clock_offset_ms{market=futures}": 12,
  });
});
