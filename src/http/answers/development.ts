/** Answers of routes for development and for operators' hands. Spec: http-api §4.2, §9; docs/backfill.md. */
import {
  always,
  count,
  DONE,
  flag,
  list,
  map,
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

export const IngestBatchAnswer = named("IngestBatchAnswer", "What became of a batch of candles.", {
  ok: DONE,
  series_id: SERIES_ID,
  count: count("Items sent, repeated ones included."),
  first_candle_time: unixSeconds("The earliest of them."),
  last_candle_time: unixSeconds("The latest of them."),
});

export const RepairOverlayAnswer = named("RepairOverlayAnswer", "A drawing that was made anew.", {
  ok: DONE,
  series_id: SERIES_ID,
  requested_time: unixSeconds("The time asked for, or that of the newest candle."),
  aligned_time: unixSeconds("Open time of the candle at or before it."),
  factor_head_time: nullable(unixSeconds("Candle that the factors have come to.")),
  overlay_head_time: nullable(unixSeconds("Candle that the drawing has come to.")),
  refreshed: always(true),
  steps: list(text(), "What was done, in order."),
});

const Backfill = named("Backfill", "A range that is, or was, fetched from the exchange.", {
  id: count("Its number in this process."),
  series_id: SERIES_ID,
  from: unixSeconds("First candle, on the grid of the timeframe."),
  to: unixSeconds("Last candle, on the grid of the timeframe."),
  asked_at_ms: unixMilliseconds("When it was asked for."),
  state: oneOf(["queued", "running", "waiting", "done", "stopped", "failed"]),
  error: nullable(text("Why it waits or has failed; otherwise null.")),
  wait_until_ms: nullable(unixMilliseconds("Until when it waits; null when it does not.")),
  wait_demanded: flag("The exchange demands the wait; otherwise it is a pause after a failure."),
  done_up_to: nullable(unixSeconds("Candle up to which the range is done; null before the first page.")),
  candles: count("Candles of the range."),
  candles_done: count("Candles of its done part."),
  candles_stored: count("Candles that are new in the store."),
  absent_candles: count("Candles of the done part that the exchange does not have."),
  absent: list(
    object({ from: unixSeconds("First candle."), to: unixSeconds("Last candle.") }),
    "Where they are, at most 1,000 ranges.",
  ),
  weight_used: nullable(count("Request weight of the market in this minute; null while it is not known.")),
  weight_limit: nullable(count("The exchange's limit; null while it is not known.")),
});

export const BackfillAnswer = named("BackfillAnswer", "A backfill that was asked for.", {
  ok: DONE,
  joined: flag("It goes on already, and this is it."),
  backfill: Backfill,
});

export const BackfillsAnswer = named("BackfillsAnswer", "The backfills that wait, run, or ended lately.", {
  schema_version: SCHEMA_VERSION,
  now_ms: unixMilliseconds("The time of the daemon."),
  backfills: list(Backfill, "Oldest first."),
});

export const StopBackfillAnswer = named("StopBackfillAnswer", "Whether a backfill was ended.", {
  ok: DONE,
  stopped: flag("False when no backfill of that number goes on."),
});

export const ReconcileAsked = named("ReconcileAsked", "A range that will be compared with the exchange.", {
  ok: DONE,
  series_id: SERIES_ID,
  from: unixSeconds("First candle, rounded."),
  to: unixSeconds("End, rounded."),
});

export const MetricsAnswer = named("MetricsAnswer", "Counters, gauges and timers of the running process.", {
  enabled: flag("Something is recorded."),
  updated_at_ms: unixMilliseconds("When something was last recorded."),
  counters: map(quantity(), "By name and labels."),
  gauges: map(quantity(), "By name and labels."),
  timers: map(
    object({
      count: count("Times that were taken."),
      total_ms: quantity("In milliseconds."),
      max_ms: quantity("In milliseconds."),
      avg_ms: quantity("In milliseconds."),
    }),
    "By name and labels.",
  ),
});

/** A document that describes something, as the specification that it names has it. */
export const OpenApiAnswer = named("OpenApiDocument", "The description of every HTTP route, in OpenAPI.", {
  openapi: always("3.1.0"),
  info: map({}, "What is described, and of which version."),
  servers: list(map({}, "Where it is.")),
  tags: list(map({}, "A group of routes.")),
  paths: map({}, "Every route, by path and method."),
  components: map({}, "Schemas that the routes share."),
});

export const AsyncApiAnswer = named("AsyncApiDocument", "The description of both WebSockets, in AsyncAPI.", {
  asyncapi: always("3.0.0"),
  info: map({}, "What is described, and of which version."),
  defaultContentType: always("application/json"),
  servers: map({}, "Where it is."),
  channels: map({}, "Each WebSocket, with its messages."),
  operations: map({}, "Who sends which messages."),
  components: map({}, "Messages and schemas."),
});
