import { expect, onTestFinished, test } from "vitest";
import { auditTimeframes } from "../../src/ledger/audit-timeframes.js";
import type { Candle } from "../../src/market/candle.js";
import { rollUp } from "../../src/market/roll-up.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import { seededWalk } from "../support/random-series.js";
import { tempFolder } from "../support/temp.js";

const series = (timeframe: string, symbol = "BTC/USDT") => parseSeriesId(`binance:spot:${symbol}:${timeframe}`);
/** More minutes than two pages of five minutes need. */
const MINUTES = seededWalk({ seed: 3, count: 3_000, start: 1_700_000_100 });

async function storeOf(candles: Readonly<Record<string, readonly Candle[]>>) {
  const store = openLmdbStore(tempFolder());
  onTestFinished(() => store.close());
  for (const [id, upsert] of Object.entries(candles)) await store.commit({ series: id, upsert });
  return store;
}

test("F35: a longer timeframe is held against each shorter one of its symbol, page after page", async () => {
  const fives = rollUp(MINUTES, 60, 300);
  const quarters = rollUp(MINUTES, 60, 900);
  const wrong = fives.map((candle, at) => (at % 100 === 7 ? { ...candle, volume: candle.volume * 2 } : candle));
  const store = await storeOf({
    [series("1m").text]: MINUTES,
    [series("5m").text]: wrong,
    [series("15m").text]: quarters,
    [series("1m", "ETH/USDT").text]: MINUTES.map((candle) => ({ ...candle, open: 1 })),
    "no series at all": [],
  });
  const times = fives.filter((_, at) => at % 100 === 7).map(({ time }) => time);
  const [fiveByOne, ...others] = auditTimeframes(store, series("5m"));
  expect(others).toEqual([]);
  expect(fiveByOne).toMatchObject({ base: series("1m").text, compared: fives.length, different: times.length });
  expect(fiveByOne?.first.map(({ time, field }) => [time, field])).toEqual(times.map((time) => [time, "volume"]));
  expect(
    auditTimeframes(store, series("15m")).map(({ base, compared, different }) => [base, compared, different > 0]),
  ).toEqual([
    [series("1m").text, quarters.length, false],
    [series("5m").text, quarters.length, true],
  ]);
  expect(auditTimeframes(store, series("1m"))).toEqual([]);
});

test("holes in either are passed over", async () => {
  const fives = rollUp(MINUTES, 60, 300).filter((_, at) => at % 3 !== 0);
  const store = await storeOf({
    [series("1m").text]: MINUTES.filter((_, at) => at % 50 !== 0),
    [series("5m").text]: fives,
  });
  const [audit] = auditTimeframes(store, series("5m"));
  expect(audit?.different).toBe(0);
  expect(audit?.compared).toBeGreaterThan(fives.length / 2);
  expect(audit?.compared).toBeLessThan(fives.length);
});
