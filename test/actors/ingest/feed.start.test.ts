/** What a feed fetches when it starts, comes back after a loss, or is refused. Feed bounds: B7, B16; Spec: ingest §5.3. */
import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, openable, SERIES, startSeries, T0 } from "../series/world.js";
import { liveSeries, minutes } from "./live-series.js";

const { batchSilent } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
/** An hour after T0: sixty candles are closed. */
const HOUR_MS = (T0 + 3_600) * 1000;

describe("a feed that starts", () => {
  test("RS-F12 fetches what closed since the newest stored candle, in order, before anything live", async () => {
    const { ingest, exchange, follow, advance, published, stored } = await startSeries({ startMs: HOUR_MS });
    await ingest(candleSeries(minute(0), 50), batchSilent);
    exchange.knows(SERIES, candleSeries(minute(50), 10));
    const gate = openable();
    exchange.rest = () => gate.promise;
    await follow();
    await advance(61_000);
    exchange.final(SERIES, candleAt(minute(60)));
    await advance(1_000);
    expect(published.closedTimes()).toEqual([]);
    gate.open();
    await advance(5_000);
    expect(published.closedTimes()).toEqual(minutes(50, 60));
    expect(stored()).toEqual(minutes(0, 60));
  });

  test("RS-F13 fetches the history it was asked for, publishing only what is new", async () => {
    const { ingest, exchange, follow, advance, published, stored } = await startSeries({ startMs: HOUR_MS });
    exchange.knows(SERIES, candleSeries(minute(0), 60));
    await ingest(candleSeries(minute(50), 6), batchSilent);
    await follow({ historyCandles: 40 });
    await advance(5_000);
    expect(stored()).toEqual(minutes(20, 59));
    expect(published.closedTimes()).toEqual(minutes(56, 59));
  });

  test("fetches a history longer than one round, although its newest candles are stored", async () => {
    const wanted = 5_200;
    const { ingest, exchange, follow, advance, stored } = await startSeries();
    const first = T0 - wanted * 60;
    exchange.knows(SERIES, candleSeries(first, wanted));
    await ingest(candleSeries(T0 - 600, 10), batchSilent);
    await follow({ historyCandles: wanted });
    await advance(5_000);
    expect(stored()).toHaveLength(wanted);
    expect(stored()[0]).toBe(first);
  });

  test("on an empty series without history begins with the candle that is open now", async () => {
    const { exchange, follow, advance, published } = await startSeries({ startMs: HOUR_MS });
    exchange.knows(SERIES, candleSeries(minute(0), 60));
    await follow();
    await advance(61_000);
    exchange.final(SERIES, candleAt(minute(60)));
    await advance(1_000);
    expect(published.closedTimes()).toEqual([minute(60)]);
    expect(exchange.asked).toEqual([]);
  });

  test("on an empty series misses the first candle if its final does not come", async () => {
    const { exchange, follow, advance, published } = await startSeries({ startMs: HOUR_MS });
    exchange.knows(SERIES, candleSeries(minute(0), 61));
    await follow();
    await advance(75_000);
    expect(published.closedTimes()).toEqual([minute(60)]);
  });

  test("goes on from a head that lies off the grid", async () => {
    const { ingest, exchange, follow, advance, stored } = await startSeries({ startMs: HOUR_MS });
    await ingest([candleAt(minute(57) + 20)], batchSilent);
    exchange.knows(SERIES, candleSeries(minute(58), 2));
    await follow();
    await advance(61_000);
    exchange.final(SERIES, candleAt(minute(60)));
    await advance(1_000);
    expect(stored()).toEqual([minute(57) + 20, ...minutes(58, 60)]);
  });

  test("is not started twice, and not for a series that no exchange feeds", async () => {
    const { tree, job, exchange, advance, log } = await startSeries();
    const [followed, wanted] = [await tree(), job()];
    for (const again of [wanted, wanted]) {
      followed.startFeed(again);
      await advance(0);
    }
    expect(exchange.calls.filter((call) => call.startsWith("attach"))).toHaveLength(1);
    const foreign = await tree("kraken:spot:BTC/USDT:1m");
    foreign.startFeed(job());
    await advance(0);
    expect(log.of("feed.started")).toHaveLength(1);
  });
});

describe("a feed that lost its connection", () => {
  test("RS-F14 fetches what closed meanwhile, as soon as it is back and before later finals are released", async () => {
    const { at, final, exchange, published, log } = await liveSeries();
    exchange.acknowledges = false;
    await at(115);
    exchange.lose(SERIES);
    exchange.knows(SERIES, [candleAt(minute(1))]);
    await at(124);
    expect(published.closedTimes()).toEqual(minutes(0, 0));
    const gate = openable();
    exchange.rest = () => gate.promise;
    exchange.acknowledge(SERIES);
    await at(125);
    expect(exchange.asked).toHaveLength(1);
    await at(181);
    final(2);
    await at(182);
    expect(published.closedTimes()).toEqual(minutes(0, 0));
    gate.open();
    await at(190);
    expect(published.closedTimes()).toEqual(minutes(0, 2));
    expect(log.of("feed.lost")).toHaveLength(1);
  });

  test("goes on asking REST while there is no stream at all", async () => {
    const { at, exchange, published } = await liveSeries();
    exchange.acknowledges = false;
    exchange.lose(SERIES);
    exchange.knows(SERIES, candleSeries(minute(1), 5));
    await at(60 * 6 + 20);
    expect(published.closedTimes()).toEqual(minutes(0, 5));
  });
});

describe("a series that the exchange will not serve", () => {
  test("RS-F15 costs no question for history, before and after it was served", async () => {
    const { exchange, follow, advance, ingest } = await startSeries({ startMs: HOUR_MS });
    await ingest([candleAt(minute(0))], batchSilent);
    exchange.verdict = () => ({ type: "unusable", reason: "not listed" });
    await follow({ historyCandles: 100 });
    await advance(5 * 60_000);
    expect(exchange.asked).toEqual([]);
  });

  test("gives up a repair that is under way when it turns out that it is not served", async () => {
    const { at, exchange, log } = await liveSeries();
    exchange.rest = boom;
    await at(135);
    const asked = exchange.asked.length;
    expect(asked).toBeGreaterThan(0);
    exchange.verdict = () => ({ type: "unusable", reason: "delisted" });
    exchange.lose(SERIES);
    await at(140);
    expect(log.of("feed.refused")).toHaveLength(1);
    const refusedAt = exchange.asked.length;
    await at(600);
    expect(exchange.asked.length).toBe(refusedAt);
  });

  test("is fed when it is listed later", async () => {
    const { exchange, follow, advance, stored, ingest } = await startSeries({ startMs: HOUR_MS });
    await ingest([candleAt(minute(58))], batchSilent);
    exchange.verdict = () => ({ type: "unusable", reason: "not listed" });
    await follow();
    exchange.verdict = () => ({ type: "usable" });
    exchange.knows(SERIES, candleSeries(minute(59), 11));
    await advance(10 * 60_000 + 15_000);
    expect(stored()).toEqual(minutes(58, 69));
  });
});
