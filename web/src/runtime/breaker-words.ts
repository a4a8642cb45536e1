/** Breakers in words, the troubled ones first. Pure. */
import type { Breaker, BreakerState, BreakersAnswer } from "../../../src/client/answers/feed.js";
import { counted, lasting } from "../words.js";

const RANK: Readonly<Record<BreakerState, number>> = { open: 0, half_open: 1, isolated: 2, closed: 3 };

export const STATE_WORDS: Readonly<Record<BreakerState, string>> = {
  open: "open",
  half_open: "half open",
  isolated: "isolated",
  closed: "closed",
};

const KIND_WORDS = { series: "series", endpoint: "connections of", rest: "requests for" } as const;

/** Breakers with trouble now or within the last minute, the worst first; and those without. */
export interface SortedBreakers {
  readonly troubled: readonly Breaker[];
  readonly calm: readonly Breaker[];
}

export function sortedBreakers({ endpoints, rest, series }: BreakersAnswer): SortedBreakers {
  const all = [...endpoints, ...rest, ...series];
  const isCalm = ({ state, failures_in_window }: Breaker) => state === "closed" && failures_in_window === 0;
  const troubled = all.filter((breaker) => !isCalm(breaker)).sort((a, b) => RANK[a.state] - RANK[b.state]);
  return { troubled, calm: all.filter(isCalm) };
}

/** What a breaker stands before. */
export function breakerTitle({ kind, name }: Breaker): string {
  return `${KIND_WORDS[kind]} ${name}`;
}

/** How a breaker stands, when the daemon's clock shows `nowMs`; `readMs`: when the answer was made. */
export function breakerWords(breaker: Breaker, readMs: number, nowMs: number): string {
  const { state, since_ms, failures_in_window } = breaker;
  const parts = [`${STATE_WORDS[state]} for ${lasting(nowMs - since_ms)}`];
  if (failures_in_window > 0) parts.push(`${counted(failures_in_window, "failure")} in a minute`);
  const next = nextWords(breaker, readMs, nowMs);
  return [...parts, ...next].join(" · ");
}

function nextWords({ state, next_attempt_in_ms }: Breaker, readMs: number, nowMs: number): readonly string[] {
  if (state === "isolated") return ["held open by hand"];
  if (state === "half_open") return ["one attempt decides"];
  if (state === "closed" || next_attempt_in_ms === null) return [];
  const leftMs = readMs + next_attempt_in_ms - nowMs;
  return [leftMs > 0 ? `next attempt in ${lasting(leftMs)}` : "next attempt now"];
}
