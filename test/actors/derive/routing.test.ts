import { describe, expect, test } from "vitest";
import { candleSeries } from "../../support/candles.js";
import { minute, SERIES, T0 } from "../series/world.js";
import { derived, FIVE, startDerived } from "./world.js";

describe("whose feed it is", () => {
  test("RS-V12 every reference to a derived series counts for the job of its base", async () => {
    const { runtime, job, futures, advance } = await startDerived();
    for (const series of [FIVE, derived("1h"), SERIES, FIVE]) expect(runtime.hold(series)).toBe(true);
    await advance(0);
    expect(runtime.ingestState().jobs.map(({ series_id, refcount }) => [series_id, refcount])).toEqual([[SERIES, 4]]);
    expect([futures.isAttached(SERIES), futures.isAttached(FIVE)]).toEqual([true, false]);
    for (const series of [FIVE, FIVE, derived("1h")]) runtime.release(series);
    expect(job()?.refcount).toBe(1);
  });

  test("a whitelist entry of a derived series pins its base, once", async () => {
    const jobs = { whitelist: [FIVE, derived("1d"), SERIES] };
    const { runtime, futures } = await startDerived({ jobs });
    expect(runtime.ingestState().jobs.map(({ series_id }) => series_id)).toEqual([SERIES]);
    expect(runtime.ingestState().whitelist_series_ids).toHaveLength(3);
    expect(futures.isAttached(SERIES)).toBe(true);
  });

  test("the state of the feed of a derived series is that of its base", async () => {
    const { runtime, follow } = await startDerived();
    await follow(FIVE);
    expect(runtime.feedStates(FIVE).series.map(({ series_id }) => series_id)).toEqual([SERIES]);
  });

  test("derived trees live as long as the job of their base", async () => {
    const world = await startDerived();
    await world.follow(FIVE);
    await world.closeAll(0, 11);
    expect(world.log.of("series.stopped")).toEqual([]);
    world.runtime.release(FIVE);
    await world.advance(12 * 60_000);
    expect(world.log.of("series.stopped").map(({ fields }) => fields.series_id)).toContain(FIVE);
  });
});

describe("the first subscriber of a derived series", () => {
  test("RS-V13 that has no candle gets those that the stored base candles make, before anything else", async () => {
    const world = await startDerived({ firstCandles: 12 });
    await world.store.commit({ series: SERIES, upsert: candleSeries(minute(-30), 30) });
    const { listener } = await world.subscribe(FIVE);
    expect(listener.closedTimes()).toEqual([minute(-10), minute(-5)]);
    expect(world.store.ledger(FIVE, "factor").head?.time).toBe(minute(-5));
    expect(world.published.closed(FIVE)).toEqual([]);
  });

  test("that has candles is left as it is", async () => {
    const world = await startDerived();
    await world.store.commit({ series: SERIES, upsert: candleSeries(minute(-30), 30) });
    await world.store.commit({ series: FIVE, upsert: world.expected("5m").slice(0, 1) });
    const { listener } = await world.subscribe(FIVE);
    expect(listener.closedTimes()).toEqual([minute(-30)]);
  });

  test("a failure costs the history, and not the subscription", async () => {
    const world = await startDerived();
    await world.store.commit({ series: SERIES, upsert: candleSeries(minute(-30), 30) });
    world.store.before = () => {
      throw new Error("disk full");
    };
    const { listener } = await world.subscribe(FIVE);
    world.store.before = () => undefined;
    expect(world.log.of("derive.first_failed")).toHaveLength(1);
    await world.follow(FIVE);
    await world.closeAll(0, 4);
    expect(listener.closedTimes()).toContain(minute(0));
  });

  test("a subscriber of 5m alone gets live buckets, and no base candle", async () => {
    const world = await startDerived({ startMs: T0 * 1000 });
    await world.follow(FIVE);
    const { listener } = await world.subscribe(FIVE);
    await world.closeAll(0, 9);
    expect(listener.closedTimes()).toEqual([minute(0), minute(5)]);
    expect(new Set(listener.messages.map(({ series_id }) => series_id))).toEqual(new Set([FIVE]));
  });
});
