/** What is known of missing candles, as a chart shows it. Pure. */
import type { WireGap } from "../../../src/client/answers/feed.js";
import type { GapNotice } from "../../../src/client/messages.js";
import { dayAndMinute } from "../words.js";
import type { Hole } from "./picture.js";

/** Entries of the gap ledger that a page keeps of a series; of more, the newest. */
export const MAX_GAPS = 1_000;

const WORDS = {
  repairing: "being repaired",
  absent_at_source: "the exchange has no candles here",
  unrepairable: "too long to be repaired",
} as const;

const CAUSES: Readonly<Record<WireGap["cause"], string>> = {
  start: "the feed began behind the newest closed candle",
  reconnect: "something closed while the subscription was renewed",
  missing_before_final: "a final does not follow the one before",
  final_overdue: "a final did not come in its time",
};

/** The ledger with an entry that is new or has changed. Ascending by id. */
export function withGap(gaps: readonly WireGap[], changed: WireGap): readonly WireGap[] {
  const others = gaps.filter(({ id }) => id !== changed.id);
  return [...others, changed].sort((a, b) => a.id - b.id).slice(-MAX_GAPS);
}

/** A hole that the feed told of: from the candle that was expected to the one before the candle that came. */
export function holeOfNotice({ expected_next_time, actual_time }: GapNotice, stepSeconds: number): Hole {
  return {
    from_time: expected_next_time,
    to_time: Math.max(expected_next_time, actual_time - stepSeconds),
    text: "The feed went on without these candles.",
  };
}

/**
 * The holes of a chart, ascending. What the ledger knows goes before what the feed only told of; an entry that is repaired
 * is no hole any more.
 */
export function holesOf(gaps: readonly WireGap[], told: readonly Hole[]): readonly Hole[] {
  const known = gaps.flatMap(ledgerHoles);
  const settled = gaps.filter(({ state }) => state === "repaired");
  const unknown = told.filter((hole) => ![...known, ...settled].some((other) => overlap(hole, other)));
  return [...known, ...unknown].sort((a, b) => a.from_time - b.from_time);
}

function ledgerHoles(gap: WireGap): readonly Hole[] {
  if (gap.state === "repaired") return [];
  const text = describe(gap, WORDS[gap.state]);
  if (gap.state !== "absent_at_source") return [{ from_time: gap.from_time, to_time: gap.to_time, text }];
  return gap.absent.map(({ from_time, to_time }) => ({ from_time, to_time, text }));
}

function describe({ id, cause, attempts, last_error, detected_at_ms, checked_at_ms }: WireGap, state: string): string {
  return [
    `Gap ${id}: ${state}.`,
    `Noticed ${utc(detected_at_ms)} because ${CAUSES[cause]}.`,
    attempts > 0 ? `Asked ${attempts} ${attempts === 1 ? "time" : "times"}.` : "",
    checked_at_ms === null ? "" : `Last asked ${utc(checked_at_ms)}.`,
    last_error === null ? "" : `Last error: ${last_error}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function utc(ms: number): string {
  return `${dayAndMinute(ms)} UTC`;
}

interface Range {
  readonly from_time: number;
  readonly to_time: number | null;
}

function overlap(a: Range, b: Range): boolean {
  return a.from_time <= (b.to_time ?? Infinity) && b.from_time <= (a.to_time ?? Infinity);
}
