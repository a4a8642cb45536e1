/** Candles for tests. */
import type { Candle } from "../../src/market/candle.js";

/** A candle whose values follow from its time, so that a mix-up of two candles is seen. */
export function candleAt(time: number, close = (time % 1000) + 1): Candle {
  return { time, open: close - 0.5, high: close + 1, low: close - 1, close, volume: time / 60 };
}

/** `count` candles, `step` seconds apart, the first at `start`. */
export function candleSeries(start: number, count: number, step = 60): Candle[] {
  return Array.from({ length: count }, (_, index) => candleAt(start + index * step));
}
