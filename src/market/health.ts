/** How far a series lags behind the clock, and what that means. Spec: http-api §3.5. */
import { latestClosedTime } from "./closed-window.js";

export type HealthStatus = "green" | "yellow" | "red";

export interface SeriesLag {
  /** Open time in seconds of the newest candle that should exist. */
  readonly expectedTime: number;
  readonly lagSeconds: number | null;
  readonly missingSeconds: number | null;
  readonly missingCandles: number | null;
  readonly status: HealthStatus;
  readonly reason: "missing_head" | "head_ahead_of_closed_window" | "up_to_date" | "lagging_no_recent_backfill";
}

/** @param headTime newest stored time in seconds, or null. */
export function seriesLag(headTime: number | null, nowS: number, timeframeSeconds: number): SeriesLag {
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
  return { ...lag, status: "red", reason: "lagging_no_recent_backfill" };
}
