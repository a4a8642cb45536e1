/** A candle as the exchange knows it, with everything its kline messages say. Spec: binance-protocol §2.2. */
import type { Candle } from "../../market/candle.js";

export interface Kline {
  /** Milliseconds since the Unix epoch, UTC. */
  readonly openMs: number;
  /** Last millisecond of the interval: the next candle's open time less one. */
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In the base asset. */
  readonly volume: number;
  readonly quoteVolume: number;
  /** The part of `volume` whose buyer was the taker. */
  readonly takerVolume: number;
  readonly takerQuoteVolume: number;
  readonly trades: number;
  /** Trade ids; -1 when nothing traded. */
  readonly firstTradeId: number;
  readonly lastTradeId: number;
}

/** Decimals of one symbol. */
export interface Precision {
  /** Decimals that a futures price is padded to; spot pads to 8 whatever this says. */
  readonly price: number;
  /** Decimals of the tick, where it is coarser than `price`. */
  readonly tick?: number;
  readonly volume: number;
}

export function tickDecimals(precision: Precision): number {
  return precision.tick ?? precision.price;
}

/** Futures quote volumes have as many decimals as price and volume together (all recorded messages agree). */
export function quoteDecimals(precision: Precision): number {
  return precision.price + precision.volume;
}

/** The nearest number with that many decimals, as a reader of the wire text will parse it. */
export function roundTo(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** One candle out of the candles of its parts, given in order; undefined out of none. */
export function foldKlines(
  openMs: number,
  closeMs: number,
  parts: Iterable<Kline>,
  precision: Precision,
): Kline | undefined {
  let sum: { -readonly [K in keyof Kline]: Kline[K] } | undefined;
  for (const part of parts) {
    if (sum === undefined) {
      sum = { ...part, openMs, closeMs };
      continue;
    }
    sum.high = Math.max(sum.high, part.high);
    sum.low = Math.min(sum.low, part.low);
    sum.close = part.close;
    sum.volume += part.volume;
    sum.quoteVolume += part.quoteVolume;
    sum.takerVolume += part.takerVolume;
    sum.takerQuoteVolume += part.takerQuoteVolume;
    sum.trades += part.trades;
    if (sum.firstTradeId < 0) sum.firstTradeId = part.firstTradeId;
    if (part.lastTradeId >= 0) sum.lastTradeId = part.lastTradeId;
  }
  if (sum === undefined) return undefined;
  sum.volume = roundTo(sum.volume, precision.volume);
  sum.takerVolume = roundTo(sum.takerVolume, precision.volume);
  sum.quoteVolume = roundTo(sum.quoteVolume, quoteDecimals(precision));
  sum.takerQuoteVolume = roundTo(sum.takerQuoteVolume, quoteDecimals(precision));
  return sum;
}

/** What the daemon should make of it. */
export function candleOf(kline: Kline): Candle {
  const { open, high, low, close, volume } = kline;
  return { time: Math.floor(kline.openMs / 1000), open, high, low, close, volume };
}
