/** The sync at the start, of a whole daemon against the simulated exchange. */
import { describe, expect, test } from "vitest";
import { parseSeriesId } from "../../src/market/series-id.js";
import { debugEvents } from "../http/debug-events.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { candles } from "../support/http.js";
import { BTC, ETH, nowhereEnv, startWorld, truth, type World } from "../support/world.js";

const FIVE_MINUTES = "binance:futures:ETH/USDT:5m";
const TARGET = 120;
const ENV = {
  TRADE_CANVAS_ENABLE_STARTUP_KLINE_SYNC: "1",
  TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: String(TARGET),
  TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "1",
  TRADE_CANVAS_ENABLE_DEBUG_API: "1",
};

interface Told {
  readonly target_time: number;
  readonly covered_candles: number;
  readonly lagging: boolean;
  readonly error: string | null;
}

async function told(daemon: TestDaemon) {
  const events = await debugEvents(daemon);
  const of = (event: string) => events.filter((one) => one.event === event);
  const series = of("write.startup.kline_sync.series_done").map((one) => ({
    series: one.series_id,
    ...(one.data as unknown as Told),
  }));
  return { series, done: of("write.startup.kline_sync.done").map(({ data }) => data) };
}

function started(world: World, env: Readonly<Record<string, string>>, whitelist: readonly string[]) {
  return startTestDaemon({ clock: world.clock, env: { ...world.env, ...ENV, ...env }, whitelist });
}

/** Candles that the exchange was asked for of a symbol, per timeframe. */
function pagesOf(world: World, symbol: string, interval: string): number {
  return world.exchange.futures.journal
    .entries("rest")
    .filter(({ path, params }) => path.endsWith("/klines") && params.symbol === symbol && params.interval === interval)
    .length;
}

describe.each([
  ["follows its series: their feeds fetch it", { TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" }],
  ["follows none", {}],
])("a daemon that %s", (_how, env) => {
  test("RS-H9 has the newest candles and level ledgers before it serves, and has fetched nothing twice", async () => {
    const world = await startWorld({ speed: 10 });
    const daemon = await started(world, env, [BTC, FIVE_MINUTES]);
    const { series, done } = await told(daemon);
    expect(done).toMatchObject([{ series_total: 2, series_errors: 0, target_candles: TARGET }]);
    for (const { series: id, target_time, covered_candles } of series) {
      expect(covered_candles).toBeGreaterThanOrEqual(TARGET - 1);
      const { body } = await candles(daemon.url, id ?? "", "&limit=5000");
      const from = body.candles[0]?.candle_time ?? 0;
      const head = body.candles.at(-1)?.candle_time ?? 0;
      // What has closed just now is not final yet.
      expect(head).toBeGreaterThanOrEqual(target_time - parseSeriesId(id ?? "").timeframeSeconds);
      const known = truth(world.exchange, id ?? "", from, head + 1);
      expect(body.candles).toEqual(known);
      expect(daemon.app.ledgers.reader.heads(id ?? "").factor).toBeGreaterThanOrEqual(from);
    }
    expect(pagesOf(world, "BTCUSDT", "1m")).toBeLessThanOrEqual(3);
    expect(pagesOf(world, "ETHUSDT", "5m")).toBeLessThanOrEqual(3);
  });
});

test("a restart fetches only what it has missed", async () => {
  const world = await startWorld({ speed: 10 });
  const env = { TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" };
  const first = await started(world, env, [ETH]);
  await first.app.stop();
  const asked = world.exchange.futures.journal.entries("rest").length;
  await started(world, env, [ETH]);
  const limits = world.exchange.futures.journal
    .entries("rest")
    .slice(asked)
    .flatMap(({ path, params }) => (path.endsWith("/klines") ? [Number(params.limit)] : []));
  for (const limit of limits) expect(limit).toBeLessThan(10);
});

test("an exchange that is not there keeps the daemon from nothing: it serves, and says what failed", async () => {
  const world = await startWorld({ speed: 60 });
  for (const env of [{ TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" }, {}]) {
    const began = performance.now();
    const daemon = await startTestDaemon({
      clock: world.clock,
      env: { ...nowhereEnv(), ...ENV, ...env },
      whitelist: [BTC, "nonsense"],
    });
    expect(performance.now() - began).toBeLessThan(6_000);
    const { series, done } = await told(daemon);
    expect(series.map(({ series: id, lagging }) => [id, lagging])).toEqual(
      expect.arrayContaining([
        [BTC, true],
        ["nonsense", true],
      ]),
    );
    expect(done).toMatchObject([{ series_total: 2, series_synced: 0 }]);
    expect((await candles(daemon.url, BTC)).status).toBe(200);
  }
});
