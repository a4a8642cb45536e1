/**
 * Scenario A-3, one publisher for the stream path, in both states of its switch, with the derived series that it speaks of;
 * and derived timeframes between a simulated exchange and a daemon of its own.
 */
import { describe, expect, test } from "vitest";
import type { PublicationContent } from "../../src/actors/publisher/publication.js";
import type { WireCandle } from "../../src/market/candle.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { startTestDaemon } from "../support/daemon.js";
import { FeedClient, type FeedMessage } from "../support/feed-client.js";
import { candles, flat, get, ingest } from "../support/http.js";
import { startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, startWorld, truth, WORLD_START_MS, type World } from "../support/world.js";

const DERIVED = "TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES";
const PUBLISH = "TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH";
const at = (timeframe: string): string => BTC.replace(/1m$/, timeframe);
const [FIVE, FIFTEEN] = [at("5m"), at("15m")];

/** Minutes that make the 5m candle 1699999800, and with the ten before them the 15m candle of 1699999200. */
const LAST_FIVE = Array.from({ length: 5 }, (_, n) => flatCandle(1_699_999_800 + n * 60, n + 1));
const QUARTER = Array.from({ length: 15 }, (_, n) => flatCandle(1_699_999_200 + n * 60, n + 1));

function flatCandle(time: number, price: number) {
  return { time, open: price, high: price, low: price, close: price, volume: 1 };
}

describe.each([
  { state: "0", single: "candles_batch" },
  { state: "1", single: "candle_closed" },
])("A-3 with the switch at $state", ({ state, single }) => {
  const env = { [DERIVED]: "1", [PUBLISH]: state, TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1" };

  /** The daemon, and what its publishers are told, in order; a publication may be made to fail. */
  async function daemon(fails: (series: string, content: PublicationContent) => boolean = () => false) {
    const calls: string[] = [];
    const started = await startTestDaemon({
      env,
      parts: {
        sinkFor: (topic) => ({
          publish: (content) => {
            if (fails(topic.series, content)) throw new Error("nobody listens");
            const what = content.type === "closed" ? `${content.grouping} ${content.candles.length}` : content.type;
            calls.push(`${parseSeriesId(topic.series).timeframe} ${what}`);
            return topic.publish(content);
          },
        }),
      },
    });
    const { runtime } = started.app;
    const flush = (given: typeof QUARTER, series = BTC) =>
      runtime.ingest(parseSeriesId(series), given, runtime.policies.stream);
    return { ...started, calls, flush };
  }

  test("A-3.1: base, derived series, notice; the payloads are those of the live feed", async () => {
    const { calls, flush, connect } = await daemon();
    const feed = await connect();
    for (const series of [BTC, FIVE]) feed.subscribe(series, { supports_batch: true });
    await feed.settled();
    await flush(LAST_FIVE);
    const messages = await feed.settled();
    const of = (series: string) => messages.filter(({ series_id }) => series_id === series) as unknown as FeedMessage[];
    expect(of(BTC).map(({ type }) => type)).toEqual(["candles_batch", "system"]);
    expect(of(BTC)[0]?.candles?.map(({ candle_time }) => candle_time)).toEqual(LAST_FIVE.map(({ time }) => time));
    expect(of(BTC)[1]).toMatchObject({ event: "factor.rebuild", data: { series_id: BTC } });
    const bucket = { candle_time: 1_699_999_800, open: 1, high: 5, low: 1, close: 5, volume: 5 };
    const [first] = of(FIVE);
    expect(first?.type).toBe(single);
    expect(first?.candle ?? first?.candles?.[0]).toEqual(bucket);
    const expected = state === "0" ? ["1m batch 5", "5m batch 1"] : ["1m batch 5", "5m single 1"];
    expect(calls.filter((call) => call !== "5m rebuilt")).toEqual([...expected, "1m rebuilt"]);
  });

  test("A-3.3: the order of 1m and 15m", async () => {
    const { calls, flush } = await daemon();
    await flush(QUARTER);
    const closed = calls.filter((call) => /^(1m|15m) (batch|single)/.test(call));
    expect(closed).toEqual(state === "0" ? ["1m batch 15", "15m batch 1"] : ["15m single 1", "1m batch 15"]);
  });

  test("A-3.2: a derived series that cannot be published costs no other anything", async () => {
    const { calls, flush, app } = await daemon((series) => series === FIVE);
    const result = await flush(QUARTER);
    expect(result.steps.every(({ ok }) => ok)).toBe(true);
    expect(calls).toContain("1m rebuilt");
    expect(calls.some((call) => call.startsWith("15m "))).toBe(true);
    expect(app.store.head(FIVE).count).toBe(3);
  });

  test("A-3.4, A-3.5: the switch reaches the runtime, and what HTTP writes is neither derived nor changed by it", async () => {
    const { app, url, calls } = await daemon();
    expect(app.runtime.policies.stream.publish).toBe(state === "1" ? "best_effort" : "base_strict");
    expect(app.runtime.policies.http.publish).toBe("strict");
    for (const { time, close } of LAST_FIVE) await ingest(url, BTC, flat(time, close));
    expect(app.store.head(FIVE).count).toBe(0);
    expect(calls.filter((call) => call.endsWith("single 1"))).toHaveLength(5);
  });
});

describe("with a simulated exchange", () => {
  const SPEED = 120;
  const PATIENCE_REAL_MS = 40_000;
  const TEST_LIMIT_MS = 60_000;
  const follow = (world: World, whitelist: readonly string[] = []) =>
    startProcess(["start"], { ...world.env, TRADE_CANVAS_WHITELIST_PATH: whitelistFile(whitelist) });

  /** Closed candles that are the exchange's own of that timeframe. */
  const expectOwn = (world: World, series: string, closed: readonly WireCandle[]): void => {
    const [first, last] = [closed[0]?.candle_time ?? 0, closed.at(-1)?.candle_time ?? 0];
    const own = truth(world.exchange, series, first, last + 1);
    expect(closed.map((candle) => candle.candle_time)).toEqual(own.map(({ candle_time }) => candle_time));
    for (const [n, { volume, ...candle }] of closed.entries()) {
      expect(own[n]).toMatchObject(candle);
      expect(volume).toBeCloseTo(own[n]?.volume ?? 0, 6);
    }
  };

  test(
    "a subscriber of 5m alone holds the job of 1m, and sees closed and forming candles that are the exchange's own",
    async () => {
      const world = await startWorld({ speed: SPEED });
      const daemon = await follow(world);
      const client = await FeedClient.connect(daemon.url);
      client.subscribe(FIVE, null);
      await untilTrue("two buckets", () => client.closedCandles(FIVE).length >= 2, PATIENCE_REAL_MS);
      expectOwn(world, FIVE, client.closedCandles(FIVE));
      const forming = client.ofType("candle_forming");
      expect(forming.length).toBeGreaterThan(3);
      expect(new Set(forming.map(({ series_id }) => series_id))).toEqual(new Set([FIVE]));
      const { body } = await get<{ jobs: { series_id: string; refcount: number }[] }>(
        `${daemon.url}/api/market/debug/ingest_state`,
      );
      expect(body.jobs.map(({ series_id, refcount }) => [series_id, refcount])).toEqual([[BTC, 1]]);
      const asked = JSON.stringify(world.exchange.futures.journal.entries("control"));
      expect([asked.includes("kline_1m"), asked.includes("kline_5m")]).toEqual([true, false]);
    },
    TEST_LIMIT_MS,
  );

  test(
    "a daemon that is killed in the middle of a bucket, and a hole while it is away, leave no bucket out and none wrong",
    async () => {
      const world = await startWorld({ speed: SPEED });
      const first = await follow(world, [BTC]);
      const head = async (url: string, series: string) =>
        (await candles(url, series, "&limit=1")).body.server_head_time ?? 0;
      const begun = WORLD_START_MS / 1000;
      await untilTrue(
        "a minute of the second bucket",
        async () => (await head(first.url, BTC)) >= begun + 420,
        PATIENCE_REAL_MS,
      );
      await first.end("SIGKILL");
      const second = await follow(world, [BTC]);
      await untilTrue("the third quarter", async () => (await head(second.url, FIVE)) >= begun + 900, PATIENCE_REAL_MS);
      const five = (await candles(second.url, FIVE, `&since=${begun - 1}&limit=100`)).body.candles;
      expectOwn(world, FIVE, five);
      expect(five.map(({ candle_time }) => candle_time).slice(0, 4)).toEqual([0, 300, 600, 900].map((s) => begun + s));
      const fifteen = (await candles(second.url, FIFTEEN, `&since=${begun - 1}&limit=100`)).body.candles;
      expectOwn(world, FIFTEEN, fifteen);
      const frame = await get(`${second.url}/api/frame/live?series_id=${encodeURIComponent(FIVE)}`);
      expect(frame.status).toBe(200);
    },
    TEST_LIMIT_MS,
  );
});
