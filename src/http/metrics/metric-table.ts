/** Every metric of `GET /metrics`. The page docs/metrics.md has the same table. */
import type { MetricKind } from "../../observability/exposition.js";

export const METRICS = {
  trade_canvas_build_info: {
    type: "gauge",
    labels: ["version", "node"],
    help: "Always 1; the versions are the labels.",
  },
  trade_canvas_series: {
    type: "gauge",
    labels: ["state"],
    help: "Series that are followed, by the state of their feed.",
  },
  trade_canvas_series_state: {
    type: "gauge",
    labels: ["series", "state"],
    help: "1 for the state that the feed of a series is in; other states have no sample.",
  },
  trade_canvas_series_state_seconds: {
    type: "gauge",
    labels: ["series"],
    help: "How long the feed of a series has been in its state.",
  },
  trade_canvas_series_lag_seconds: {
    type: "gauge",
    labels: ["series"],
    help: "The exchange's clock minus the event time of the last message of a series.",
  },
  trade_canvas_series_message_age_seconds: {
    type: "gauge",
    labels: ["series"],
    help: "Since the last message of a series, forming or final.",
  },
  trade_canvas_series_final_age_seconds: {
    type: "gauge",
    labels: ["series"],
    help: "Since the last closed candle of a series.",
  },
  trade_canvas_series_head_time_seconds: {
    type: "gauge",
    labels: ["series"],
    help: "Open time of the newest stored candle, Unix seconds.",
  },
  trade_canvas_market_up: { type: "gauge", labels: ["market"], help: "Whether the actor of a market runs." },
  trade_canvas_connections: { type: "gauge", labels: ["market"], help: "Connections to the exchange." },
  trade_canvas_connection_lag_seconds: {
    type: "gauge",
    labels: ["market"],
    help: "How old the last message of the connection that is behind most was at least.",
  },
  trade_canvas_connection_data_age_seconds: {
    type: "gauge",
    labels: ["market"],
    help: "Since the last candle of the connection that has been without one for longest.",
  },
  trade_canvas_clock_offset_seconds: {
    type: "gauge",
    labels: ["market"],
    help: "The exchange's clock minus the machine's; no sample while it is not known.",
  },
  trade_canvas_rest_silence_seconds: {
    type: "gauge",
    labels: ["market"],
    help: "How long the exchange is still not to be asked; 0 without a silence.",
  },
  trade_canvas_budget_used: {
    type: "gauge",
    labels: ["market", "budget"],
    help: "What is used of a budget in its window: connection_attempts, subscribe_messages, request_weight.",
  },
  trade_canvas_budget_limit: { type: "gauge", labels: ["market", "budget"], help: "What may be used of it." },
  trade_canvas_gaps_open: {
    type: "gauge",
    labels: [],
    help: "Gaps in the candles of followed series that are being repaired.",
  },
  trade_canvas_gaps_opened_total: { type: "counter", labels: ["cause"], help: "Gaps that were found." },
  trade_canvas_gaps_closed_total: {
    type: "counter",
    labels: ["cause", "outcome"],
    help: "Gaps that were closed: repaired, absent_at_source or unrepairable.",
  },
  trade_canvas_gaps_filled_late_total: {
    type: "counter",
    labels: ["cause"],
    help: "Gaps that were filled after they had been absent at the source.",
  },
  trade_canvas_breaker_state: {
    type: "gauge",
    labels: ["kind", "name", "state"],
    help: "1 for the state that a circuit breaker is in; other states have no sample.",
  },
  trade_canvas_breaker_state_seconds: {
    type: "gauge",
    labels: ["kind", "name"],
    help: "How long a circuit breaker has been in its state.",
  },
  trade_canvas_breaker_failures: {
    type: "gauge",
    labels: ["kind", "name"],
    help: "Failures in the window of a circuit breaker.",
  },
  trade_canvas_breaker_transitions_total: {
    type: "counter",
    labels: ["kind", "to"],
    help: "Changes of state of circuit breakers.",
  },
  trade_canvas_actors: {
    type: "gauge",
    labels: ["level", "state"],
    help: "Supervised children, by level of supervision and state.",
  },
  trade_canvas_actor_crashes_total: { type: "counter", labels: ["level"], help: "Crashes of supervised children." },
  trade_canvas_actor_restarts_total: { type: "counter", labels: ["level"], help: "Restarts of supervised children." },
  trade_canvas_actor_suspensions_total: {
    type: "counter",
    labels: ["level"],
    help: "Children that crashed too often and were left alone for a while.",
  },
  trade_canvas_mailbox_waiting: {
    type: "gauge",
    labels: ["level"],
    help: "Messages that wait, in all mailboxes of a level together.",
  },
  trade_canvas_mailbox_waiting_max: {
    type: "gauge",
    labels: ["level"],
    help: "Messages that wait in the fullest mailbox of a level.",
  },
  trade_canvas_mailbox_refused_total: {
    type: "counter",
    labels: ["level"],
    help: "Messages that a full mailbox has refused.",
  },
  trade_canvas_commit_seconds: {
    type: "histogram",
    labels: [],
    help: "From the beginning of a commit of candles or ledgers to when it is on disk.",
  },
  trade_canvas_publish_seconds: {
    type: "histogram",
    labels: [],
    help: "From the beginning of a run with closed candles to when its subscribers have been offered them: ledgers, commit, publication.",
  },
  trade_canvas_candles_corrected_total: {
    type: "counter",
    labels: ["source"],
    help: "Stored candles that were replaced, because the exchange has them otherwise.",
  },
  trade_canvas_reconciled_buckets_total: {
    type: "counter",
    labels: ["result"],
    help: "Derived candles that were compared with the exchange's own.",
  },
  trade_canvas_ingest_requests_total: {
    type: "counter",
    labels: ["kind", "result"],
    help: "Posts of closed candles: single or batch.",
  },
  trade_canvas_candle_reads_seconds: { type: "summary", labels: ["result"], help: "Reads of candles over HTTP." },
  trade_canvas_reads_shed_total: {
    type: "counter",
    labels: [],
    help: "Reads that were refused because the event loop was late.",
  },
  trade_canvas_access_refused_total: {
    type: "counter",
    labels: ["code"],
    help: "Requests and upgrades that were not let in, by the code of the error.",
  },
  trade_canvas_ws_clients: { type: "gauge", labels: ["path"], help: "WebSocket clients." },
  trade_canvas_ws_subscriptions: { type: "gauge", labels: [], help: "Subscriptions of all clients of the live feed." },
  trade_canvas_ws_subscribes_total: { type: "counter", labels: ["result"], help: "Subscriptions that were asked for." },
  trade_canvas_ws_catchup_candles_total: { type: "counter", labels: [], help: "Candles that were sent to catch up." },
  trade_canvas_event_loop_delay_seconds: {
    type: "histogram",
    labels: [],
    help: "By how much the turns of the event loop were late, as the mean of each second.",
  },
  trade_canvas_store_bytes: { type: "gauge", labels: [], help: "Size of the store's data file." },
  trade_canvas_store_disk_free_bytes: { type: "gauge", labels: [], help: "What may still be written on its disk." },
  process_resident_memory_bytes: { type: "gauge", labels: [], help: "Memory of the process." },
  process_cpu_seconds_total: { type: "counter", labels: [], help: "CPU time of the process." },
  process_uptime_seconds: { type: "gauge", labels: [], help: "Since the process began." },
  process_open_fds: { type: "gauge", labels: [], help: "Open files, sockets included." },
  process_max_fds: { type: "gauge", labels: [], help: "How many may be open." },
  nodejs_heap_size_used_bytes: { type: "gauge", labels: [], help: "JavaScript heap in use." },
  nodejs_heap_size_total_bytes: { type: "gauge", labels: [], help: "JavaScript heap, used or not." },
  nodejs_external_memory_bytes: {
    type: "gauge",
    labels: [],
    help: "Buffers and native memory that Node knows of; the map of the store is not among it.",
  },
} as const satisfies Readonly<Record<string, MetricKind>>;

export type MetricName = keyof typeof METRICS;
