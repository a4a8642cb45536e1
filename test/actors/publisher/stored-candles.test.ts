import { expect, onTestFinished, test } from "vitest";
import { StoredCandles } from "../../../src/actors/publisher/stored-candles.js";
import type { CandleSource } from "../../../src/actors/publisher/subscription.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { openLmdbStore } from "../../../src/storage/lmdb-store.js";
import { candleSeries } from "../../support/candles.js";
import { tempFolder } from "../../support/temp.js";

const ID = parseSeriesId("binance:spot:BTC/USDT:1m");

/** Ten stored minutes, of which the newest is still open, read by three. */
async function stored(recover?: CandleSource["recover"]): Promise<StoredCandles> {
  const store = openLmdbStore(tempFolder());
  onTestFinished(() => store.close());
  await store.commit({ series: ID.text, upsert: candleSeries(600, 10) });
  return new StoredCandles({ store, catchUpLimit: 3 }, ID, new SimulatedClock(1_150_000), recover);
}

const times = (candles: readonly Candle[]): readonly number[] => candles.map(({ time }) => time);

test("a page after a cursor is full as long as there may be more", async () => {
  const source = await stored();
  const page = source.page(600, "client");
  expect([times(page.candles), page.effectiveSince, page.full]).toEqual([[660, 720, 780], 600, true]);
  const last = source.page(1_020, "sent");
  expect([times(last.candles), last.full]).toEqual([[1_080], false]);
});

test("without a cursor the newest closed candles are the one page there is", async () => {
  const page = (await stored()).page(null, "client");
  expect([times(page.candles), page.effectiveSince, page.full]).toEqual([[1_020, 1_080], null, false]);
});

test("a cursor ahead is pulled back if the client named it, and taken as it is if it was sent", async () => {
  const source = await stored();
  expect(source.page(1_140, "client").effectiveSince).toBe(1_080);
  expect(source.page(1_140, "sent").effectiveSince).toBe(1_140);
});

test("what lies between two candles is without them, and no more than a page", async () => {
  const source = await stored();
  const [all, some] = [source.between(660, 840), source.between(600, 1_140)];
  expect([times(all.candles), all.full]).toEqual([[720, 780], false]);
  expect([times(some.candles), some.full]).toEqual([[660, 720, 780], true]);
});

test("what is missing is asked for only where that is switched on", async () => {
  expect((await stored()).recover).toBeUndefined();
  const [found] = candleSeries(0, 1);
  const source = await stored(async () => [found as Candle]);
  expect(await source.recover?.({ expectedNextTime: 0, actualTime: 60 })).toEqual([found]);
});
