/** Entries of the gap ledger in words. Pure. */
import type { WireGap } from "../../../src/client/answers/feed.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { clockTime, counted, dayAndMinute, lasting } from "../words.js";

const CAUSES: Readonly<Record<WireGap["cause"], string>> = {
  start: "at the start",
  reconnect: "while reconnecting",
  missing_before_final: "before a final",
  final_overdue: "a final was overdue",
};

/** Which candles: `2025-05-06 03:20 – 12:00, 521 candles`. */
export function gapRange(series: string, { from_time, to_time }: WireGap): string {
  const from = dayAndMinute(from_time * 1_000);
  if (to_time === null) return `from ${from}`;
  const candles = Math.round((to_time - from_time) / parseSeriesId(series).timeframeSeconds) + 1;
  if (candles === 1) return from;
  const to = dayAndMinute(to_time * 1_000);
  const end = from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to;
  return `${from} – ${end}, ${counted(candles, "candle")}`;
}

/** What became of it, when the daemon's clock shows `nowMs`. */
export function gapOutcome(gap: WireGap, nowMs: number): string {
  const { state, detected_at_ms, resolved_at_ms, checked_at_ms, attempts } = gap;
  const tried = attempts > 1 ? `, asked ${attempts} times` : "";
  switch (state) {
    case "repairing":
      return `being repaired for ${lasting(nowMs - detected_at_ms)}${tried}`;
    case "repaired":
      return `repaired after ${lasting((resolved_at_ms ?? nowMs) - detected_at_ms)}${tried}`;
    case "absent_at_source":
      return `the exchange has none of it${checked_at_ms === null ? "" : `, last asked ${clockTime(checked_at_ms)}`}`;
    case "unrepairable":
      return "too long to be repaired";
  }
}

/** When and why it was noticed. */
export function gapCause({ cause, detected_at_ms }: WireGap): string {
  return `${clockTime(detected_at_ms)} ${CAUSES[cause]}`;
}
