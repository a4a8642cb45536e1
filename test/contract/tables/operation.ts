/** What operators look at and do. Spec: http-api §4.1, §4.2; docs/feed.md. */
import { vi } from "vitest";
import type { RouteContract } from "../support/contract.js";
import { FOLLOWED, UNKNOWN } from "../support/fixture.js";
import type { Members } from "../support/member.js";
import { count, flag, listOf, mapOf, members, number, only, orNull, type Shape, text } from "../support/shape.js";
import { badSeriesIds, readSeries } from "./common.js";

const breakerState = only("closed", "open", "half_open", "isolated");
export const breaker = members({
  kind: only("series", "endpoint", "rest"),
  name: text,
  state: breakerState,
  since_ms: count,
  in_state_ms: count,
  failures_in_window: count,
  last_error: orNull(text),
  next_attempt_in_ms: orNull(count),
  transitions: listOf(members({ at_ms: count, from: breakerState, to: breakerState })),
});

export const gap = members({
  id: count,
  state: only("repairing", "repaired", "absent_at_source", "unrepairable"),
  cause: only("start", "reconnect", "missing_before_final", "final_overdue"),
  from_time: count,
  to_time: orNull(count),
  detected_at_ms: count,
  attempts: count,
  last_attempt_at_ms: orNull(count),
  last_error: orNull(text),
  resolved_at_ms: orNull(count),
  checked_at_ms: orNull(count),
  absent: listOf(members({ from_time: count, to_time: count })),
});

const connection = members({
  id: count,
  state: only("dialing", "open", "renewing", "retiring", "successor"),
  age_s: number,
  data_age_s: orNull(number),
  lag_ms: orNull(count),
  streams: count,
});

const guardrail = members({
  enabled: only(true),
  state: only("closed", "open", "half_open"),
  window_failures: count,
  consecutive_failures: count,
  last_failure_at: orNull(number),
  last_error: orNull(text),
  last_backoff_s: number,
  next_retry_in_s: number,
  config: members({
    crash_budget: count,
    budget_window_s: number,
    backoff_initial_s: number,
    backoff_max_s: number,
    open_cooldown_s: number,
  }),
});

const job = members({
  series_id: text,
  source: only("binance_ws"),
  refcount: number,
  last_zero_at: orNull(number),
  started_at: number,
  crashes: count,
  last_crash_at: orNull(number),
  running: flag,
  guardrail: orNull(guardrail),
});

const feedState = members({
  series_id: text,
  state: only("live", "quiet", "stalled", "repairing", "halted", "invalid", "down"),
  reason: orNull(text),
  since: number,
  verified_at: orNull(number),
  message_age_s: orNull(number),
  final_age_s: orNull(number),
  lag_ms: orNull(count),
  connection: orNull(connection),
});

const budget = members({ used: count, limit: count, window_s: number });

const market = members({
  market: only("spot", "futures"),
  running: flag,
  connections: listOf(connection),
  clock_offset_ms: orNull(number),
  used_weight: count,
  weight_limit: count,
  budgets: members({ connection_attempts: budget, subscribe_messages: budget, request_weight: budget }),
  silence: orNull(members({ cause: text, for_s: number })),
});

/** A node of the actor tree, and those below it. */
const node: Shape = (value, at) => treeNode(value, at);
const treeNode = members({
  name: text,
  kind: only("supervisor", "actor"),
  state: only("stopped", "starting", "running", "crashed", "suspended", "stopping"),
  since_ms: count,
  starts: count,
  crashes: count,
  last_error: orNull(text),
  mailbox: orNull(members({ waiting: count, bound: count, refused: count })),
  children: listOf(node),
});

const optionalSeries: Members = { series_id: { kind: "text", min: 1, need: "optional", sample: FOLLOWED } };

export const OPERATION: readonly RouteContract[] = [
  {
    method: "GET",
    path: "/api/feed/gaps",
    gate: "open",
    members: {
      series_id: readSeries,
      since: { kind: "integer", min: 0, need: "optional", sample: 0 },
      limit: { kind: "integer", min: 1, max: 1_000, need: { default: 100 }, sample: 1 },
    },
    examples: [{}, { since: 0, limit: 1 }, { series_id: UNKNOWN }],
    answer: members({ schema_version: only(1), series_id: text, gaps: listOf(gap) }),
    errors: [],
  },
  {
    method: "GET",
    path: "/api/feed/state",
    gate: { asked: "after validation", opens: [["ENABLE_KLINE_HEALTH_V2"], ["ENABLE_DEBUG_API"]] },
    members: optionalSeries,
    examples: [{}, { series_id: FOLLOWED }, { series_id: UNKNOWN }],
    answer: members({ series: listOf(feedState), markets: listOf(market) }),
    emptyHere: ["markets[].connections"],
    errors: badSeriesIds(),
  },
  {
    method: "GET",
    path: "/api/runtime/tree",
    gate: { asked: "after validation", opens: [["ENABLE_DEBUG_API"]] },
    members: optionalSeries,
    examples: [{}, { series_id: FOLLOWED }, { series_id: UNKNOWN }],
    answer: members({ schema_version: only(1), now_ms: count, root: node }),
    emptyHere: ["root.children[].children[].children[].children"],
    errors: badSeriesIds(),
  },
  {
    method: "GET",
    path: "/api/feed/breakers",
    gate: "open",
    members: {},
    examples: [{}],
    answer: members({
      schema_version: only(1),
      now_ms: count,
      series: listOf(breaker),
      endpoints: listOf(breaker),
      rest: listOf(breaker),
    }),
    emptyHere: ["endpoints[].transitions", "rest[].transitions", "series[].transitions"],
    errors: [],
  },
  {
    method: "GET",
    path: "/metrics",
    gate: { asked: "before validation", opens: [["ENABLE_RUNTIME_METRICS"]] },
    members: {},
    examples: [{}],
    isText: true,
    answer: text,
    errors: [],
  },
  {
    method: "GET",
    path: "/healthz",
    gate: "open",
    members: {},
    examples: [{}],
    answer: members({ status: only("alive") }),
    errors: [],
  },
  {
    method: "GET",
    path: "/readyz",
    gate: "open",
    members: {},
    examples: [{}],
    answer: members({ status: only("ready") }),
    errors: [
      {
        status: 503,
        detail: "not_ready:{text}",
        filled: "not_ready:exchange/spot=suspended",
        arrange: ({ app }) => {
          const [spot, ...others] = app.runtime.parts();
          if (spot === undefined) throw new Error("there are no parts");
          vi.spyOn(app.runtime, "parts").mockReturnValueOnce([{ ...spot, state: "suspended" }, ...others]);
        },
      },
    ],
  },
  {
    method: "GET",
    path: "/freshz",
    gate: "open",
    members: {},
    given: async ({ app }) => {
      const { series, markets } = app.runtime.feedStates();
      const live = series.map((one) => ({ ...one, state: "live" as const }));
      vi.spyOn(app.runtime, "feedStates").mockReturnValue({ series: live, markets });
      return {};
    },
    examples: [{}],
    answer: members({ status: only("fresh"), series: count }),
    errors: [
      {
        status: 503,
        detail: "not_fresh:{text}",
        filled: `not_fresh:${FOLLOWED}=stalled`,
        arrange: ({ app }) => {
          vi.restoreAllMocks();
          const { series, markets } = app.runtime.feedStates();
          const stalled = series.map((one) => ({ ...one, state: "stalled" as const }));
          vi.spyOn(app.runtime, "feedStates").mockReturnValueOnce({ series: stalled, markets });
        },
      },
    ],
  },
  {
    method: "GET",
    path: "/api/market/debug/ingest_state",
    gate: { asked: "before validation", opens: [["ENABLE_DEBUG_API"]] },
    members: {},
    examples: [{}],
    answer: members({
      jobs: listOf(job),
      whitelist_series_ids: listOf(text),
      ondemand_max_jobs: count,
      whitelist_ingest_enabled: flag,
      ingest_role_guard_enabled: flag,
      ingest_role: only("hybrid", "ingest", "read"),
      ingest_jobs_enabled: flag,
      loop_guardrail_enabled: flag,
    }),
    errors: [],
  },
  {
    method: "GET",
    path: "/api/market/debug/metrics",
    gate: { asked: "before validation", opens: [["ENABLE_DEBUG_API", "ENABLE_RUNTIME_METRICS"]] },
    members: {},
    examples: [{}],
    answer: members({
      enabled: flag,
      updated_at_ms: count,
      counters: mapOf(number),
      gauges: mapOf(number),
      timers: mapOf(members({ count, total_ms: number, max_ms: number, avg_ms: number })),
    }),
    errors: [],
  },
];
