import { describe, expect, test } from "vitest";
import { GapBackfill } from "../../../src/actors/feed/gap-backfill.js";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { Metrics } from "../../../src/observability/metrics.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, openable, SERIES, startSeries, T0 } from "../series/world.js";

const { batchSilent, backfill } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const id = parseSeriesId(SERIES);
/** Minutes 1 to 4 are missing before minute 5. */
const GAP = { expectedNextTime: minute(1), actualTime: minute(5) };

async function gappySeries(options: { readonly readLimit?: number } = {}) {
  const world = await startSeries({ startMs: (T0 + 3_600) * 1000 });
  const { store, clock, log, exchange, ingest } = world;
  await ingest([candleAt(minute(0)), candleAt(minute(5))], batchSilent);
  const metrics = new Metrics(clock, true);
  const gaps = new GapBackfill({
    store,
    metrics,
    clock,
    log,
    exchangeFor: (series) => (series.exchange === "binance" ? exchange : undefined),
    fill: async (series, candles) => {
      await ingest(candles, backfill, series.text);
    },
    readLimit: options.readLimit ?? 5_000,
    timeoutMs: 10_000,
  });
  return { ...world, gaps, counters: () => metrics.snapshot().counters };
}

describe("the fill of a gap that a subscriber met", () => {
  test("RS-P7 stores what the exchange has without publishing it, and hands it to the subscriber", async () => {
    const { gaps, exchange, stored, published, log } = await gappySeries();
    exchange.knows(SERIES, candleSeries(minute(1), 4));
    expect(await gaps.fill(id, GAP)).toEqual(candleSeries(minute(1), 4));
    expect(stored()).toEqual([0, 1, 2, 3, 4, 5].map(minute));
    expect(published.closedTimes()).toEqual([]);
    expect(exchange.asked).toMatchObject([{ afterTimeS: minute(1) - 1, beforeTimeS: minute(5) }]);
    expect(log.of("gap.backfilled")[0]?.fields).toMatchObject({ rows: 4 });
  });

  test("hands over what is there when the exchange has only a part, and nothing when it has none", async () => {
    const { gaps, exchange } = await gappySeries();
    expect(await gaps.fill(id, GAP)).toEqual([]);
    exchange.knows(SERIES, [candleAt(minute(3))]);
    expect(await gaps.fill(id, GAP)).toEqual([candleAt(minute(3))]);
    expect(await gaps.fill(id, GAP)).toEqual([]);
  });

  test("of several subscribers who meet it at once is made once", async () => {
    const { gaps, exchange } = await gappySeries();
    exchange.knows(SERIES, candleSeries(minute(1), 4));
    const [one, two] = await Promise.all([gaps.fill(id, GAP), gaps.fill(id, GAP)]);
    expect(one).toBe(two);
    expect(exchange.asked).toHaveLength(1);
  });

  test("never fails its subscriber: an error is logged, and what came before it counts", async () => {
    const { gaps, exchange, log } = await gappySeries();
    exchange.knows(SERIES, candleSeries(minute(1), 4));
    exchange.pageCandles = 2;
    let pages = 0;
    exchange.rest = () => {
      pages += 1;
      if (pages === 2) boom();
    };
    expect(await gaps.fill(id, GAP)).toEqual(candleSeries(minute(1), 2));
    expect(log.of("gap.backfill_failed")[0]?.fields).toMatchObject({ series_id: SERIES, error: "boom" });
  });

  test("does not keep its subscriber waiting longer than its time", async () => {
    const { gaps, exchange, advance, clock } = await gappySeries();
    const gate = openable();
    exchange.rest = () => gate.promise;
    let answer: unknown;
    const filling = gaps.fill(id, GAP).then((candles) => {
      answer = candles;
    });
    await advance(10_000);
    gate.open();
    await filling;
    expect(answer).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is counted by what came of it", async () => {
    const { gaps, exchange, counters } = await gappySeries();
    await gaps.fill(id, GAP);
    exchange.rest = boom;
    await gaps.fill(id, GAP);
    exchange.rest = () => undefined;
    exchange.knows(SERIES, candleSeries(minute(1), 4));
    await gaps.fill(id, GAP);
    expect(counters()).toEqual({
      "market_gap_backfill_total{result=nothing}": 1,
      "market_gap_backfill_total{result=error}": 1,
      "market_gap_backfill_total{result=filled}": 1,
      market_gap_backfill_candles_total: 4,
    });
  });

  test("never fails its subscriber because of a store that cannot be read", async () => {
    const { gaps, store, log } = await gappySeries();
    store.count = () => boom();
    expect(await gaps.fill(id, GAP)).toEqual([]);
    expect(log.of("gap.backfill_failed")).toMatchObject([
      { level: "warn", fields: { series_id: SERIES, error: "boom" } },
    ]);
  });

  test("reads no more back than its limit", async () => {
    const { gaps, exchange } = await gappySeries({ readLimit: 3 });
    exchange.knows(SERIES, candleSeries(minute(1), 4));
    expect(await gaps.fill(id, GAP)).toEqual(candleSeries(minute(1), 3));
  });

  test("is not tried without an exchange, or for a gap that holds no candle", async () => {
    const { gaps, exchange } = await gappySeries();
    expect(await gaps.fill(parseSeriesId("kraken:spot:BTC/USDT:1m"), GAP)).toEqual([]);
    expect(await gaps.fill(id, { expectedNextTime: minute(1), actualTime: minute(1) + 30 })).toEqual([]);
    expect(exchange.asked).toEqual([]);
  });
});
