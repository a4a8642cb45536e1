/** What is shown of a breaker, whichever it is, and what is kept of it across restarts. Times in Unix milliseconds. */
import type { BreakerState } from "../../exchange/binance/endpoint-breaker.js";

/** series: one per followed series. endpoint: one per market, before its connections. rest: one per REST endpoint. */
export type BreakerKind = "series" | "endpoint" | "rest";

export const BREAKER_KINDS: readonly BreakerKind[] = ["series", "endpoint", "rest"];

export interface BreakerTransition {
  readonly at_ms: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** Transitions that a breaker remembers. */
export const MAX_TRANSITIONS = 20;

export interface BreakerView {
  readonly kind: BreakerKind;
  readonly name: string;
  readonly state: BreakerState;
  readonly since_ms: number;
  readonly in_state_ms: number;
  readonly failures_in_window: number;
  readonly last_error: string | null;
  /** Milliseconds until an attempt is let through: 0 for now, null for never, because somebody holds it open. */
  readonly next_attempt_in_ms: number | null;
  /** The newest, oldest first. */
  readonly transitions: readonly BreakerTransition[];
}

/** A breaker as the board holds it. */
export interface VisibleBreaker {
  readonly kind: BreakerKind;
  readonly name: string;
  view(): BreakerView;
  /** Lets no attempt through from now on. */
  isolate(): void;
  /** Closes it, and forgets its failures. */
  reset(): void;
  /** What {@link BreakerBoard} keeps of it; a JSON value. */
  saved(): unknown;
}

/** The transitions with one more. */
export function withTransition(
  transitions: readonly BreakerTransition[],
  transition: BreakerTransition,
): readonly BreakerTransition[] {
  return [...transitions, transition].slice(-MAX_TRANSITIONS);
}
