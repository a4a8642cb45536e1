/** `klines`, `uiKlines` and `continuousKlines`. Spec: binance-protocol §4.1. */
import type { KlineRow } from "../stream/kline-message.js";
import { klineRow, wireDecimals } from "../stream/kline-message.js";
import type { CandleBook } from "../truth/candle-book.js";
import { shownCandle } from "../truth/holdings.js";
import { type Interval, isInterval } from "../truth/intervals.js";
import { restErrors } from "./errors.js";
import { type Query, requireText, wholeNumber } from "./query.js";
import type { RestWorld } from "./rest-world.js";

/** Times above this are microseconds (spot takes both): the year 5138 in ms. */
const MICROSECOND_TIMES_FROM = 100_000_000_000_000;

const FUTURES_WEIGHTS = [
  { belowLimit: 100, weight: 1 },
  { belowLimit: 500, weight: 2 },
  { belowLimit: 1_001, weight: 5 },
] as const;
const FUTURES_HEAVIEST = 10;
const SPOT_WEIGHT = 2;

/** The weight of a klines request; what cannot be read weighs as the default. */
export function klinesWeight(world: RestWorld, query: Query): number {
  if (world.market === "spot") return SPOT_WEIGHT;
  const asked = Number(query.limit ?? Number.NaN);
  const limit = Number.isNaN(asked) ? world.settings.klinesDefaultLimit : asked;
  return FUTURES_WEIGHTS.find(({ belowLimit }) => limit < belowLimit)?.weight ?? FUTURES_HEAVIEST;
}

/**
 * The rows of a klines request.
 * @throws RestError
 */
export function klines(world: RestWorld, book: CandleBook, query: Query, microseconds: boolean): readonly KlineRow[] {
  const interval = requireText(query, "interval");
  if (!isInterval(interval)) throw restErrors.invalidInterval();
  const limit = readLimit(world, query);
  const fromMs = readTime(world, query, "startTime");
  const toMs = readTime(world, query, "endTime");
  const zone = query.timeZone;
  if (zone !== undefined && !/^[+-]?0?0?(:00)?$/.test(zone)) throw restErrors.invalidValue("timeZone");
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    if (world.market === "futures") throw restErrors.startAfterEnd();
    return [];
  }
  const decimals = wireDecimals(world.market, book.precision);
  return [...selected(world, book, interval, limit, fromMs, toMs)].map((kline) =>
    klineRow(kline, decimals, microseconds),
  );
}

function selected(
  world: RestWorld,
  book: CandleBook,
  interval: Interval,
  limit: number,
  fromMs: number | undefined,
  toMs: number | undefined,
) {
  const nowMs = world.agenda.now();
  const lag = world.faults.first("lag", { symbol: book.symbol, interval }) ?? {
    lagMs: world.settings.lagMs,
    shows: world.settings.lagShows,
  };
  const lastMs = Math.min(toMs ?? nowMs, nowMs);
  const openTimes =
    fromMs === undefined
      ? book.openTimesBackwards(interval, Number.NEGATIVE_INFINITY, lastMs)
      : book.openTimes(interval, fromMs, lastMs);
  const rows = [];
  for (const openMs of openTimes) {
    if (rows.length >= limit) break;
    const kline = shownCandle(book, world.faults, lag, interval, openMs, nowMs);
    if (kline !== undefined) rows.push(kline);
  }
  return fromMs === undefined ? rows.reverse() : rows;
}

/** Spot caps a limit that is too high (by assumption); futures refuses it. */
function readLimit({ market, settings }: RestWorld, query: Query): number {
  const limit = wholeNumber(query, "limit") ?? settings.klinesDefaultLimit;
  const isInRange = limit >= 1 && limit <= settings.klinesMaxLimit;
  if (isInRange) return limit;
  if (market === "futures" || limit === 0) throw restErrors.invalidValue("limit");
  return settings.klinesMaxLimit;
}

function readTime({ market }: RestWorld, query: Query, name: string): number | undefined {
  const time = wholeNumber(query, name);
  return market === "spot" && time !== undefined && time >= MICROSECOND_TIMES_FROM ? Math.floor(time / 1000) : time;
}
