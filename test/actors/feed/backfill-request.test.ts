import { expect, test } from "vitest";
import { BackfillRequestError, readBackfillRequest } from "../../../src/actors/feed/backfill-request.js";

const BTC = "binance:futures:BTC/USDT:1m";
/** 2025-05-05 12:00:40 UTC. */
const NOW_S = 1_746_446_440;
const read = (series: string, from: number, to?: number, nowS = NOW_S) =>
  readBackfillRequest(series, from, to, nowS * 1_000).range;

test("the ends are those of whole candles inside of what was asked for", () => {
  expect(read(BTC, NOW_S - 999, NOW_S - 500)).toEqual({ fromS: 1_746_445_500, toS: 1_746_445_920 });
  expect(read(BTC, 60, 120)).toEqual({ fromS: 60, toS: 120 });
  expect(read(BTC, 60, 60)).toEqual({ fromS: 60, toS: 60 });
});

test("without an end, or with one to come, it ends with the newest candle closed for half a minute", () => {
  expect(read(BTC, 0).toS).toBe(1_746_446_340);
  expect(read(BTC, 0, NOW_S + 86_400).toS).toBe(1_746_446_340);
  expect(read(BTC, 0, undefined, NOW_S - 11).toS).toBe(1_746_446_280);
  expect(read("binance:spot:BTC/USDT:1h", 0).toS).toBe(1_746_442_800);
});

test.each([
  ["BTC", 0, 60, "'BTC' cannot be fetched: series_id must be"],
  ["kraken:spot:BTC/USDT:1m", 0, 60, "unsupported exchange: 'kraken'"],
  ["binance:options:BTC/USDT:1m", 0, 60, "unsupported market: 'options'"],
  ["binance:spot:BTCUSDT:1m", 0, 60, "unsupported symbol format"],
  ["binance:spot:BTC/USDT:7m", 0, 60, "unsupported interval for binance klines: '7m'; there are 1m"],
  ["binance:spot:BTC/USDT:3d", 0, 60, "fetch 1d"],
  [BTC, -60, 60, "from -60 is not a time in Unix seconds"],
  [BTC, 0.5, 60, "from 0.5 is not a time"],
  [BTC, 0, 1_746_446_440_000, "to 1746446440000 is not a time in Unix seconds: it looks like milliseconds"],
  [BTC, 120, 60, "to 60 is before from 120: give a range that goes forward"],
  [BTC, 61, 119, "no 1m candle opens from 61 on and has closed by 119"],
  [BTC, NOW_S + 60, undefined, "the newest one that can be fetched opens at 1746446340"],
])("%s from %d to %d is refused, by name and with what can be done", (series, from, to, message) => {
  expect(() => read(series, from, to)).toThrow(BackfillRequestError);
  expect(() => read(series, from, to)).toThrow(message);
});
