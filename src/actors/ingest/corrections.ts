/**
 * Stored candles that turn out to be others: the exchange's later word counts. What differs is written again, so that the
 * ledgers are folded again; it is part of the past, and never published as newly closed. Spec: binance-protocol F05, F09.
 */
import { type Candle, sameCandle, toWireCandle } from "../../market/candle.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { StoreReader } from "../../storage/store.js";

/** Where the other values come from: a final that was repeated, or a comparison with REST. */
export type CorrectionSource = "stream" | "verify";

export interface CorrectionOptions {
  readonly series: string;
  readonly store: Pick<StoreReader, "readBetween">;
  readonly log: EventLog;
  readonly metrics: Metrics;
  /** Writes candles without publishing them as new. */
  readonly write: (candles: readonly Candle[]) => Promise<void>;
}

/** Values of one candle, as they were stored and as they are. */
export interface Correction {
  readonly old: Candle;
  readonly now: Candle;
}

/** Those of the candles that are stored with other values. One that is not stored is no difference. */
export function differing(
  store: Pick<StoreReader, "readBetween">,
  series: string,
  candles: readonly Candle[],
): readonly Correction[] {
  return candles.flatMap((now) => {
    const [old] = store.readBetween(series, now.time, now.time, 1).candles();
    return old === undefined || sameCandle(old, now) ? [] : [{ old, now }];
  });
}

/**
 * Writes what differs from the stored candles.
 * @returns how many did.
 * @throws what `write` does; nothing counts as corrected then.
 */
export async function correct(
  candles: readonly Candle[],
  source: CorrectionSource,
  { series, store, log, metrics, write }: CorrectionOptions,
): Promise<number> {
  const corrections = differing(store, series, candles);
  if (corrections.length === 0) return 0;
  await write(corrections.map(({ now }) => now));
  for (const { old, now } of corrections) {
    log.warn("candle.corrected", { candle_time: now.time, source, old: toWireCandle(old), new: toWireCandle(now) });
  }
  metrics.count("market_candles_corrected_total", { source }, corrections.length);
  return corrections.length;
}
