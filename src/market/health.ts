/** How far a series lags behind the clock, and what that means. Spec: http-api §3.5. */
import type { BackfillView } from "./backfill-progress.js";
import { latestClosedTime } from "./closed-window.js";

export type HealthStatus = "green" | "yellow" | "red";

export interface SeriesLag {
  /** Open time in seconds of the newest candle that should exist. */
  readonly expectedTime: number;
  readonly lagSeconds: number | null;
  readonly missingSeconds: number | null;
  readonly missingCandles: number | null;
  readonly status: HealthStatus;
  readonly reason:
    | "missing_head"
    | "head_ahead_of_closed_window"
    | "up_to_date"
    | "backfill_running"
    | "backfill_recent"
    | "lagging_no_recent_backfill";
}

/** @param headTime newest stored time in seconds, or null. @param backfill what is being done about the lag. */
export function seriesLag(
  headTime: number | null,
  nowS: number,
  timeframeSeconds: number,
  backfill: Pick<BackfillView, "state" | "recent">,
): SeriesLag {
  const expectedTime = latestClosedTime(nowS, timeframeSeconds);
  if (headTime === null) {
    return {
      expectedTime,
      lagSeconds: null,
      missingSeconds: null,
      missingCandles: null,
      status: "red",
      reason: "missing_head",
    };
  }
  const missingSeconds = Math.max(0, expectedTime - headTime);
  const lag = {
    expectedTime,
    lagSeconds: Math.max(0, nowS - headTime),
    missingSeconds,
    missingCandles: Math.ceil(missingSeconds / timeframeSeconds),
  };
  if (headTime > expectedTime) return { ...lag, status: "yellow", reason: "head_ahead_of_closed_window" };
  if (missingSeconds === 0) return { ...lag, status: "green", reason: "up_to_date" };
  if (backfill.state === "running") return { ...lag, status: "yellow", reason: "backfill_running" };
  if (backfill.state === "succeeded" && backfill.recent) return { ...lag, status: "yellow", reason: "backfill_recent" };
  return { ...lag, status: "red", reason: "lagging_no_recent_backfill" };
}
