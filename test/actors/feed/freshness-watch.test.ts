import { expect, test } from "vitest";
import { FRESHNESS_INTERVAL_MS, freshnessWatch } from "../../../src/actors/feed/freshness-watch.js";
import { Metrics } from "../../../src/observability/metrics.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { ingest } from "../../http/request.js";
import { DAEMON_NOW_MS, startTestDaemon } from "../../support/daemon.js";

test("every so often the series are counted by how fresh they are", () => {
  const clock = new SimulatedClock(1_000_000);
  const metrics = new Metrics(clock, true);
  const heads: Record<string, number | null> = { "a:b:C:1m": 1_000, "a:b:D:1m": 700, "a:b:E:1w": 1_000 };
  const watch = freshnessWatch({
    clock,
    metrics,
    windows: { freshCandles: 2, staleCandles: 5 },
    series: () => [...Object.keys(heads), "a:b:F:1m", "a:b:C:1m"],
    store: {
      head: (series) => {
        const lastTime = heads[series] ?? null;
        return { revision: 1, count: 1, firstTime: lastTime, lastTime };
      },
    },
  });
  const gauges = () =>
    ["fresh", "stale", "degraded", "missing"].map(
      (freshness) => metrics.snapshot().gauges[`market_series_freshness{freshness=${freshness}}`],
    );
  watch.start();
  clock.advance(FRESHNESS_INTERVAL_MS - 1);
  expect(metrics.snapshot().gauges).toEqual({});
  clock.advance(1);
  expect(gauges()).toEqual([1, 0, 2, 1]);
  heads["a:b:D:1m"] = 730;
  heads["a:b:F:1m"] = 900;
  clock.advance(FRESHNESS_INTERVAL_MS);
  expect(gauges()).toEqual([2, 1, 1, 0]);
  watch.stop();
  expect(clock.pendingTimers).toBe(0);
});

test("the whitelist of a daemon is counted while it runs, by the windows of its settings", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const [series, other] = ["binance:spot:BTC/USDT:1m", "binance:spot:ETH/USDT:1m"];
  const env = { TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1", TRADE_CANVAS_ENABLE_DEBUG_API: "1" };
  const windows = { TRADE_CANVAS_MARKET_FRESH_WINDOW_CANDLES: "1" };
  const { url } = await startTestDaemon({ clock, whitelist: [series, other], env: { ...env, ...windows } });
  await ingest(url, series, DAEMON_NOW_MS / 1000 - 120);
  await clock.advanceSettled(FRESHNESS_INTERVAL_MS);
  const metrics = await fetch(`${url}/api/market/debug/metrics`);
  const { gauges } = (await metrics.json()) as { gauges: Record<string, number> };
  expect(gauges).toMatchObject({
    "market_series_freshness{freshness=stale}": 1,
    "market_series_freshness{freshness=missing}": 1,
  });
});
