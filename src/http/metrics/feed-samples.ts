/** Metrics of feeds, markets and their budgets. */

import { FEED_STATES } from "../../actors/feed/feed-state.js";
import type { FeedStatesView, FeedStateView, MarketView } from "../../actors/feed/feed-states.js";
import type { Sample } from "../../observability/exposition.js";
import type { StoreReader } from "../../storage/store.js";
import type { MetricName } from "./metric-table.js";

type Samples = readonly Sample<MetricName>[];

/** @param nowMs the daemon's clock, Unix milliseconds. */
export function feedSamples({ series, markets }: FeedStatesView, store: StoreReader, nowMs: number): Samples {
  const counts = FEED_STATES.map((state): Sample<MetricName> => {
    const value = series.filter((one) => one.state === state).length;
    return { name: "trade_canvas_series", labels: { state }, value };
  });
  return [
    ...counts,
    ...series.flatMap((one) => seriesSamples(one, store.head(one.series_id).lastTime, nowMs)),
    ...markets.flatMap(marketSamples),
  ];
}

function seriesSamples(view: FeedStateView, headTime: number | null, nowMs: number): Samples {
  const { series_id, state, since, message_age_s, final_age_s, lag_ms } = view;
  const labels = { series: series_id };
  return [
    { name: "trade_canvas_series_state", labels: { ...labels, state }, value: 1 },
    { name: "trade_canvas_series_state_seconds", labels, value: Math.max(0, nowMs / 1000 - since) },
    ...known("trade_canvas_series_lag_seconds", labels, lag_ms === null ? null : lag_ms / 1000),
    ...known("trade_canvas_series_message_age_seconds", labels, message_age_s),
    ...known("trade_canvas_series_final_age_seconds", labels, final_age_s),
    ...known("trade_canvas_series_head_time_seconds", labels, headTime),
  ];
}

function marketSamples({ market, running, connections, clock_offset_ms, silence, budgets }: MarketView): Samples {
  const labels = { market };
  const lags = connections.flatMap(({ lag_ms }) => lag_ms ?? []);
  const ages = connections.map(({ data_age_s, age_s }) => data_age_s ?? age_s);
  const worst = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
  const lagMs = worst(lags);
  return [
    { name: "trade_canvas_market_up", labels, value: running ? 1 : 0 },
    { name: "trade_canvas_connections", labels, value: connections.length },
    ...known("trade_canvas_connection_lag_seconds", labels, lagMs === null ? null : lagMs / 1000),
    ...known("trade_canvas_connection_data_age_seconds", labels, worst(ages)),
    ...known("trade_canvas_clock_offset_seconds", labels, clock_offset_ms === null ? null : clock_offset_ms / 1000),
    { name: "trade_canvas_rest_silence_seconds", labels, value: silence?.for_s ?? 0 },
    ...Object.entries(budgets).flatMap(
      ([budget, { used, limit }]): Samples => [
        { name: "trade_canvas_budget_used", labels: { market, budget }, value: used },
        { name: "trade_canvas_budget_limit", labels: { market, budget }, value: limit },
      ],
    ),
  ];
}

/** A sample of what is known; what is not has none. */
export function known(name: MetricName, labels: Sample["labels"], value: number | null): Samples {
  return value === null ? [] : [{ name, labels, value }];
}
