/** Candles of a grid, for tests of the page. */
import type { WireCandle } from "../../src/client/answers/market.js";

export const STEP = 60;

export function candle(time: number, close = time): WireCandle {
  return { candle_time: time, open: close, high: close + 1, low: close - 1, close, volume: 10 };
}

/** Minutes `from`, `from + 1`, … before `to`. */
export function minutes(from: number, to: number): readonly WireCandle[] {
  return Array.from({ length: to - from }, (_, i) => candle((from + i) * STEP));
}
