/**
 * Candles as the exchange writes them: field order, decimal strings and envelopes. Spec: binance-protocol §2.2, §3.1 to
 * §3.4.
 */
import type { MarketKind } from "../settings.js";
import { type Kline, type Precision, quoteDecimals } from "../truth/kline.js";
import type { StreamTarget } from "./stream-name.js";

/** Spot pads every price and volume to 8 decimals. */
const SPOT_DECIMALS = 8;
const MICROSECONDS_PER_MS = 1_000;

export interface WireDecimals {
  readonly price: number;
  readonly volume: number;
  readonly quote: number;
}

export function wireDecimals(market: MarketKind, precision: Precision): WireDecimals {
  if (market === "spot") return { price: SPOT_DECIMALS, volume: SPOT_DECIMALS, quote: SPOT_DECIMALS };
  return { price: precision.price, volume: precision.volume, quote: quoteDecimals(precision) };
}

/** One event of a kline stream, before it is written out. */
export interface KlineEvent {
  /** The stream's name as subscribed. */
  readonly stream: string;
  readonly target: StreamTarget;
  readonly kline: Kline;
  /** `x`: whether the candle is closed. */
  readonly final: boolean;
  /** `E`: time of sending, whole ms. */
  readonly eventMs: number;
  readonly decimals: WireDecimals;
}

/** How a connection wants its messages. */
export interface Envelope {
  /** Wrapped in `{"stream","data"}`. */
  readonly combined: boolean;
  /** Times in microseconds instead of milliseconds (spot only). */
  readonly microseconds: boolean;
}

export function klineFrame(event: KlineEvent, envelope: Envelope): string {
  const data = klineData(event, envelope.microseconds);
  return envelope.combined ? `{"stream":${JSON.stringify(event.stream)},"data":${data}}` : data;
}

function klineData(event: KlineEvent, microseconds: boolean): string {
  const { target, kline: k, decimals: d } = event;
  const { symbol, interval } = target;
  const unit = microseconds ? MICROSECONDS_PER_MS : 1;
  const closeTime = closeTimeIn(k, microseconds);
  const [head, inner] =
    target.shape === "kline"
      ? [`"e":"kline","E":${event.eventMs * unit},"s":"${symbol}"`, `"s":"${symbol}",`]
      : [`"e":"continuous_kline","E":${event.eventMs * unit},"ps":"${symbol}","ct":"PERPETUAL"`, ""];
  return `{${head},"k":{"t":${k.openMs * unit},"T":${closeTime},${inner}"i":"${interval}","f":${k.firstTradeId},"L":${k.lastTradeId},"o":"${k.open.toFixed(d.price)}","c":"${k.close.toFixed(d.price)}","h":"${k.high.toFixed(d.price)}","l":"${k.low.toFixed(d.price)}","v":"${k.volume.toFixed(d.volume)}","n":${k.trades},"x":${event.final},"q":"${k.quoteVolume.toFixed(d.quote)}","V":"${k.takerVolume.toFixed(d.volume)}","Q":"${k.takerQuoteVolume.toFixed(d.quote)}","B":"0"}}`;
}

/** A candle as a row of REST klines. */
export type KlineRow = readonly [
  number,
  string,
  string,
  string,
  string,
  string,
  number,
  string,
  number,
  string,
  string,
  string,
];

export function klineRow(kline: Kline, decimals: WireDecimals, microseconds: boolean): KlineRow {
  return [
    kline.openMs * (microseconds ? MICROSECONDS_PER_MS : 1),
    kline.open.toFixed(decimals.price),
    kline.high.toFixed(decimals.price),
    kline.low.toFixed(decimals.price),
    kline.close.toFixed(decimals.price),
    kline.volume.toFixed(decimals.volume),
    closeTimeIn(kline, microseconds),
    kline.quoteVolume.toFixed(decimals.quote),
    kline.trades,
    kline.takerVolume.toFixed(decimals.volume),
    kline.takerQuoteVolume.toFixed(decimals.quote),
    "0",
  ];
}

/** The last unit of time before the next candle opens. */
function closeTimeIn(kline: Kline, microseconds: boolean): number {
  return microseconds ? (kline.closeMs + 1) * MICROSECONDS_PER_MS - 1 : kline.closeMs;
}
