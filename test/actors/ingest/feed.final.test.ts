/** Finals of a stream in order, and the holes between them. Feed bounds: B5, B7, F04–F07, F12. */
import { describe, expect, test } from "vitest";
import { MAX_HELD_FINALS } from "../../../src/actors/ingest/sequencer.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, SERIES, startSeries, T0 } from "../series/world.js";
import { liveSeries, minutes } from "./live-series.js";

describe("finals", () => {
  test("RS-F5 are stored and published in order, each once, whatever is repeated or stale", async () => {
    const { at, final, stored, published, log } = await liveSeries();
    for (const n of [0, 1, 1, 0, 2, 1]) {
      final(n);
      await at(180 + n);
    }
    expect(stored()).toEqual(minutes(0, 2));
    expect(published.closedTimes()).toEqual(minutes(0, 2));
    expect(log.of("final.repeated")).toHaveLength(4);
  });

  test("F06 a final that is repeated as it is writes nothing", async () => {
    const { at, final, store, metrics } = await liveSeries();
    const written = store.commits.length;
    final(0);
    await at(70);
    expect(store.commits).toHaveLength(written);
    expect(metrics.snapshot().counters).not.toHaveProperty("market_candles_corrected_total{source=stream}");
  });

  test("RS-G8 F05 a final that comes again with other values corrects the stored one, and is not published anew", async () => {
    const { at, final, store, published, log, metrics } = await liveSeries();
    final(0, 999);
    await at(70);
    const corrected = candleAt(minute(0), 999);
    expect(store.read(SERIES, { limit: 1 }).candles()).toEqual([corrected]);
    expect(published.closed()).toEqual([candleAt(minute(0))]);
    expect(published.rebuilds()).toBeGreaterThan(0);
    expect(log.of("candle.corrected")).toMatchObject([
      {
        level: "warn",
        fields: { candle_time: minute(0), source: "stream", old: { close: 201 }, new: { close: 999 } },
      },
    ]);
    expect(metrics.snapshot().counters["market_candles_corrected_total{source=stream}"]).toBe(1);
  });

  test("F05 a correction that cannot be written is told, and costs the feed nothing", async () => {
    const { at, final, store, stored, log } = await liveSeries();
    store.before = boom;
    final(0, 999);
    await at(70);
    store.before = () => undefined;
    expect(log.of("candles.write_failed")).toMatchObject([{ fields: { late: minute(0) } }]);
    expect(log.of("candle.corrected")).toEqual([]);
    await at(121);
    final(1);
    await at(122);
    expect(stored()).toEqual(minutes(0, 1));
  });

  test("F07 an update that is older than another, or of a candle that is final, is neither shown nor stored", async () => {
    const { at, final, exchange, published, stored } = await liveSeries();
    const newest = exchange.nowMs();
    exchange.forming(SERIES, candleAt(minute(1), 5), newest);
    exchange.forming(SERIES, candleAt(minute(1), 6), newest - 1_000);
    await at(121);
    final(1);
    await at(122);
    exchange.forming(SERIES, candleAt(minute(1), 7));
    exchange.forming(SERIES, candleAt(minute(0), 8));
    await at(125);
    expect(published.forming()).toEqual([candleAt(minute(1), 5)]);
    expect(stored()).toEqual(minutes(0, 1));
  });

  test("F08 a final counts, whatever the last state before it said", async () => {
    const { at, final, exchange, store } = await liveSeries();
    exchange.forming(SERIES, candleAt(minute(1), 555));
    await at(121);
    final(1);
    await at(122);
    expect(store.read(SERIES, { limit: 1 }).candles()).toEqual([candleAt(minute(1))]);
  });

  test("off the grid are contiguous when no step is longer than the timeframe", async () => {
    const { at, exchange, stored, log } = await liveSeries();
    for (const [seconds, time] of [
      [101, minute(1) - 20],
      [129, minute(2) - 20],
      [181, minute(2)],
    ] as const) {
      await at(seconds);
      exchange.final(SERIES, candleAt(time));
    }
    await at(182);
    expect(stored()).toEqual([minute(0), minute(1) - 20, minute(2) - 20, minute(2)]);
    expect(log.of("hole.detected")).toEqual([]);
  });
});

describe("a missing final", () => {
  test("RS-F6 lets no later final pass until it has been fetched", async () => {
    const { at, final, exchange, stored, published, log } = await liveSeries();
    exchange.knows(SERIES, [candleAt(minute(1))]);
    exchange.rest = boom;
    await at(181);
    final(2);
    await at(182);
    expect(published.closedTimes()).toEqual(minutes(0, 0));
    exchange.rest = () => undefined;
    await at(240);
    expect(published.closedTimes()).toEqual(minutes(0, 2));
    expect(stored()).toEqual(minutes(0, 2));
    expect(exchange.asked.at(-1)).toMatchObject({ afterTimeS: minute(0), beforeTimeS: minute(2) });
    expect(log.of("hole.repaired").at(-1)?.fields).toMatchObject({ after: minute(0), up_to: minute(1) });
  });

  test("RS-F7 is asked from REST ten seconds after its close, without waiting for another final", async () => {
    const { at, exchange, published } = await liveSeries();
    exchange.knows(SERIES, [candleAt(minute(1))]);
    await at(129.999);
    expect(exchange.asked).toEqual([]);
    await at(130);
    expect(exchange.asked).toMatchObject([{ afterTimeS: minute(0), beforeTimeS: undefined }]);
    expect(published.closedTimes()).toEqual(minutes(0, 1));
  });

  test("RS-C2 is missed by the exchange's clock, not by the machine's", async () => {
    const ahead = await liveSeries();
    ahead.exchange.offsetMs = 120_000;
    ahead.exchange.knows(SERIES, candleSeries(minute(1), 2));
    await ahead.at(70);
    expect(ahead.stored()).toEqual(minutes(0, 2));
    const behind = await liveSeries();
    behind.exchange.offsetMs = -60_000;
    await behind.at(131);
    expect(behind.exchange.asked).toEqual([]);
  });

  test("the state before it is never promoted", async () => {
    const { at, exchange, published, stored } = await liveSeries();
    exchange.forming(SERIES, candleAt(minute(1), 555));
    exchange.knows(SERIES, [candleAt(minute(1))]);
    await at(121);
    exchange.forming(SERIES, candleAt(minute(2), 556));
    await at(140);
    expect(stored()).toEqual(minutes(0, 1));
    expect(published.closed().at(-1)).toEqual(candleAt(minute(1)));
  });

  test("that comes late after all, while it is being asked for, is taken, and what waited for it follows", async () => {
    const { at, final, exchange, published } = await liveSeries();
    exchange.rest = () => new Promise(() => undefined);
    await at(181);
    final(2);
    await at(182);
    expect(published.closedTimes()).toEqual(minutes(0, 0));
    final(1);
    await at(183);
    expect(published.closedTimes()).toEqual(minutes(0, 2));
  });

  test("RS-F8 holds back all later ones, and the pages that fill it come first and in order", async () => {
    const { at, final, exchange, published, store } = await liveSeries();
    exchange.pageCandles = 2;
    exchange.rest = boom;
    exchange.knows(SERIES, candleSeries(minute(1), 5));
    await at(421);
    final(6);
    final(7);
    await at(424);
    expect(published.closedTimes()).toEqual(minutes(0, 0));
    exchange.rest = () => undefined;
    await at(455);
    expect(published.closedTimes()).toEqual(minutes(0, 7));
    const written = store.commits.map(({ upsert }) => upsert?.map(({ time }) => (time - T0) / 60));
    expect(written).toEqual([[0], [1, 2], [3, 4], [5], [6, 7]]);
  });

  test("of another series does not hold this one back", async () => {
    const { at, final, exchange, published, follow } = await liveSeries();
    const other = "binance:spot:BTC/USDT:1m";
    await follow({ series: other });
    exchange.rest = () => new Promise(() => undefined);
    exchange.final(other, candleAt(minute(3)));
    await at(120);
    final(1);
    await at(121);
    expect(published.closedTimes()).toEqual(minutes(0, 1));
    expect(published.closedTimes(other)).toEqual([]);
  });
});

describe("a candle that the exchange does not have", () => {
  test("RS-F9 is asked for until it is 30 s old, then proven absent, and what follows is released", async () => {
    const { at, final, exchange, published, log } = await liveSeries();
    await at(149.9);
    expect(log.of("hole.absent_at_source")).toEqual([]);
    await at(154);
    expect(log.of("hole.absent_at_source")[0]?.fields).toMatchObject({ after: minute(0), up_to: minute(1) });
    const askedFor = exchange.asked.map(({ atMs }) => atMs / 1000 - T0 - 120);
    expect(askedFor).toEqual([10, 14, 18, 22, 26, 30]);
    await at(181);
    final(2);
    await at(182);
    expect(published.closedTimes()).toEqual([minute(0), minute(2)]);
  });

  test("that REST shows late, but within those 30 s, is not lost", async () => {
    const { at, exchange, published } = await liveSeries();
    exchange.knows(SERIES, [candleAt(minute(1))]);
    exchange.withheld = () => true;
    await at(147);
    exchange.withheld = () => false;
    await at(151);
    expect(published.closedTimes()).toEqual(minutes(0, 1));
  });

  test("a halt is asked about a bounded number of times, and what follows it is stored", async () => {
    const { at, final, exchange, stored } = await liveSeries();
    const before = exchange.asked.length;
    await at(60 + 300);
    expect(exchange.asked.length - before).toBeLessThanOrEqual(40);
    final(5);
    await at(361 + 30);
    expect(stored()).toEqual([minute(0), minute(5)]);
  });
});

describe("holes of many candles", () => {
  test("RS-F10 held finals are bounded: beyond it they are let go and fetched with the hole", async () => {
    const { at, final, exchange, stored } = await liveSeries();
    let away = true;
    exchange.rest = () => {
      if (away) throw new Error("REST is away");
    };
    const last = MAX_HELD_FINALS + 5;
    exchange.knows(SERIES, [candleAt(minute(1))]);
    for (let n = 2; n <= last; n += 1) {
      await at((n + 1) * 60 + 1);
      final(n);
    }
    away = false;
    await at((last + 2) * 60);
    expect(stored()).toEqual(minutes(0, last));
  });

  test("RS-F11 a hole too long to repair is logged and left: the series goes on from now", async () => {
    const { exchange, follow, advance, stored, log, ingest, parts } = await startSeries();
    await ingest([candleAt(61)], parts.policies.http);
    await follow();
    expect(log.of("hole.too_long")[0]?.fields).toMatchObject({ after: 61, limit_candles: 100_000 });
    expect(exchange.asked).toEqual([]);
    await advance(60_000);
    exchange.final(SERIES, candleAt(minute(0)));
    await advance(1_000);
    expect(stored()).toEqual([61, minute(0)]);
  });
});
