/**
 * Truth from recorded one-minute candles. What a recording of five columns does not say (trades, quote and taker
 * volumes) is derived, repeatably and within the bounds that the columns set.
 */
import { uniform, uniformInteger } from "../noise.js";
import { INTERVAL_MINUTE_MS } from "./intervals.js";
import { type Kline, type Precision, quoteDecimals, roundTo } from "./kline.js";
import type { CandleSource } from "./source.js";

/** One recorded candle; the optional members are used where the recording has them. */
export interface RecordedRow {
  /** Milliseconds since the Unix epoch, UTC; on the minute. */
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly trades?: number;
  readonly quoteVolume?: number;
  readonly takerVolume?: number;
  readonly takerQuoteVolume?: number;
}

/** Key of everything that is derived here: the same recording is the same truth whatever the exchange's seed. */
const DERIVATION_SEED = 0x5eed;
const FEWEST_TRADES = 8;
const MOST_TRADES = 900;
const FIRST_TRADE_ID = 1_000_000;

/**
 * A source of exactly these rows: nothing before, between or after them.
 * @param rows strictly ascending and on the minute.
 * @throws RangeError naming the first row that is not.
 */
export function recordedSource(rows: readonly RecordedRow[], precision: Precision): CandleSource {
  const byOpen = new Map<number, Kline>();
  let previousMs = Number.NEGATIVE_INFINITY;
  let nextTradeId = FIRST_TRADE_ID;
  for (const row of rows) {
    if (row.openMs % INTERVAL_MINUTE_MS !== 0 || row.openMs <= previousMs) {
      throw new RangeError(
        `recorded row with open time ${row.openMs} is off the minute or not after the row before (${previousMs}); sort the rows and keep one per minute`,
      );
    }
    const kline = completeRow(row, precision, nextTradeId);
    byOpen.set(row.openMs, kline);
    previousMs = row.openMs;
    nextTradeId += kline.trades;
  }
  const firstMs = rows[0]?.openMs ?? Number.POSITIVE_INFINITY;
  return {
    precision,
    firstMs,
    endMs: rows.length === 0 ? firstMs : previousMs + INTERVAL_MINUTE_MS,
    minute: (openMs) => byOpen.get(openMs),
  };
}

function completeRow(row: RecordedRow, precision: Precision, firstTradeId: number): Kline {
  const minute = row.openMs / INTERVAL_MINUTE_MS;
  const traded = row.volume > 0;
  const trades = row.trades ?? (traded ? uniformInteger(FEWEST_TRADES, MOST_TRADES, DERIVATION_SEED, minute) : 0);
  const typical = (row.open + row.high + row.low + row.close) / 4;
  const takerShare = 0.3 + 0.4 * uniform(DERIVATION_SEED, minute, 1);
  const quoteVolume = row.quoteVolume ?? roundTo(row.volume * typical, quoteDecimals(precision));
  return {
    openMs: row.openMs,
    closeMs: row.openMs + INTERVAL_MINUTE_MS - 1,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    quoteVolume,
    takerVolume: row.takerVolume ?? roundTo(row.volume * takerShare, precision.volume),
    takerQuoteVolume: row.takerQuoteVolume ?? roundTo(quoteVolume * takerShare, quoteDecimals(precision)),
    trades,
    firstTradeId: trades > 0 ? firstTradeId : -1,
    lastTradeId: trades > 0 ? firstTradeId + trades - 1 : -1,
  };
}
