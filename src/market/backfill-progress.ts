/** How far the backfill of a series has come, as it is kept and as it is shown. Spec: ingest §6.6, http-api §3.5. */

/** What a series lacks up to where its backfill is to lead. */
export interface Missing {
  readonly seconds: number;
  readonly candles: number;
}

interface Course {
  /** Unix seconds. */
  readonly startedAtS: number;
  readonly updatedAtS: number;
  readonly start: Missing;
  readonly current: Missing;
  /** What it is for. */
  readonly reason: string;
}

export type BackfillProgress =
  | (Course & { readonly state: "running" })
  | (Course & { readonly state: "succeeded"; readonly note: string })
  | (Course & { readonly state: "failed"; readonly note: string; readonly error: string });

/** On the wire. */
export interface BackfillView {
  readonly state: "idle" | BackfillProgress["state"];
  readonly progress_pct: number | null;
  readonly started_at: number | null;
  readonly updated_at: number | null;
  readonly reason: string | null;
  readonly note: string | null;
  readonly error: string | null;
  readonly recent: boolean;
  readonly start_missing_seconds: number;
  readonly start_missing_candles: number;
  readonly current_missing_seconds: number;
  readonly current_missing_candles: number;
}

/** A series whose backfill nobody has begun. */
const IDLE: BackfillView = {
  state: "idle",
  progress_pct: 100,
  started_at: null,
  updated_at: null,
  reason: null,
  note: null,
  error: null,
  recent: false,
  start_missing_seconds: 0,
  start_missing_candles: 0,
  current_missing_seconds: 0,
  current_missing_candles: 0,
};

/** What a series lacks up to the slot `endS`. @param headS newest stored time in seconds, or null. */
export function missingUpTo(endS: number, headS: number | null, timeframeS: number): Missing {
  const seconds = Math.max(0, endS - (headS ?? 0));
  return { seconds, candles: Math.ceil(seconds / timeframeS) };
}

/** From 0 to 100; null when it began with nothing missing, and now something is. */
export function progressPct(start: Missing, current: Missing): number | null {
  if (start.seconds === 0) return current.seconds === 0 ? 100 : null;
  return Math.min(100, Math.max(0, ((start.seconds - current.seconds) / start.seconds) * 100));
}

/** @param recentS how long after its last change a backfill is recent, in seconds. */
export function backfillView(progress: BackfillProgress | undefined, nowS: number, recentS: number): BackfillView {
  if (progress === undefined) return IDLE;
  const { state, startedAtS, updatedAtS, start, current, reason } = progress;
  return {
    state,
    progress_pct: progressPct(start, current),
    started_at: startedAtS,
    updated_at: updatedAtS,
    reason,
    note: state === "running" ? null : progress.note,
    error: state === "failed" ? progress.error : null,
    recent: nowS - updatedAtS <= recentS,
    start_missing_seconds: start.seconds,
    start_missing_candles: start.candles,
    current_missing_seconds: current.seconds,
    current_missing_candles: current.candles,
  };
}
