/** Answers about the feed: gaps, states, breakers, reconciliation, jobs. Design: docs/feed.md. */
import { Candle } from "./market.js";
import {
  always,
  count,
  DONE,
  flag,
  list,
  named,
  nullable,
  object,
  oneOf,
  quantity,
  SCHEMA_VERSION,
  SERIES_ID,
  text,
  unixMilliseconds,
  unixSeconds,
} from "./parts.js";

export const Gap = named(
  "Gap",
  "An entry of the gap ledger: where candles are or were missing, and what became of it.",
  {
    id: count("Counts the gaps of the series from 1."),
    state: oneOf(
      ["repairing", "repaired", "absent_at_source", "unrepairable"],
      "`absent_at_source`: the exchange has no candles in `absent`. `unrepairable`: longer than a feed repairs.",
    ),
    cause: oneOf(["start", "reconnect", "missing_before_final", "final_overdue"], "How it was noticed."),
    from_time: unixSeconds("First candle that may be missing."),
    to_time: nullable(unixSeconds("Last candle that may be missing; null while the gap is open-ended.")),
    detected_at_ms: unixMilliseconds("When it was noticed."),
    attempts: count("Rounds of questions to the exchange."),
    last_attempt_at_ms: nullable(unixMilliseconds("When the last round ended; null before the first.")),
    last_error: nullable(text("Why the last round failed; null when it did not.")),
    resolved_at_ms: nullable(unixMilliseconds("When it was closed; null while it is being repaired.")),
    checked_at_ms: nullable(
      unixMilliseconds("When the exchange was last asked for what it did not have; otherwise null."),
    ),
    absent: list(
      object({ from_time: unixSeconds("First candle."), to_time: unixSeconds("Last candle.") }),
      "Ranges that the exchange has no candles in.",
    ),
  },
);

export const GapsAnswer = named("GapsAnswer", "The gap ledger of a series.", {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  gaps: list(Gap, "Ascending by `id`."),
});

const Connection = named("Connection", "A connection to the exchange.", {
  id: count("Its number in this process."),
  state: oneOf(["dialing", "open", "renewing", "retiring", "successor"]),
  age_s: quantity("Since it was dialed, in seconds."),
  data_age_s: nullable(quantity("Since its last candle, in seconds; null before the first.")),
  lag_ms: nullable(count("How old its last message was at least, in milliseconds; null if that is not known.")),
  streams: count("Streams that it carries."),
});

const SeriesFeed = named("SeriesFeed", "How one series is fed.", {
  series_id: SERIES_ID,
  state: oneOf(["live", "quiet", "stalled", "repairing", "halted", "invalid", "down"]),
  reason: nullable(text("Why, in words; null when it is `live` or `quiet`.")),
  since: quantity("When the state was first seen, Unix seconds."),
  verified_at: nullable(quantity("Of a `quiet` series: when REST agreed that there is nothing, Unix seconds.")),
  message_age_s: nullable(quantity("Since the last message of the stream, in seconds; null before the first.")),
  final_age_s: nullable(quantity("Since the last closed candle of the stream, in seconds; null before the first.")),
  lag_ms: nullable(count("The exchange's clock minus the event time of the last message, in milliseconds.")),
  connection: nullable(Connection),
});

const Budget = named("Budget", "What may be done in any window of a length, and how much of it is used.", {
  used: count("In the current window."),
  limit: count("In any window."),
  window_s: quantity("Length of the window, in seconds."),
});

const MarketFeed = named("MarketFeed", "How a market feeds its series.", {
  market: oneOf(["spot", "futures"]),
  running: flag("Its actor runs."),
  connections: list(Connection),
  clock_offset_ms: nullable(quantity("The exchange's clock minus the machine's; null while it is not known.")),
  used_weight: count("REST request weight of this minute, by the exchange's count."),
  weight_limit: count("What the exchange allows in a minute."),
  budgets: object({
    connection_attempts: Budget,
    subscribe_messages: Budget,
    request_weight: Budget,
  }),
  silence: nullable(
    object(
      { cause: text(), for_s: quantity("In seconds.") },
      "The silence that the exchange demands of REST; or null.",
    ),
  ),
});

export const FeedStateAnswer = named("FeedStateAnswer", "Which series are fed as they should be, and why not.", {
  series: list(SeriesFeed, "By series id."),
  markets: list(MarketFeed),
});

const Reconciled = named("ReconciledDifference", "A candle of a derived series that differs from the exchange's own.", {
  candle_time: unixSeconds("Open time of the candle."),
  derived: nullable(Candle),
  exchange: nullable(Candle),
  found_at_ms: unixMilliseconds("When that was last seen."),
});

export const ReconcileAnswer = named("ReconcileAnswer", "How derived candles agree with the exchange's own.", {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  base_series_id: nullable(text("The series that it is derived of; null for one that is not derived.")),
  active: flag("It is compared: it is derived, and its base is followed."),
  buckets_compared: count("Since the daemon began to, repeated ones counted each time."),
  compared_from: nullable(unixSeconds("First candle compared in turn; null before the first comparison.")),
  compared_to: nullable(unixSeconds("Last candle compared in turn; null before the first comparison.")),
  checked_at_ms: nullable(unixMilliseconds("When something was last compared; null before.")),
  last_error: nullable(text("Why the last comparison failed; null when it did not.")),
  requested: nullable(
    object(
      { from: unixSeconds("First candle."), to: unixSeconds("End.") },
      "What is left of a range asked for; or null.",
    ),
  ),
  differences: list(Reconciled, "Ascending by time, the newest 500."),
});

const BreakerState = oneOf(["closed", "open", "half_open", "isolated"]);

export const Breaker = named("Breaker", "A circuit breaker.", {
  kind: oneOf(["series", "endpoint", "rest"]),
  name: text("The series id, the market, or the market with the REST endpoint."),
  state: BreakerState,
  since_ms: unixMilliseconds("Since when."),
  in_state_ms: count("For how long, in milliseconds."),
  failures_in_window: count("Failures of the last 60 s."),
  last_error: nullable(text("The last failure that counted; null before the first.")),
  next_attempt_in_ms: nullable(count("Until an attempt is let through, in milliseconds; null while it is isolated.")),
  transitions: list(
    object({ at_ms: unixMilliseconds("When."), from: BreakerState, to: BreakerState }),
    "The last 20, oldest first.",
  ),
});

export const BreakersAnswer = named("BreakersAnswer", "Every circuit breaker of the process.", {
  schema_version: SCHEMA_VERSION,
  now_ms: unixMilliseconds("The time of the daemon."),
  series: list(Breaker, "By name."),
  endpoints: list(Breaker, "By name."),
  rest: list(Breaker, "By name."),
});

export const BreakerAnswer = named("BreakerAnswer", "A breaker after it was acted on.", { ok: DONE, breaker: Breaker });

const Guardrail = named("Guardrail", "The breaker of a job, as existing clients know it.", {
  enabled: always(true),
  state: oneOf(["closed", "open", "half_open"]),
  window_failures: count("Failures of the budget's window."),
  consecutive_failures: count("Failures since the last success."),
  last_failure_at: nullable(quantity("Unix seconds; null before the first.")),
  last_error: nullable(text("Null before the first failure.")),
  last_backoff_s: quantity("In seconds."),
  next_retry_in_s: quantity("In seconds."),
  config: object({
    crash_budget: count("Failures that open it."),
    budget_window_s: quantity("In seconds."),
    backoff_initial_s: quantity("In seconds."),
    backoff_max_s: quantity("In seconds."),
    open_cooldown_s: quantity("In seconds."),
  }),
});

const IngestJob = named("IngestJob", "A series that follows a stream of the exchange.", {
  series_id: SERIES_ID,
  source: always("binance_ws"),
  refcount: quantity("Subscribers that hold it; −1 for a series of the whitelist."),
  last_zero_at: nullable(quantity("Since when nobody holds it, Unix seconds; otherwise null.")),
  started_at: quantity("Unix seconds."),
  crashes: count("Of its ingest."),
  last_crash_at: nullable(quantity("Unix seconds; null before the first.")),
  running: flag("Its actors work; false while they are suspended."),
  guardrail: nullable(Guardrail),
});

export const IngestStateAnswer = named("IngestStateAnswer", "Which series follow a stream, and for whom.", {
  jobs: list(IngestJob, "By series id."),
  whitelist_series_ids: list(text(), "Sorted."),
  ondemand_max_jobs: count("How many on-demand jobs may run; 0 for any number."),
  whitelist_ingest_enabled: flag("The setting of this name."),
  ingest_role_guard_enabled: flag("The role decides whether this process runs jobs."),
  ingest_role: oneOf(["hybrid", "ingest", "read"]),
  ingest_jobs_enabled: flag("This process runs jobs."),
  loop_guardrail_enabled: flag("The setting of this name."),
});
