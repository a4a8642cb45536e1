/** Answers about how series are fed, as docs/api has them. */
import type { MarketName, WireCandle } from "./market.js";

export interface FeedStateQuery {
  /** Left out: all series. */
  readonly series_id?: string | undefined;
}

export type FeedStateName = "live" | "quiet" | "stalled" | "repairing" | "halted" | "invalid" | "down";

export interface FeedConnection {
  readonly id: number;
  readonly state: "dialing" | "open" | "renewing" | "retiring" | "successor";
  readonly age_s: number;
  readonly data_age_s: number | null;
  readonly lag_ms: number | null;
  readonly streams: number;
}

export interface FeedOfSeries {
  readonly series_id: string;
  readonly state: FeedStateName;
  /** Why, in words; null when it is `live` or `quiet`. */
  readonly reason: string | null;
  /** Unix seconds, as `verified_at`. */
  readonly since: number;
  readonly verified_at: number | null;
  readonly message_age_s: number | null;
  readonly final_age_s: number | null;
  readonly lag_ms: number | null;
  readonly connection: FeedConnection | null;
}

/** How much of something that the exchange rations is used. */
export interface Budget {
  readonly used: number;
  readonly limit: number;
  /** The time that it is counted over, in seconds. */
  readonly window_s: number;
}

export interface FeedOfMarket {
  readonly market: MarketName;
  readonly running: boolean;
  readonly connections: readonly FeedConnection[];
  readonly clock_offset_ms: number | null;
  readonly used_weight: number;
  readonly weight_limit: number;
  readonly silence: { readonly cause: string; readonly for_s: number } | null;
  readonly budgets: {
    readonly connection_attempts: Budget;
    readonly subscribe_messages: Budget;
    readonly request_weight: Budget;
  };
}

/** GET /api/feed/state */
export interface FeedStateAnswer {
  readonly series: readonly FeedOfSeries[];
  readonly markets: readonly FeedOfMarket[];
}

export interface GapsQuery {
  readonly series_id: string;
  /** Only gaps detected after this time, Unix milliseconds. */
  readonly since?: number | undefined;
  /** 1 to 1,000; 100 by default. */
  readonly limit?: number | undefined;
}

/** An entry of the gap ledger: where candles are or were missing, and what became of it. */
export interface WireGap {
  /** Counts the gaps of the series from 1. */
  readonly id: number;
  readonly state: "repairing" | "repaired" | "absent_at_source" | "unrepairable";
  readonly cause: "start" | "reconnect" | "missing_before_final" | "final_overdue";
  /** First and last candle that may be missing, Unix seconds; `to_time` is null while the gap is open-ended. */
  readonly from_time: number;
  readonly to_time: number | null;
  readonly detected_at_ms: number;
  readonly attempts: number;
  readonly last_attempt_at_ms: number | null;
  readonly last_error: string | null;
  readonly resolved_at_ms: number | null;
  readonly checked_at_ms: number | null;
  /** Ranges that the exchange has no candles in. */
  readonly absent: readonly { readonly from_time: number; readonly to_time: number }[];
}

/** GET /api/feed/gaps */
export interface GapsAnswer {
  readonly schema_version: 1;
  readonly series_id: string;
  /** Ascending by id. */
  readonly gaps: readonly WireGap[];
}

export type BreakerState = "closed" | "open" | "half_open" | "isolated";

/** What names a breaker. */
export interface BreakerName {
  readonly kind: "series" | "endpoint" | "rest";
  readonly name: string;
}

export interface Breaker extends BreakerName {
  readonly state: BreakerState;
  readonly since_ms: number;
  readonly in_state_ms: number;
  readonly failures_in_window: number;
  readonly last_error: string | null;
  /** 0 for now; null while it is isolated. */
  readonly next_attempt_in_ms: number | null;
  readonly transitions: readonly { readonly at_ms: number; readonly from: BreakerState; readonly to: BreakerState }[];
}

/** GET /api/feed/breakers */
export interface BreakersAnswer {
  readonly schema_version: 1;
  readonly now_ms: number;
  readonly series: readonly Breaker[];
  readonly endpoints: readonly Breaker[];
  readonly rest: readonly Breaker[];
}

/** POST /api/dev/breakers/isolate and reset */
export interface BreakerAnswer {
  readonly ok: true;
  readonly breaker: Breaker;
}

/** GET /api/feed/reconcile */
export interface ReconcileAnswer {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly base_series_id: string | null;
  readonly active: boolean;
  readonly buckets_compared: number;
  readonly compared_from: number | null;
  readonly compared_to: number | null;
  readonly checked_at_ms: number | null;
  readonly last_error: string | null;
  readonly requested: { readonly from: number; readonly to: number } | null;
  readonly differences: readonly {
    readonly candle_time: number;
    readonly derived: WireCandle | null;
    readonly exchange: WireCandle | null;
    readonly found_at_ms: number;
  }[];
}

export interface IngestGuardrail {
  readonly enabled: true;
  readonly state: "closed" | "open" | "half_open";
  readonly window_failures: number;
  readonly consecutive_failures: number;
  readonly last_failure_at: number | null;
  readonly last_error: string | null;
  readonly last_backoff_s: number;
  readonly next_retry_in_s: number;
  readonly config: {
    readonly crash_budget: number;
    readonly budget_window_s: number;
    readonly backoff_initial_s: number;
    readonly backoff_max_s: number;
    readonly open_cooldown_s: number;
  };
}

export interface IngestJob {
  readonly series_id: string;
  readonly source: "binance_ws";
  readonly refcount: number;
  readonly last_zero_at: number | null;
  readonly started_at: number;
  readonly crashes: number;
  readonly last_crash_at: number | null;
  readonly running: boolean;
  readonly guardrail: IngestGuardrail | null;
}

/** GET /api/market/debug/ingest_state */
export interface IngestStateAnswer {
  readonly jobs: readonly IngestJob[];
  readonly whitelist_series_ids: readonly string[];
  readonly ondemand_max_jobs: number;
  readonly whitelist_ingest_enabled: boolean;
  readonly ingest_role_guard_enabled: boolean;
  readonly ingest_role: "hybrid" | "ingest" | "read";
  readonly ingest_jobs_enabled: boolean;
  readonly loop_guardrail_enabled: boolean;
}
