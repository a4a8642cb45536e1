/**
 * `ticker/24hr`, as far as lists of markets need it: the window is the 24 whole hours before the current one, and the
 * current one so far. Spec: binance-protocol §3.6.
 */
import { wireDecimals } from "../stream/kline-message.js";
import type { CandleBook } from "../truth/candle-book.js";
import { INTERVAL_DAY_MS, openTimeAt } from "../truth/intervals.js";
import { foldKlines, type Kline } from "../truth/kline.js";
import { restErrors } from "./errors.js";
import { checkSymbolText, type Query } from "./query.js";
import { queryableBook, type RestWorld } from "./rest-world.js";

/** One ticker, or all of them when no symbol is given. @throws RestError -1121 */
export function ticker24h(world: RestWorld, query: Query): object {
  const { symbol } = query;
  if (symbol === undefined) return [...world.books.keys()].flatMap((name) => tickerOf(world, name) ?? []);
  const ticker = tickerOf(world, checkSymbolText("symbol", symbol));
  if (ticker === undefined) throw restErrors.invalidSymbol();
  return ticker;
}

export function tickerWeight(world: RestWorld, query: Query): number {
  const asksForOne = query.symbol !== undefined;
  if (world.market === "spot") return asksForOne ? 2 : 80;
  return asksForOne ? 1 : 40;
}

function tickerOf(world: RestWorld, symbol: string): object | undefined {
  const book = queryableBook(world, symbol);
  if (book === undefined) return undefined;
  const nowMs = world.agenda.now();
  const day = lastDay(book, nowMs);
  const decimals = wireDecimals(world.market, book.precision);
  const price = (value: number): string => value.toFixed(decimals.price);
  const volume = day?.volume ?? 0;
  const quoteVolume = day?.quoteVolume ?? 0;
  const open = day?.open ?? 0;
  const last = day?.close ?? 0;
  const tick = 10 ** -book.precision.price;
  const isSpot = world.market === "spot";
  return {
    symbol,
    priceChange: price(last - open),
    priceChangePercent: (open === 0 ? 0 : ((last - open) / open) * 100).toFixed(3),
    weightedAvgPrice: price(volume === 0 ? 0 : quoteVolume / volume),
    ...(isSpot ? { prevClosePrice: price(open) } : {}),
    lastPrice: price(last),
    lastQty: (0).toFixed(decimals.volume),
    ...(isSpot ? { bidPrice: price(Math.max(0, last - tick)), bidQty: (0).toFixed(decimals.volume) } : {}),
    ...(isSpot ? { askPrice: price(last + tick), askQty: (0).toFixed(decimals.volume) } : {}),
    openPrice: price(open),
    highPrice: price(day?.high ?? 0),
    lowPrice: price(day?.low ?? 0),
    volume: volume.toFixed(decimals.volume),
    quoteVolume: quoteVolume.toFixed(decimals.quote),
    openTime: day?.openMs ?? Math.floor(nowMs - INTERVAL_DAY_MS),
    closeTime: Math.floor(nowMs),
    firstId: day?.firstTradeId ?? -1,
    lastId: day?.lastTradeId ?? -1,
    count: day?.trades ?? 0,
  };
}

function lastDay(book: CandleBook, nowMs: number): Kline | undefined {
  const hours: Kline[] = [];
  const fromMs = openTimeAt("1h", nowMs - INTERVAL_DAY_MS);
  for (const openMs of book.openTimes("1h", fromMs, nowMs)) {
    const hour = book.at("1h", openMs, nowMs);
    if (hour !== undefined) hours.push(hour);
  }
  return foldKlines(hours[0]?.openMs ?? fromMs, Math.floor(nowMs), hours, book.precision);
}
