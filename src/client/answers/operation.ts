/** Answers about the process, and what operators do by hand, as docs/api has them. */
import type { WireCandle } from "./market.js";

/** GET /api/market/debug/metrics */
export interface MetricsAnswer {
  readonly enabled: boolean;
  readonly updated_at_ms: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  readonly timers: Readonly<
    Record<
      string,
      { readonly count: number; readonly total_ms: number; readonly max_ms: number; readonly avg_ms: number }
    >
  >;
}

export interface RuntimeTreeQuery {
  /** Only the branch of this series. */
  readonly series_id?: string | undefined;
}

/** One supervisor or actor. */
export interface RuntimeNode {
  readonly name: string;
  readonly kind: "supervisor" | "actor";
  readonly state: string;
  readonly since_ms: number;
  readonly starts: number;
  readonly crashes: number;
  readonly last_error: string | null;
  /** Null for a supervisor. */
  readonly mailbox: { readonly waiting: number; readonly bound: number; readonly refused: number } | null;
  readonly children: readonly RuntimeNode[];
}

/** GET /api/runtime/tree */
export interface RuntimeTreeAnswer {
  readonly schema_version: 1;
  readonly now_ms: number;
  readonly root: RuntimeNode;
}

/** POST /api/dev/market/ingest/candles_closed_batch */
export interface IngestBatchBody {
  readonly series_id: string;
  /** 1 to 20,000. */
  readonly candles: readonly WireCandle[];
  /** Whether subscribers are told. */
  readonly publish_ws?: boolean | undefined;
}

export interface IngestBatchAnswer {
  readonly ok: true;
  readonly series_id: string;
  readonly count: number;
  readonly first_candle_time: number;
  readonly last_candle_time: number;
}

export interface RepairOverlayBody {
  readonly series_id: string;
  /** Up to this time, Unix seconds; left out or null: up to the newest candle. */
  readonly to_time?: number | null | undefined;
}

/** POST /api/dev/repair/overlay */
export interface RepairOverlayAnswer {
  readonly ok: true;
  readonly series_id: string;
  readonly requested_time: number;
  readonly aligned_time: number;
  readonly factor_head_time: number | null;
  readonly overlay_head_time: number | null;
  readonly refreshed: boolean;
  readonly steps: readonly string[];
}

export interface BackfillBody {
  readonly series_id: string;
  /** Unix seconds, as `to`. */
  readonly from: number;
  /** Left out or null: up to now. */
  readonly to?: number | null | undefined;
}

export interface Backfill {
  readonly id: number;
  readonly series_id: string;
  readonly from: number;
  readonly to: number;
  readonly asked_at_ms: number;
  readonly state: "queued" | "running" | "waiting" | "done" | "stopped" | "failed";
  readonly error: string | null;
  readonly wait_until_ms: number | null;
  readonly wait_demanded: boolean;
  readonly done_up_to: number | null;
  readonly candles: number;
  readonly candles_done: number;
  readonly candles_stored: number;
  readonly absent_candles: number;
  readonly absent: readonly { readonly from: number; readonly to: number }[];
  readonly weight_used: number | null;
  readonly weight_limit: number | null;
}

/** POST /api/dev/backfill */
export interface BackfillAnswer {
  readonly ok: true;
  readonly joined: boolean;
  readonly backfill: Backfill;
}

/** GET /api/dev/backfill */
export interface BackfillsAnswer {
  readonly schema_version: 1;
  readonly now_ms: number;
  readonly backfills: readonly Backfill[];
}

/** POST /api/dev/stop_backfill */
export interface StopBackfillAnswer {
  readonly ok: true;
  readonly stopped: boolean;
}

export interface ReconcileBody {
  readonly series_id: string;
  /** Unix seconds, as `to`. */
  readonly from: number;
  readonly to: number;
}

/** POST /api/dev/reconcile */
export interface ReconcileAsked extends ReconcileBody {
  readonly ok: true;
}

export interface StopBackfillBody {
  readonly id: number;
}

export interface BackfillsQuery {
  /** Left out: those of all series. */
  readonly series_id?: string | undefined;
}
