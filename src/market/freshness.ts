/** How stale what is stored of a series is, for those who run the process. Pure. Spec: ingest §10. */

export type Freshness = "fresh" | "stale" | "degraded" | "missing";

export const FRESHNESS: readonly Freshness[] = ["fresh", "stale", "degraded", "missing"];

/** The longest lags of a fresh and of a stale series, in candles of its timeframe, both inclusive. */
export interface FreshnessWindows {
  readonly freshCandles: number;
  readonly staleCandles: number;
}

/**
 * @param headTime newest stored time in seconds; null when nothing is stored.
 * @param timeframeSeconds null for a series whose timeframe cannot be parsed: nobody can say how much it may lag.
 */
export function seriesFreshness(
  headTime: number | null,
  nowS: number,
  timeframeSeconds: number | null,
  { freshCandles, staleCandles }: FreshnessWindows,
): Freshness {
  if (headTime === null) return "missing";
  if (timeframeSeconds === null) return "degraded";
  const lagS = Math.max(0, nowS - headTime);
  if (lagS <= timeframeSeconds * freshCandles) return "fresh";
  return lagS <= timeframeSeconds * staleCandles ? "stale" : "degraded";
}
