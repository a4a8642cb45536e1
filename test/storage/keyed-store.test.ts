import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { candleJson } from "../../src/market/candle.js";
import type { Store } from "../../src/storage/store.js";
import { candleAt, candleSeries } from "../support/candles.js";
import { openedAt, STORE_KINDS } from "./kinds.js";
import { ModelSeries } from "./model.js";

const SERIES = "binance:futures:BTC/USDT:1m";

const times = (run: { candles(): { time: number }[] }): number[] => run.candles().map((candle) => candle.time);

describe.each(STORE_KINDS)("the store contract %s (ingest §3)", (_kind, newPlace) => {
  const openStore = (place = newPlace()): Store => openedAt(place);

  test("an unknown series is empty", () => {
    const store = openStore();
    expect(store.head(SERIES)).toEqual({ revision: 0, count: 0, firstTime: null, lastTime: null });
    expect(store.read(SERIES, { limit: 10 }).count).toBe(0);
    expect(store.floor(SERIES, 100)).toBeNull();
    expect(store.count(SERIES, 0, 1e9)).toBe(0);
    expect(store.readBefore(SERIES, 1e9, 10).count).toBe(0);
    expect(store.seriesIds()).toEqual([]);
  });

  test("reads: newest without since, oldest after since, both ascending", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, upsert: candleSeries(0, 1000) });
    expect(times(store.read(SERIES, { limit: 3 }))).toEqual([59820, 59880, 59940]);
    expect(times(store.read(SERIES, { since: 0, limit: 3 }))).toEqual([60, 120, 180]);
    expect(times(store.read(SERIES, { since: -5, limit: 2 }))).toEqual([0, 60]);
    expect(store.read(SERIES, { since: 59940, limit: 3 }).count).toBe(0);
    expect(store.read(SERIES, { limit: 0 }).count).toBe(0);
    expect(times(store.readBetween(SERIES, 60, 180))).toEqual([60, 120, 180]);
    expect(times(store.readBetween(SERIES, 61, 179))).toEqual([120]);
    expect(times(store.readBetween(SERIES, 0, 1e9, 2))).toEqual([0, 60]);
    expect(store.count(SERIES, 60, 180)).toBe(3);
    expect([...store.candleTimes(SERIES, 0, 3)]).toEqual([60, 120, 180]);
    expect([...store.candleTimes(SERIES, -1, 2_000)]).toEqual(times(store.read(SERIES, { limit: 2_000 })));
    expect([...store.candleTimes(SERIES, 59880, 3)]).toEqual([59940]);
    expect([...store.candleTimes(SERIES, 59940, 3), ...store.candleTimes("no:such:series:1m", -1, 3)]).toEqual([]);
    expect([...store.existingTimes(SERIES, [-60, 0, 60, 61])]).toEqual([60]);
  });

  test("reads before a time: the newest of them, ascending, across chunks", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, upsert: candleSeries(0, 1000) });
    expect(times(store.readBefore(SERIES, 180, 2))).toEqual([60, 120]);
    expect(times(store.readBefore(SERIES, 181, 2))).toEqual([120, 180]);
    expect(times(store.readBefore(SERIES, 120, 9))).toEqual([0, 60]);
    expect(times(store.readBefore(SERIES, 240 * 60, 500))).toEqual(candleSeries(0, 240).map(({ time }) => time));
    expect(store.readBefore(SERIES, 1e9, 700).candles()).toEqual(candleSeries(0, 1000).slice(300));
    for (const [beforeS, limit] of [
      [0, 5],
      [-5, 5],
      [60, 0],
    ] as const) {
      expect(store.readBefore(SERIES, beforeS, limit).count).toBe(0);
    }
  });

  test("times and closes of a run come as columns, across chunks and when cut", async () => {
    const store = openStore();
    const candles = candleSeries(0, 600);
    await store.commit({ series: SERIES, upsert: candles });
    const { times: columnTimes, closes } = store.read(SERIES, { since: 60, limit: 500 }).upTo(18_000).closeColumns();
    const expected = candles.slice(2, 301);
    expect([...columnTimes]).toEqual(expected.map(({ time }) => time));
    expect([...closes]).toEqual(expected.map(({ close }) => close));
    expect(store.read(SERIES, { since: 1e9, limit: 5 }).closeColumns().times).toHaveLength(0);
  });

  test("an upsert replaces the candle of the same time and tells the new times", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, upsert: [candleAt(60), candleAt(180)] });
    const receipt = await store.commit({ series: SERIES, upsert: [candleAt(60, 7), candleAt(120)] });
    expect(receipt.insertedTimes).toEqual([120]);
    expect(receipt.head).toEqual({ revision: 2, count: 3, firstTime: 60, lastTime: 180 });
    expect(store.read(SERIES, { limit: 9 }).candles()[0]).toEqual(candleAt(60, 7));
  });

  test("updateOnly changes what is stored and adds nothing", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, upsert: [candleAt(60)] });
    const receipt = await store.commit({ series: SERIES, upsert: [candleAt(60, 9), candleAt(120)], updateOnly: true });
    expect(receipt.insertedTimes).toEqual([]);
    expect(store.read(SERIES, { limit: 9 }).candles()).toEqual([candleAt(60, 9)]);
  });

  test("a failing commit stores nothing and leaves the commits beside it alone", async () => {
    const store = openStore();
    // Fails after the first chunks of it have been written, so that there is something to roll back.
    const candles = candleSeries(60, 600);
    let reads = 0;
    Object.defineProperty(candles[599], "close", {
      get: () => {
        reads += 1;
        if (reads > 1) throw new Error("the disk is on fire");
        return 1;
      },
    });
    const results = await Promise.allSettled([
      store.commit({ series: "a:b:c:1m", upsert: [candleAt(60)] }),
      store.commit({ series: SERIES, upsert: candles }),
      store.commit({ series: "d:e:f:1m", upsert: [candleAt(60)] }),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: "commit_failed" });
    expect(store.head(SERIES).count).toBe(0);
    expect(store.seriesIds()).toEqual(["a:b:c:1m", "d:e:f:1m"]);
    await store.commit({ series: SERIES, upsert: [candleAt(60)] });
    expect(store.head(SERIES).count).toBe(1);
  });

  test.each([
    ["out of order", [candleAt(120), candleAt(60)]],
    ["twice the same time", [candleAt(60), candleAt(60)]],
    ["before 1970", [candleAt(-60)]],
    ["between seconds", [candleAt(60.5)]],
    ["beyond all dates", [candleAt(2 ** 48)]],
    ["not a number", [candleAt(60, Number.NaN)]],
    ["infinite", [candleAt(60, Number.POSITIVE_INFINITY)]],
  ])("candles that cannot be stored are refused: %s", async (_, upsert) => {
    const store = openStore();
    await expect(store.commit({ series: SERIES, upsert })).rejects.toMatchObject({ code: "commit_failed" });
    expect(store.head(SERIES).count).toBe(0);
  });

  test("everything is there after closing and opening again", async () => {
    const place = newPlace();
    const first = place.open();
    await first.commit({ series: SERIES, upsert: candleSeries(0, 700) });
    await first.commit({ series: "b:s:X/Y:1h", upsert: candleSeries(3600, 3, 3600) });
    await first.putState("silence", { untilMs: 5 });
    await first.close();
    const second = openStore(place);
    expect(second.read(SERIES, { limit: 5000 }).candles()).toEqual(candleSeries(0, 700));
    expect(second.seriesIds()).toEqual(["b:s:X/Y:1h", SERIES]);
    expect(second.state("silence")).toEqual({ untilMs: 5 });
    expect(second.state("other")).toBeUndefined();
    await second.commit({ series: "c:c:c:1m", upsert: [candleAt(60)] });
    expect(second.read("b:s:X/Y:1h", { limit: 9 }).candles()).toEqual(candleSeries(3600, 3, 3600));
  });

  test("after close a commit is refused with a code", async () => {
    const store = openStore();
    await store.close();
    await expect(store.commit({ series: SERIES, upsert: [candleAt(60)] })).rejects.toMatchObject({
      code: "store_closed",
    });
  });

  test("the JSON of a run is the JSON of its candles, across chunks and when cut", async () => {
    const store = openStore();
    const candles = candleSeries(0, 600).map((candle, index) => ({ ...candle, volume: index / 7, open: 1e-7 * index }));
    await store.commit({ series: SERIES, upsert: candles });
    const run = store.read(SERIES, { since: 60, limit: 500 });
    expect(run.json().toString()).toBe(candles.slice(2, 502).map(candleJson).join(","));
    const cut = run.upTo(candles[300]?.time ?? 0);
    expect(cut.json().toString()).toBe(candles.slice(2, 301).map(candleJson).join(","));
    expect([cut.firstTime, cut.lastTime, cut.count]).toEqual([120, 18_000, 299]);
    expect(run.upTo(0).json().toString()).toBe("");
  });

  test("a cached chunk is not served after it has changed", async () => {
    const store = openStore();
    await store.commit({ series: SERIES, upsert: candleSeries(0, 10) });
    store.read(SERIES, { limit: 10 }).json();
    await store.commit({ series: SERIES, upsert: [candleAt(120, 999)] });
    expect(store.read(SERIES, { limit: 10 }).candles()[2]).toEqual(candleAt(120, 999));
    expect(store.read(SERIES, { limit: 10 }).json().toString()).toContain('"close":999');
  });
});

describe.each(STORE_KINDS)("the store %s equals its model", (_kind, newPlace) => {
  // Few distinct times make collisions, large steps make sparse and off-grid series, and 1,200 candles make many chunks.
  const time = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 4_000_000_000 }));
  const batch = fc.uniqueArray(time, { minLength: 1, maxLength: 300 });
  const operation = fc.oneof(
    { weight: 6, arbitrary: batch.map((list) => ({ type: "upsert" as const, list })) },
    {
      weight: 3,
      arbitrary: fc.record({ type: fc.constant("run" as const), start: time, count: fc.integer({ min: 1, max: 900 }) }),
    },
    { weight: 2, arbitrary: batch.map((list) => ({ type: "delete" as const, list })) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 500 }).map((keep) => ({ type: "trim" as const, keep })) },
  );

  test("under any sequence of upserts, deletes and trims", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 8 }), time, async (operations, probe) => {
        const store = newPlace().open();
        const model = new ModelSeries();
        // A neighbour on either side: a range must never run into another series.
        await store.commit({ series: "before", upsert: [candleAt(5)] });
        await store.commit({ series: SERIES, upsert: [] });
        await store.commit({ series: "later", upsert: [candleAt(7)] });
        for (const step of operations) {
          if (step.type === "upsert" || step.type === "run") {
            const candles =
              step.type === "run"
                ? candleSeries(step.start, step.count, 60)
                : step.list.map((at) => candleAt(at, at + model.sorted.length)).sort((a, b) => a.time - b.time);
            const receipt = await store.commit({ series: SERIES, upsert: candles });
            expect(receipt.insertedTimes).toEqual(model.upsert(candles));
          } else if (step.type === "delete") {
            const receipt = await store.commit({ series: SERIES, delete: step.list });
            expect(receipt.deleted).toBe(model.delete(step.list));
          } else {
            const receipt = await store.commit({ series: SERIES, trimTo: step.keep });
            expect(receipt.deleted).toBe(model.trim(step.keep));
          }
          const all = model.sorted;
          const head = store.head(SERIES);
          expect(head.count).toBe(all.length);
          expect([head.firstTime, head.lastTime]).toEqual([all[0]?.time ?? null, all.at(-1)?.time ?? null]);
          expect(store.read(SERIES, { limit: 1e6 }).candles()).toEqual(all);
          expect(store.read(SERIES, { limit: 250 }).candles()).toEqual(model.newest(250));
          expect(store.read(SERIES, { since: probe, limit: 250 }).candles()).toEqual(model.after(probe, 250));
          expect(store.count(SERIES, probe, probe + 5000)).toBe(model.between(probe, probe + 5000).length);
          expect(store.readBetween(SERIES, probe, probe + 5000).candles()).toEqual(model.between(probe, probe + 5000));
          expect(store.readBefore(SERIES, probe, 250).candles()).toEqual(model.before(probe, 250));
          expect(store.floor(SERIES, probe)).toBe(all.filter((candle) => candle.time <= probe).at(-1)?.time ?? null);
        }
        await store.close();
      }),
      { numRuns: 40 },
    );
  });
});
