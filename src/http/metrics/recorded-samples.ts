/** What the registry of counters and timers has, under the names of `GET /metrics`. */
import { histogramSamples, type Sample } from "../../observability/exposition.js";
import type { Labels, Recorded, RecordedMetrics } from "../../observability/metrics.js";
import type { MetricName } from "./metric-table.js";

type Samples = readonly Sample<MetricName>[];

/** Metrics that count something, by the names of the registry; with labels that the registry's own do not have. */
const COUNTERS: Readonly<Record<string, readonly [name: MetricName, labels?: Labels]>> = {
  market_feed_gaps_opened_total: ["trade_canvas_gaps_opened_total"],
  market_feed_gaps_closed_total: ["trade_canvas_gaps_closed_total"],
  market_feed_gaps_filled_late_total: ["trade_canvas_gaps_filled_late_total"],
  feed_breaker_transitions_total: ["trade_canvas_breaker_transitions_total"],
  actor_crashes_total: ["trade_canvas_actor_crashes_total"],
  actor_restarts_total: ["trade_canvas_actor_restarts_total"],
  actor_suspensions_total: ["trade_canvas_actor_suspensions_total"],
  actor_mailbox_refused_total: ["trade_canvas_mailbox_refused_total"],
  market_candles_corrected_total: ["trade_canvas_candles_corrected_total"],
  market_reconcile_buckets_total: ["trade_canvas_reconciled_buckets_total"],
  market_ingest_closed_requests_total: ["trade_canvas_ingest_requests_total", { kind: "single" }],
  market_ingest_closed_batch_requests_total: ["trade_canvas_ingest_requests_total", { kind: "batch" }],
  http_reads_shed_total: ["trade_canvas_reads_shed_total"],
  http_access_refused_total: ["trade_canvas_access_refused_total"],
  market_ws_subscribe_total: ["trade_canvas_ws_subscribes_total"],
  market_ws_catchup_candles_total: ["trade_canvas_ws_catchup_candles_total"],
};

const HISTOGRAMS: Readonly<Record<string, MetricName>> = {
  store_commit: "trade_canvas_commit_seconds",
  candle_publish: "trade_canvas_publish_seconds",
  event_loop_delay: "trade_canvas_event_loop_delay_seconds",
};

const READS = "market_query_candles_duration_ms";

/** @param kept the labels of each metric; others of the registry, such as the step of a failure, are added up. */
export function recordedSamples(
  { counters, gauges, timers, histograms }: RecordedMetrics,
  kept: (name: MetricName) => readonly string[],
): Samples {
  const sum = (name: string): number =>
    gauges.filter((one) => one.name === name).reduce((all, { value }) => all + value, 0);
  return [
    ...addedUp(counters, kept),
    { name: "trade_canvas_gaps_open", labels: {}, value: sum("market_feed_gaps_open") },
    { name: "trade_canvas_ws_subscriptions", labels: {}, value: sum("market_ws_active_subscriptions") },
    ...timers
      .filter(({ name }) => name === READS)
      .flatMap(({ labels, value }): Samples => {
        const name = "trade_canvas_candle_reads_seconds";
        return [
          { name, part: "_sum", labels, value: value.total_ms / 1000 },
          { name, part: "_count", labels, value: value.count },
        ];
      }),
    ...histograms.flatMap(({ name, labels, value }): Samples => {
      const known = HISTOGRAMS[name];
      return known === undefined ? [] : histogramSamples(known, labels, value);
    }),
  ];
}

function addedUp(counters: readonly Recorded<number>[], kept: (name: MetricName) => readonly string[]): Samples {
  const sums = new Map<string, Sample<MetricName>>();
  for (const { name: recorded, labels: own, value } of counters) {
    const [name, more] = COUNTERS[recorded] ?? [];
    if (name === undefined) continue;
    const all: Labels = { ...own, ...more };
    const labels = Object.fromEntries(kept(name).map((label) => [label, all[label] ?? ""]));
    const key = JSON.stringify([name, labels]);
    sums.set(key, { name, labels, value: (sums.get(key)?.value ?? 0) + value });
  }
  return [...sums.values()];
}
