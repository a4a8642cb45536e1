/** What the simulator's tests share without an exchange: candles by hand, and patience. */
import type { SymbolOptions } from "../../src/sim/symbols.js";
import type { Kline } from "../../src/sim/truth/kline.js";
import type { RecordedRow } from "../../src/sim/truth/recorded-source.js";
import type { CandleSource } from "../../src/sim/truth/source.js";

export const MINUTE = 60_000;
/** 2025-05-05 00:00 UTC, a Monday. */
export const T0 = 1_746_403_200_000;

export const PRECISION = { price: 2, volume: 3 } as const;
export const PATH = { fewestSteps: 8, mostSteps: 60, unseenTailShare: 0.3 } as const;

/** A candle whose values follow from its minute. */
export function rowAt(openMs: number, change: Partial<RecordedRow> = {}): RecordedRow {
  const base = 100 + ((openMs / MINUTE) % 50);
  return { openMs, open: base, high: base + 3, low: base - 2, close: base + 1, volume: 12.5, ...change };
}

/** `count` minutes from `fromMs` on. */
export function rows(count: number, fromMs = T0): RecordedRow[] {
  return Array.from({ length: count }, (_, index) => rowAt(fromMs + index * MINUTE));
}

export function symbolOf(symbol: string, source: CandleSource): SymbolOptions {
  return { symbol, baseAsset: symbol.slice(0, -4), quoteAsset: "USDT", source };
}

/** A kline with chosen values. */
export function klineAt(openMs: number, change: Partial<Kline> = {}): Kline {
  return {
    openMs,
    closeMs: openMs + MINUTE - 1,
    open: 100,
    high: 103,
    low: 98,
    close: 101,
    volume: 12.5,
    quoteVolume: 1_256.25,
    takerVolume: 6,
    takerQuoteVolume: 603,
    trades: 100,
    firstTradeId: 1_000,
    lastTradeId: 1_099,
    ...change,
  };
}

/** Real time that a condition may take to come true. */
const PATIENCE_REAL_MS = 10_000;

/** Turns the event loop until the condition holds. */
export async function until(condition: () => boolean, what = "the condition"): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > PATIENCE_REAL_MS) throw new Error(`${what} did not come true`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
