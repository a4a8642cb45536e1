/** Where the candles of a symbol come from: a pure function of time. */
import type { Kline, Precision } from "./kline.js";

export interface CandleSource {
  readonly precision: Precision;
  /** Open time (ms, UTC) before which the source holds nothing; -Infinity when it has no beginning. */
  readonly firstMs: number;
  /** The source holds nothing from this open time (ms, UTC) on; Infinity when it has no end. */
  readonly endMs: number;
  /** The one-minute candle that opens at `openMs` (on the grid), or undefined when the exchange has none. */
  minute(openMs: number): Kline | undefined;
}
