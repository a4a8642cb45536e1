/** Faults of the market itself: they change what is true. Spec: binance-protocol §6, F09, F32, F36. */
import { Type } from "typebox";
import { type Kline, roundTo } from "../truth/kline.js";
import { defineTruthFault } from "./definition.js";

/** F32: no trading, no messages, and no candles for these minutes, ever. */
export const halt = defineTruthFault(
  "halt",
  "the exchange has no candles of the minutes that open from haltFromMs (included) to haltToMs (not)",
  { haltFromMs: Type.Number(), haltToMs: Type.Number() },
  ({ haltFromMs, haltToMs }) => ({
    hole: (openMs) => (openMs >= haltFromMs && openMs < haltToMs ? true : undefined),
  }),
);

/** F36: a symbol leaves the exchange. */
export const delisting = defineTruthFault(
  "delisting",
  "from atMs on a symbol has no candles; exchangeInfo shows another status or nothing",
  {
    atMs: Type.Number(),
    /** `gone` leaves it out of exchangeInfo. */
    status: Type.String({ minLength: 1 }),
    klines: Type.Union([Type.Literal("old-candles"), Type.Literal("invalid-symbol")]),
  },
  ({ atMs, status, klines }) => ({
    hole: (openMs) => (openMs >= atMs ? true : undefined),
    listing: (nowMs) => (nowMs >= atMs ? { status, klines } : undefined),
  }),
);

/** F09: some time after the close the exchange corrects the candle; the final on the stream was the old one. */
export const revision = defineTruthFault(
  "revision",
  "afterMs after its close the volume of a candle is multiplied by volumeFactor, in REST and in the truth",
  { afterMs: Type.Number({ minimum: 0 }), volumeFactor: Type.Number({ exclusiveMinimum: 0 }) },
  ({ afterMs, volumeFactor }) => ({
    revision: (kline, nowMs) => (nowMs > kline.closeMs + afterMs ? revised(kline, volumeFactor) : undefined),
  }),
);

/** Decimals kept of a revised volume: as fine as any market's. */
const REVISED_DECIMALS = 8;

function revised(kline: Kline, factor: number): Kline {
  const scale = (value: number): number => roundTo(value * factor, REVISED_DECIMALS);
  return {
    ...kline,
    volume: scale(kline.volume),
    quoteVolume: scale(kline.quoteVolume),
    takerVolume: scale(kline.takerVolume),
    takerQuoteVolume: scale(kline.takerQuoteVolume),
  };
}
