import fc from "fast-check";
import { expect, test } from "vitest";
import { firstChanged } from "../../../src/actors/ingest/first-changed.js";
import { type Candle, sameCandle } from "../../../src/market/candle.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { createWorld, minute, SERIES } from "../series/world.js";

/** A store with candles at every minute but each tenth, which counts the candles that are read. */
async function filledStore() {
  const { store } = createWorld();
  const stored = candleSeries(minute(0), 1_000).filter((_, index) => index % 10 !== 0);
  await store.commit({ series: SERIES, upsert: stored });
  const read = { runs: 0, candles: 0 };
  const readBetween = store.readBetween;
  store.readBetween = (...args) => {
    const run = readBetween(...args);
    read.runs += 1;
    read.candles += run.count;
    return run;
  };
  return { store, stored, read };
}

test("all that is stored like this is unchanged, and read page by page", async () => {
  const { store, stored, read } = await filledStore();
  expect(firstChanged(store, SERIES, stored)).toBeUndefined();
  expect(firstChanged(store, SERIES, [])).toBeUndefined();
  expect(read.runs).toBeLessThan(15);
  expect(read.candles).toBe(stored.length);
});

test("of candles far apart no more is read than they are", async () => {
  const { store, stored, read } = await filledStore();
  const sparse = stored.filter((_, index) => index % 50 === 0);
  expect(firstChanged(store, SERIES, sparse)).toBeUndefined();
  expect(read.candles).toBeLessThanOrEqual(2 * sparse.length);
});

test("a candle that is missing or different is found, the first of them", async () => {
  const { store, stored } = await filledStore();
  const other = stored.map((candle, index) => (index === 700 || index === 800 ? { ...candle, volume: 0.5 } : candle));
  expect(firstChanged(store, SERIES, other)).toEqual(other[700]);
  expect(firstChanged(store, SERIES, candleSeries(minute(31), 50))?.time).toBe(minute(40));
  expect(firstChanged(store, SERIES, [candleAt(minute(5_000))])?.time).toBe(minute(5_000));
});

test("whatever is given, it is what a look at each candle finds", async () => {
  const { store, stored } = await filledStore();
  const byTime = new Map(stored.map((candle) => [candle.time, candle]));
  const differs = (candle: Candle): boolean => {
    const known = byTime.get(candle.time);
    return known === undefined || !sameCandle(known, candle);
  };
  const given = fc.record({
    from: fc.integer({ min: 1, max: 990 }),
    steps: fc.array(fc.constantFrom(1, 1, 1, 1, 2, 30), { maxLength: 60 }),
    changedAt: fc.nat({ max: 80 }),
  });
  fc.assert(
    fc.property(given, ({ from, steps, changedAt }) => {
      let minutes = from;
      const times = steps.map((step) => {
        minutes += step;
        // Mostly candles that are stored.
        if (minutes % 10 === 0 && step === 1) minutes += 1;
        return minute(minutes);
      });
      const candles = times.map((time, index) => candleAt(time, index === changedAt ? 9 : undefined));
      expect(firstChanged(store, SERIES, candles)).toEqual(candles.find(differs));
    }),
  );
});
