/** Events of `/ws/debug`, with the members of their data. Spec: http-api §4.4, ws-api §3. */
import type { DebugEvent } from "../../../src/observability/debug-hub.js";

export interface EventContract {
  readonly pipe: DebugEvent["pipe"];
  /** The level, or levels, at which it is told. */
  readonly levels: readonly DebugEvent["level"][];
  readonly data: readonly string[];
  /** Members that are not always there. */
  readonly more?: readonly string[];
}

const read = (...data: readonly string[]): EventContract => ({ pipe: "read", levels: ["info"], data });
const write = (...data: readonly string[]): EventContract => ({ pipe: "write", levels: ["info"], data });
const failed = (...data: readonly string[]): EventContract => ({ pipe: "write", levels: ["error"], data });

const RUN_ERROR = [
  ...["step", "series_id", "error", "compensated", "overlay_compensated", "candle_compensated_rows"],
  "compensation_error",
];
const HEADS = ["factor_head_time", "overlay_head_time"];

export const DEBUG_EVENTS: Readonly<Record<string, EventContract>> = {
  "read.http.market_candles": read("since", "limit", "count", "last_time", "server_head_time"),
  "read.http.market_candles_ledger_warmup": {
    pipe: "read",
    levels: ["info", "warn"],
    data: [
      ...["target_time", "factor_head_before", "overlay_head_before", "factor_head_after", "overlay_head_after"],
      "steps",
    ],
    more: ["error"],
  },
  "read.http.draw_delta": read(
    ...["cursor_version_id", "next_version_id", "to_time", "patch_len", "active_len", "at_time"],
  ),
  "read.http.draw_delta.overlay_out_of_sync": read("at_time", "strict_mode", "checks"),
  "read.http.world_frame_live": read("at_time", "aligned_time", "candle_id"),
  "read.http.world_frame_at_time": read("at_time", "aligned_time", "candle_id"),
  "read.http.world_delta_poll": read("after_id", "next_id", "to_candle_time", "has_record"),
  "read.http.replay_prepare": read("requested_time", "aligned_time", "window_candles", ...HEADS, "computed"),
  "read.http.overlay_repair": read("requested_time", "aligned_time", "steps", ...HEADS),
  "write.http.ingest_candle_closed_start": write("candle_time"),
  "write.http.ingest_candle_closed_done": write(
    ...["candle_time", "factor_rebuilt", "pipeline_duration_ms", "steps", "duration_ms"],
  ),
  "write.http.ingest_candle_closed_error": failed(...RUN_ERROR),
  "write.http.ingest_candles_closed_batch_start": write("count", "publish_ws"),
  "write.http.ingest_candles_closed_batch_done": write(
    ...["count", "first_candle_time", "last_candle_time", "pipeline_duration_ms", "duration_ms", "publish_ws"],
  ),
  "write.http.ingest_candles_closed_batch_error": failed(...RUN_ERROR),
  "factor.fingerprint.rebuild": write("series_id", "fingerprint", "keep_candles", "trimmed_rows"),
  "write.factor.ingest_done": write(
    ...["up_to_candle_time", "candles_read", "events_planned", "db_changes", "duration_ms"],
  ),
  "write.overlay.ingest_done": write(
    ...["up_to_candle_time", "cutoff_time", "factor_rows", "marker_defs", "pen_points", "polyline_defs"],
    ...["db_changes", "duration_ms"],
  ),
  "write.startup.kline_sync.series_done": {
    pipe: "write",
    levels: ["info", "error"],
    data: [
      ...["series_id", "target_time", "before_head_time", "after_head_time", "covered_candles", "refreshed"],
      ...["lagging", "error"],
    ],
  },
  "write.startup.kline_sync.done": write(
    ...["series_total", "series_synced", "series_lagging", "series_errors", "target_candles", "duration_ms"],
  ),
  "feed.reconcile.differs": { pipe: "read", levels: ["warn"], data: ["buckets", "first_time", "last_time"] },
  "runtime.child_moved": { pipe: "write", levels: ["info", "warn"], data: ["path", "from", "to", "last_error"] },
  "feed.breaker.moved": {
    pipe: "write",
    levels: ["info", "warn"],
    data: ["kind", "name", "from", "to", "last_error"],
  },
};
