/**
 * How long to send nothing after the exchange has refused a request by its rate rules. Going on after a 429 gets the
 * address banned, going on during a ban lengthens it. Spec: binance-protocol §3.5, §4.2, F18, F26, F27; feed-behaviour B9.
 */
import type { HttpAnswer } from "./http-get.js";
import { wholeNumber } from "./wire-values.js";

const CAUSES = { 429: "rate_limited", 418: "banned", 403: "blocked", 451: "restricted" } as const;

export type RefusalStatus = keyof typeof CAUSES;

export type RefusalCause = (typeof CAUSES)[RefusalStatus];

/** A refusal as the exchange sent it, over REST or as the answer to a stream handshake. */
export interface Refusal {
  readonly status: RefusalStatus;
  /** The header `Retry-After` (seconds); null when absent. */
  readonly retryAfter: string | null;
  /** The body; a ban names its end in it, in milliseconds. */
  readonly text: string;
}

/** The time in which nothing may be sent. `restored`: taken over from an earlier run of the process. */
export interface Silence {
  readonly cause: RefusalCause | "restored";
  /** First moment at which a request may be sent again: exchange time, milliseconds since the Unix epoch, UTC. */
  readonly untilMs: number;
}

/**
 * A silence as it outlives the process: by the machine's clock, because a process that starts does not know the
 * exchange's time yet, and cannot ask for it.
 */
export interface SavedSilence {
  /** When it ends: the machine's clock, milliseconds since the Unix epoch. */
  readonly endsMs: number;
  /** How long it was when it was saved, in milliseconds: no more is left of it, whatever has become of the clock. */
  readonly forMs: number;
}

/** What is left of a saved silence, in milliseconds; 0 when nothing is. */
export function silenceLeft({ endsMs, forMs }: SavedSilence, machineNowMs: number): number {
  return Math.max(0, Math.min(endsMs - machineNowMs, forMs));
}

/** Silence after a 429 that names no time, in milliseconds: the minute of the weight count is over by then. */
export const RATE_LIMIT_DEFAULT_MS = 60_000;
/** Longest silence after repeated 429s without a time, in milliseconds. */
export const RATE_LIMIT_DEFAULT_MAX_MS = 120_000;
/** Silence after a 418 that names no time, in milliseconds: the shortest ban. */
export const BAN_DEFAULT_MS = 120_000;
/** Longest silence after repeated 418s without a time, in milliseconds. */
export const BAN_DEFAULT_MAX_MS = 3_600_000;
/** Silence after a 403, in milliseconds. The firewall names no time, and lifts its block after a few minutes. */
export const BLOCKED_MS = 300_000;
/** Silence after a 451, in milliseconds: only another host or place helps, so asking seldom is enough. */
export const RESTRICTED_MS = 600_000;
/** The longest ban there is, in milliseconds (3 days). A time beyond it is a mistake of somebody's. */
export const LONGEST_SILENCE_MS = 259_200_000;
/** Most that is added at random, in milliseconds, so that processes behind one address do not return together. */
export const SILENCE_JITTER_MS = 1_000;

/** The refusal in an answer; undefined for every other answer. */
export function refusalIn(answer: Pick<HttpAnswer, "status" | "retryAfter" | "text">): Refusal | undefined {
  const { status, retryAfter, text } = answer;
  return status === 429 || status === 418 || status === 403 || status === 451
    ? { status, retryAfter, text }
    : undefined;
}

export interface SilenceCircumstances {
  /** Exchange time, milliseconds since the Unix epoch, UTC. */
  readonly nowMs: number;
  /** Refusals before this one without a success between. */
  readonly earlierRefusals: number;
  /** In [0, 1). */
  readonly random: number;
}

/** The silence that a refusal demands: until the later of the times it names, else a default that grows by repetition. */
export function silenceFor(refusal: Refusal, { nowMs, earlierRefusals, random }: SilenceCircumstances): Silence {
  const named = namedEnds(refusal, nowMs);
  const endMs = named.length > 0 ? Math.max(...named) : nowMs + defaultSilenceMs(refusal.status, earlierRefusals);
  return {
    cause: CAUSES[refusal.status],
    untilMs: Math.min(endMs, nowMs + LONGEST_SILENCE_MS) + Math.round(random * SILENCE_JITTER_MS),
  };
}

/** The ends that the refusal names and that are still to come. Those of a firewall or a location block mean nothing. */
function namedEnds(refusal: Refusal, nowMs: number): readonly number[] {
  if (refusal.status === 403 || refusal.status === 451) return [];
  const afterS = wholeNumber(refusal.retryAfter);
  const fromText = /banned until (\d{10,16})\b/.exec(refusal.text)?.[1];
  return [afterS === undefined ? 0 : nowMs + afterS * 1000, Number(fromText ?? 0)].filter((endMs) => endMs > nowMs);
}

function defaultSilenceMs(status: RefusalStatus, earlierRefusals: number): number {
  if (status === 403) return BLOCKED_MS;
  if (status === 451) return RESTRICTED_MS;
  const factor = 2 ** earlierRefusals;
  return status === 429
    ? Math.min(RATE_LIMIT_DEFAULT_MAX_MS, RATE_LIMIT_DEFAULT_MS * factor)
    : Math.min(BAN_DEFAULT_MAX_MS, BAN_DEFAULT_MS * factor);
}
