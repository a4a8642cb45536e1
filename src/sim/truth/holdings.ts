/**
 * What the exchange shows of its candles to whoever asks (REST, the truth of tests), as opposed to what it streams: with
 * late revisions applied, and for REST as of some time ago when it lags. Spec: binance-protocol §4.1, §5 item 6.
 */
import type { Candle } from "../../market/candle.js";
import type { FaultSwitchboard } from "../faults/switchboard.js";
import type { CandleBook } from "./candle-book.js";
import { INTERVALS, type Interval, isInterval, nextOpenTime } from "./intervals.js";
import { candleOf, type Kline } from "./kline.js";

export interface Lag {
  readonly lagMs: number;
  readonly shows: "nothing" | "unsettled";
}

/** A closed candle as the exchange holds it at `nowMs`; undefined when it is not closed or does not exist. */
export function heldCandle(
  book: CandleBook,
  faults: FaultSwitchboard,
  interval: Interval,
  openMs: number,
  nowMs: number,
): Kline | undefined {
  if (nowMs < nextOpenTime(interval, openMs)) return undefined;
  const kline = book.whole(interval, openMs);
  return kline === undefined ? undefined : faults.revised(kline, book.symbol, interval);
}

/** A candle as REST shows it at `nowMs`: closed, or forming as far as the lag lets it be seen. */
export function shownCandle(
  book: CandleBook,
  faults: FaultSwitchboard,
  lag: Lag,
  interval: Interval,
  openMs: number,
  nowMs: number,
): Kline | undefined {
  const asOfMs = nowMs - lag.lagMs;
  const held = heldCandle(book, faults, interval, openMs, asOfMs);
  if (held !== undefined) return held;
  const showsForming = lag.lagMs === 0 || lag.shows === "unsettled";
  return showsForming ? book.at(interval, openMs, asOfMs) : undefined;
}

/**
 * The closed candles of a symbol that the exchange holds, open times from `fromMs` (included) to `toMs` (not).
 * @throws RangeError naming a symbol or interval that the market does not have.
 */
export function closedCandles(
  held: { readonly books: ReadonlyMap<string, CandleBook>; readonly faults: FaultSwitchboard; readonly nowMs: number },
  symbol: string,
  interval: string,
  fromMs: number,
  toMs: number,
): readonly Candle[] {
  const { books, faults, nowMs } = held;
  const book = books.get(symbol);
  if (book === undefined) {
    throw new RangeError(`the market has no symbol '${symbol}'; it has ${[...books.keys()].join(", ")}`);
  }
  if (!isInterval(interval)) throw new RangeError(`interval '${interval}' is unknown; use ${INTERVALS.join(", ")}`);
  const candles: Candle[] = [];
  for (const openMs of book.openTimes(interval, fromMs, Math.min(toMs - 1, nowMs))) {
    const kline = heldCandle(book, faults, interval, openMs, nowMs);
    if (kline !== undefined) candles.push(candleOf(kline));
  }
  return candles;
}
