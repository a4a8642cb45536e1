/** Counts now and then how fresh the series are that somebody cares for: those of the whitelist, and those that are followed. */
import { type Clock, nowSeconds } from "../../clock/clock.js";
import { FRESHNESS, type Freshness, type FreshnessWindows, seriesFreshness } from "../../market/freshness.js";
import { timeframeAtEnd } from "../../market/series-id.js";
import type { Metrics } from "../../observability/metrics.js";
import type { StoreReader } from "../../storage/store.js";
import { type Duty, every } from "../duty.js";

/** How often the series are looked at, in milliseconds. */
export const FRESHNESS_INTERVAL_MS = 10_000;

export interface FreshnessWatchOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly store: Pick<StoreReader, "head">;
  readonly windows: FreshnessWindows;
  /** Ids of the series; one may be in it twice. */
  readonly series: () => Iterable<string>;
}

export function freshnessWatch(options: FreshnessWatchOptions): Duty {
  const { clock, metrics, store, windows, series } = options;
  return every(clock, FRESHNESS_INTERVAL_MS, () => {
    const counts = new Map<Freshness, number>();
    for (const id of new Set(series())) {
      const freshness = seriesFreshness(store.head(id).lastTime, nowSeconds(clock), timeframeAtEnd(id), windows);
      counts.set(freshness, (counts.get(freshness) ?? 0) + 1);
    }
    for (const freshness of FRESHNESS)
      metrics.gauge("market_series_freshness", counts.get(freshness) ?? 0, { freshness });
  });
}
