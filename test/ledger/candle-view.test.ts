import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { type CandleQuery, readClosedCandles } from "../../src/ledger/candle-view.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";
import { candleAt } from "../support/candles.js";
import { tempFolder } from "../support/temp.js";

const SERIES = "binance:spot:BTC/USDT:1m";

async function storeWith(times: readonly number[]): Promise<Store> {
  const store = openLmdbStore(tempFolder());
  onTestFinished(() => store.close());
  if (times.length > 0) await store.commit({ series: SERIES, upsert: times.map((time) => candleAt(time)) });
  return store;
}

function read(store: Store, nowS: number, query: Partial<CandleQuery> = {}) {
  const clock = new SimulatedClock(nowS * 1000);
  const answer = readClosedCandles(store, clock, { series: SERIES, timeframeSeconds: 60, limit: 100, ...query });
  const { run, effectiveSince, headTime } = answer;
  return { times: run.candles().map(({ time }) => time), effectiveSince, headTime };
}

test("an empty series", async () => {
  expect(read(await storeWith([]), 1_000)).toEqual({ times: [], effectiveSince: undefined, headTime: null });
});

test("the candle of the open minute is hidden, the head is not", async () => {
  const store = await storeWith([480, 540, 600]);
  expect(read(store, 659)).toEqual({ times: [480, 540], effectiveSince: undefined, headTime: 600 });
  expect(read(store, 660)).toEqual({ times: [480, 540, 600], effectiveSince: undefined, headTime: 600 });
});

test("a fraction of a second does not close a candle", async () => {
  const store = await storeWith([600]);
  expect(read(store, 659.999).times).toEqual([]);
});

test("the limit counts before hiding", async () => {
  const store = await storeWith([480, 540, 600]);
  expect(read(store, 610, { limit: 2 }).times).toEqual([540]);
  expect(read(store, 610, { limit: 1 }).times).toEqual([]);
});

test("a since ahead is pulled back and reported", async () => {
  const store = await storeWith([480, 540, 600]);
  expect(read(store, 610, { since: 600 })).toEqual({ times: [], effectiveSince: 540, headTime: 600 });
  expect(read(store, 610, { since: 480 })).toEqual({ times: [540], effectiveSince: 480, headTime: 600 });
});

test("the time of a candle that was sent is not pulled back", async () => {
  const store = await storeWith([480, 540, 600, 900]);
  expect(read(store, 610, { since: 600, sinceWasSent: true })).toEqual({
    times: [900],
    effectiveSince: 600,
    headTime: 900,
  });
});

test("nothing is hidden of a series far ahead", async () => {
  const store = await storeWith([480, 600, 661]);
  expect(read(store, 600).times).toEqual([480, 600, 661]);
  const near = await storeWith([480, 600, 660]);
  expect(read(near, 600).times).toEqual([480]);
});

test("pages from a cursor make up the whole, whatever is hidden", async () => {
  const slots = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      slots,
      fc.integer({ min: 60, max: 6_000 }),
      fc.integer({ min: 1, max: 7 }),
      async (given, now, limit) => {
        const times = given.map((slot) => slot * 60).sort((a, b) => a - b);
        const store = openLmdbStore(tempFolder());
        try {
          await store.commit({ series: SERIES, upsert: times.map((time) => candleAt(time)) });
          const paged: number[] = [];
          let since = 0;
          for (let page = read(store, now, { since, limit }).times; page.length > 0; ) {
            paged.push(...page);
            since = page.at(-1) as number;
            page = read(store, now, { since, limit, sinceWasSent: true }).times;
          }
          expect(paged).toEqual([...new Set(paged)].sort((a, b) => a - b));
          expect(times.slice(0, paged.length)).toEqual(paged);
          const all = read(store, now, { since: 0, limit: 1_000 }).times;
          // Pages hide by their own newest candle, so they may stop earlier than one large read of a series far ahead.
          expect(all.slice(0, paged.length)).toEqual(paged);
        } finally {
          await store.close();
        }
      },
    ),
    { numRuns: 25 },
  );
});
