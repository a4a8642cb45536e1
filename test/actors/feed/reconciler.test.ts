import { describe, expect, test } from "vitest";
import { MAX_RECONCILE_CANDLES, RECONCILE_AFTER_MS } from "../../../src/actors/feed/reconcile-record.js";
import { RECONCILE_RETRY_MS } from "../../../src/actors/feed/reconciler.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";
import { rollUp } from "../../../src/market/roll-up.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleSeries } from "../../support/candles.js";
import { derived, FIVE, startDerived, TIMEFRAMES } from "../derive/world.js";
import { minute, SERIES } from "../series/world.js";

const ID = parseSeriesId(FIVE);
const MINUTES = 60;

/** The exchange's own candles of a derived timeframe. */
const own = (timeframeS: number) => rollUp(candleSeries(minute(-MINUTES), MINUTES + 10), 60, timeframeS);

/** A followed base with an hour of candles; the exchange has what they make, but for the volumes that a test changes. */
async function reconciled(change: (time: number) => number = () => 1) {
  const world = await startDerived({ startMs: (minute(0) + 600) * 1000 });
  await world.store.commit({ series: SERIES, upsert: candleSeries(minute(-MINUTES), MINUTES) });
  for (const { text, seconds } of TIMEFRAMES.targets) world.futures.knows(derived(text), own(seconds));
  const theirs = own(300).map((candle) => ({ ...candle, volume: candle.volume * change(candle.time) }));
  world.futures.knows(FIVE, theirs);
  world.futures.knows(SERIES, candleSeries(minute(0), 10));
  await world.follow();
  const asked = () => world.futures.asked.filter(({ series }) => series === FIVE);
  return { ...world, asked, view: () => world.runtime.reconciliation.view(ID) };
}

describe("in turn", () => {
  test("RS-V19 closed buckets are compared five minutes after their close, once, at bulk priority", async () => {
    const { view, asked, advance, metrics } = await reconciled();
    await advance(60_000);
    expect(view()).toMatchObject({
      active: true,
      base_series_id: SERIES,
      compared_from: minute(-MINUTES),
      differences: [],
    });
    expect(view().compared_to).toBe(minute(0));
    expect(asked().map(({ priority }) => priority)).toEqual(["bulk"]);
    const before = asked().length;
    await advance(60_000);
    expect(asked()).toHaveLength(before);
    expect(JSON.stringify(metrics.snapshot())).toContain("market_reconcile_buckets_total");
  });

  test("RS-V20 what differs is on record with both candles, told once, and never changes what is stored", async () => {
    const odd = minute(-30);
    const world = await reconciled((time) => (time === odd ? 2 : 1));
    const { view, advance, log, debug, read, expected } = world;
    const events: string[] = [];
    debug.subscribe(({ event }) => events.push(event));
    await advance(60_000);
    const [difference, ...others] = view().differences;
    expect(others).toEqual([]);
    expect(difference).toMatchObject({ candle_time: odd });
    expect(difference?.exchange?.volume).toBe((difference?.derived?.volume ?? 0) * 2);
    const told = log.of("reconcile.differs").filter(({ fields }) => fields.series_id === FIVE);
    expect(told).toHaveLength(1);
    expect(events.filter((event) => event === "feed.reconcile.differs")).toHaveLength(told.length);
    expect(read(FIVE)).toEqual(expected("5m"));
    world.runtime.reconciliation.request(ID, odd, odd);
    await advance(60_000);
    expect(log.of("reconcile.differs").filter(({ fields }) => fields.series_id === FIVE)).toHaveLength(1);
  });

  test("a series that is not followed any more is not compared, and its record goes", async () => {
    const { view, runtime, advance } = await reconciled();
    await advance(60_000);
    runtime.release(SERIES);
    await advance(120_000);
    expect(view()).toMatchObject({ active: false, buckets_compared: 0 });
  });

  test("REST that refuses is left alone for all series; one that the exchange does not have, for itself", async () => {
    const world = await reconciled();
    world.futures.rest = () => {
      throw new RestError("rate_limited", "429", { retryAfterMs: 300_000 });
    };
    await world.advance(60_000);
    const before = world.asked().length;
    expect(before).toBeLessThanOrEqual(1);
    world.futures.rest = () => {
      throw new RangeError("no such interval");
    };
    await world.advance(400_000);
    expect(world.view().last_error).toBe("no such interval");
    const after = world.asked().length;
    await world.advance(RECONCILE_RETRY_MS / 2);
    expect(world.asked()).toHaveLength(after);
  });
});

describe("asked for", () => {
  test("a range that has been compared is compared again, and what agrees now is no difference any more", async () => {
    const odd = minute(-30);
    const world = await reconciled((time) => (time === odd ? 2 : 1));
    await world.advance(60_000);
    world.futures.knows(FIVE, own(300));
    world.runtime.reconciliation.request(ID, minute(-MINUTES), minute(0));
    expect(world.view().requested).toEqual({ from: minute(-MINUTES), to: minute(0) });
    await world.advance(60_000);
    expect(world.view()).toMatchObject({ requested: null, differences: [] });
  });

  test("what cannot be compared is told, with the reason", async () => {
    const { runtime } = await reconciled();
    const ask = (series: string, from: number, to: number) => () =>
      runtime.reconciliation.request(parseSeriesId(series), from, to);
    expect(ask(SERIES, 0, 600)).toThrow(`'${SERIES}' is not compared`);
    expect(ask(derived("5m").replace("BTC", "XYZ"), 0, 600)).toThrow("is not compared");
    expect(ask(FIVE, minute(1), minute(2))).toThrow("no bucket opens between");
    expect(ask(FIVE, 0, MAX_RECONCILE_CANDLES * 300)).toThrow("2001 buckets are more than 2000");
    expect(RECONCILE_AFTER_MS).toBe(300_000);
  });
});
