/**
 * The record of a gap: a range of a series in which candles are or were missing, why that was noticed, and what became of
 * it. Pure; every transition is a function. Spec: binance-protocol F12, F32; docs/feed.md, "The gap ledger".
 */
import { atMostRanges, type TimeRange } from "./gap-ranges.js";

/** How a gap was noticed. */
export type GapCause =
  /** The feed began, or began again, behind the newest closed candle. */
  | "start"
  /** A subscription was renewed while something closed. */
  | "reconnect"
  /** A final does not follow the one before. */
  | "missing_before_final"
  /** A final did not come in its time. */
  | "final_overdue";

interface GapFacts {
  /** Counts the gaps of a series from 1. */
  readonly id: number;
  readonly cause: GapCause;
  /** First candle that may be missing: open time in seconds. */
  readonly fromTime: number;
  /** Unix milliseconds, as all times of this record that are no candle's. */
  readonly detectedAtMs: number;
  /** Rounds of questions to the exchange. */
  readonly attempts: number;
  readonly lastAttemptAtMs: number | null;
  /** Why the last attempt failed; null when it did not. */
  readonly lastError: string | null;
}

/** Candles are being asked for. The range is open-ended while `toTime` is null. */
export interface RepairingGap extends GapFacts {
  readonly state: "repairing";
  readonly toTime: number | null;
}

interface ResolvedFacts extends GapFacts {
  /** Last candle that was missing: open time in seconds. */
  readonly toTime: number;
  readonly resolvedAtMs: number;
}

/** Nothing is missing any more. */
export interface RepairedGap extends ResolvedFacts {
  readonly state: "repaired";
}

/** The exchange has no candles in the ranges of `absent`. */
export interface AbsentGap extends ResolvedFacts {
  readonly state: "absent_at_source";
  readonly absent: readonly TimeRange[];
  /** When the exchange was last asked for them. */
  readonly checkedAtMs: number;
  /** How often it has been asked again since it was found to have none. */
  readonly rechecks: number;
}

/** Longer than a feed repairs: candles of it may be missing for good. */
export interface UnrepairableGap extends ResolvedFacts {
  readonly state: "unrepairable";
}

export type Gap = RepairingGap | RepairedGap | AbsentGap | UnrepairableGap;

export function isOpenGap(gap: Gap): gap is RepairingGap {
  return gap.state === "repairing";
}

/** What the exchange does not have is asked for again so long after it was found absent, in milliseconds. */
export const RECHECK_AFTER_MS: readonly number[] = [3_600_000, 86_400_000];

/** Ranges that one record names at most. */
export const MAX_ABSENT_RANGES = 32;

/** Characters of an error that are kept. */
const LONGEST_ERROR = 300;

export interface GapOpening extends Pick<RepairingGap, "id" | "cause" | "fromTime" | "toTime"> {
  readonly nowMs: number;
}

export function openedGap({ nowMs, ...range }: GapOpening): RepairingGap {
  return {
    ...range,
    state: "repairing",
    detectedAtMs: nowMs,
    attempts: 0,
    lastAttemptAtMs: null,
    lastError: null,
  };
}

/** One more round was asked. @param error why it failed; null when it did not. */
export function attemptedGap(gap: RepairingGap, error: string | null, nowMs: number): RepairingGap {
  const lastError = error?.slice(0, LONGEST_ERROR) ?? null;
  return { ...gap, attempts: gap.attempts + 1, lastAttemptAtMs: nowMs, lastError };
}

/** The range is another one than was known. An earlier beginning stays. */
export function reboundGap(gap: RepairingGap, range: Pick<RepairingGap, "fromTime" | "toTime">): RepairingGap {
  return { ...gap, fromTime: Math.min(gap.fromTime, range.fromTime), toTime: range.toTime };
}

/** All that exists has been fetched. @param missing what of the range there is no candle in. */
export function resolvedGap(
  gap: RepairingGap,
  toTime: number,
  missing: readonly TimeRange[],
  nowMs: number,
): RepairedGap | AbsentGap {
  const facts = { ...gap, toTime: Math.max(toTime, gap.fromTime), resolvedAtMs: nowMs };
  if (missing.length === 0) return { ...facts, state: "repaired" };
  const absent = atMostRanges(missing, MAX_ABSENT_RANGES);
  return { ...facts, state: "absent_at_source", absent, checkedAtMs: nowMs, rechecks: 0 };
}

/** The gap is too long to be repaired. */
export function unrepairableGap(gap: RepairingGap, toTime: number, nowMs: number): UnrepairableGap {
  return { ...gap, state: "unrepairable", toTime, resolvedAtMs: nowMs };
}

/** What was found absent goes on: more is missing right behind it. */
export function reopenedGap(gap: AbsentGap): RepairingGap {
  return { ...factsOf(gap), state: "repairing", toTime: null };
}

/** Candles of the gap have come after all. @param missing what is left of {@link AbsentGap.absent}. */
export function filledGap(gap: AbsentGap, missing: readonly TimeRange[], nowMs: number): RepairedGap | AbsentGap {
  if (missing.length > 0) return { ...gap, absent: missing };
  return { ...factsOf(gap), state: "repaired", toTime: gap.toTime, resolvedAtMs: nowMs };
}

/** The exchange was asked again, and has no more than before. */
export function recheckedGap(gap: AbsentGap, nowMs: number): AbsentGap {
  return { ...gap, checkedAtMs: nowMs, rechecks: gap.rechecks + 1 };
}

/** When to ask the exchange again, in Unix milliseconds; undefined when it has been asked often enough. */
export function nextRecheckMs(gap: AbsentGap): number | undefined {
  const afterMs = RECHECK_AFTER_MS[gap.rechecks];
  return afterMs === undefined ? undefined : gap.resolvedAtMs + afterMs;
}

function factsOf({ id, cause, fromTime, detectedAtMs, attempts, lastAttemptAtMs, lastError }: Gap): GapFacts {
  return { id, cause, fromTime, detectedAtMs, attempts, lastAttemptAtMs, lastError };
}

/** The record as it is written on the wire; members that a state does not have are null, or empty. */
export function toWireGap(gap: Gap) {
  const isResolved = gap.state !== "repairing";
  const isAbsent = gap.state === "absent_at_source";
  return {
    id: gap.id,
    state: gap.state,
    cause: gap.cause,
    from_time: gap.fromTime,
    to_time: gap.toTime,
    detected_at_ms: gap.detectedAtMs,
    attempts: gap.attempts,
    last_attempt_at_ms: gap.lastAttemptAtMs,
    last_error: gap.lastError,
    resolved_at_ms: isResolved ? gap.resolvedAtMs : null,
    checked_at_ms: isAbsent ? gap.checkedAtMs : null,
    absent: isAbsent ? gap.absent.map(({ from, to }) => ({ from_time: from, to_time: to })) : [],
  };
}

export type WireGap = ReturnType<typeof toWireGap>;
