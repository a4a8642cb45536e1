/**
 * When a loop that failed may try again. Two policies, chosen once at start by the guardrail switch: the circuit
 * breaker with exponential backoff, or a fixed pause. Spec: ingest §4.7, flags §2.2.
 */
import type { Clock } from "../../clock/clock.js";
import {
  type BreakerKind,
  type BreakerTransition,
  type BreakerView,
  type VisibleBreaker,
  withTransition,
} from "./breaker-view.js";
import {
  type Breaker,
  breakerIn,
  closedBreaker,
  type GuardrailConfig,
  type GuardrailEvent,
  type GuardrailState,
  inWindow,
  moved,
} from "./guardrail.machine.js";
import type { SavedBreaker } from "./saved-breaker.js";

export interface RetryPolicy {
  /** Asks to try now. @returns milliseconds to wait before asking again; 0 means go ahead. */
  attempt(): number;
  /** The loop works: to be told after its first valid result, never for a mere connect. */
  succeeded(): void;
  /** The loop failed. @returns milliseconds to pause before the next attempt. */
  failed(error: string): number;
  /** What the debug snapshot shows; null for a policy without a breaker. */
  snapshot(): GuardrailView | null;
}

/** The breaker as it stands on the wire. Times ending in `_s` in seconds, `last_failure_at` as Unix seconds. */
export interface GuardrailView {
  readonly enabled: true;
  /** One that is held open by hand is `open`. */
  readonly state: Exclude<GuardrailState, "isolated">;
  readonly window_failures: number;
  readonly consecutive_failures: number;
  readonly last_failure_at: number | null;
  readonly last_error: string | null;
  readonly last_backoff_s: number;
  readonly next_retry_in_s: number;
  readonly config: {
    readonly crash_budget: number;
    readonly budget_window_s: number;
    readonly backoff_initial_s: number;
    readonly backoff_max_s: number;
    readonly open_cooldown_s: number;
  };
}

/** A change of state that was made, for logs. */
export interface GuardrailMoved {
  readonly from: GuardrailState;
  readonly to: GuardrailState;
  readonly lastError: string | null;
}

export class Guardrail implements RetryPolicy {
  readonly #clock: Clock;
  readonly #onMoved: (moved: GuardrailMoved) => void;
  #breaker: Breaker;
  /** Wall-clock milliseconds; the machine itself counts monotonic time. */
  #lastFailureAt: number | null = null;
  #sinceMs: number;
  #transitions: readonly BreakerTransition[] = [];

  /** @param saved what the breaker was before the process was started. */
  constructor(
    clock: Clock,
    config: Partial<GuardrailConfig> = {},
    onMoved: (moved: GuardrailMoved) => void = () => undefined,
    saved?: SavedBreaker,
  ) {
    this.#clock = clock;
    this.#onMoved = onMoved;
    this.#sinceMs = saved?.since_ms ?? clock.now();
    this.#breaker = saved === undefined ? closedBreaker(config) : restored(saved, config, clock);
    if (saved === undefined) return;
    this.#lastFailureAt = saved.last_failure_at_ms;
    this.#transitions = saved.transitions;
  }

  get state(): GuardrailState {
    return this.#breaker.value;
  }

  attempt(): number {
    const at = this.#clock.monotonic();
    this.#send({ type: "ATTEMPT", at });
    if (this.state === "isolated") return ISOLATED_ASK_MS;
    return Math.max(0, (this.#breaker.context.openUntil ?? at) - at);
  }

  succeeded(): void {
    if (this.state === "closed" && this.#breaker.context.consecutive === 0) return;
    this.#send({ type: "SUCCESS" });
  }

  failed(error: string): number {
    this.#lastFailureAt = this.#clock.now();
    this.#send({ type: "FAILURE", at: this.#clock.monotonic(), error });
    return this.#breaker.context.lastBackoffMs;
  }

  snapshot(): GuardrailView {
    const { context } = this.#breaker;
    const { config } = context;
    const now = this.#clock.monotonic();
    return {
      enabled: true,
      state: this.state === "isolated" ? "open" : this.state,
      window_failures: inWindow(context, now).length,
      consecutive_failures: context.consecutive,
      last_failure_at: this.#lastFailureAt === null ? null : this.#lastFailureAt / 1000,
      last_error: context.lastError,
      last_backoff_s: context.lastBackoffMs / 1000,
      next_retry_in_s: Math.max(0, (context.openUntil ?? now) - now) / 1000,
      config: {
        crash_budget: config.crashBudget,
        budget_window_s: config.budgetWindowMs / 1000,
        backoff_initial_s: config.backoffInitialMs / 1000,
        backoff_max_s: config.backoffMaxMs / 1000,
        open_cooldown_s: config.openCooldownMs / 1000,
      },
    };
  }

  /** The breaker as operators see it. */
  visible(kind: BreakerKind, name: string): VisibleBreaker {
    return {
      kind,
      name,
      view: () => this.#view(kind, name),
      isolate: () => this.#send({ type: "ISOLATE" }),
      reset: () => this.#send({ type: "RESET" }),
      saved: () => this.#saved(),
    };
  }

  #view(kind: BreakerKind, name: string): BreakerView {
    const { context } = this.#breaker;
    const now = this.#clock.monotonic();
    const { state } = this;
    return {
      kind,
      name,
      state,
      since_ms: this.#sinceMs,
      in_state_ms: Math.max(0, this.#clock.now() - this.#sinceMs),
      failures_in_window: inWindow(context, now).length,
      last_error: context.lastError,
      next_attempt_in_ms: state === "isolated" ? null : Math.max(0, (context.openUntil ?? now) - now),
      transitions: this.#transitions,
    };
  }

  #saved(): SavedBreaker {
    const { failures, consecutive, lastError, openUntil, lastBackoffMs } = this.#breaker.context;
    const wall = (at: number): number => at - this.#clock.monotonic() + this.#clock.now();
    return {
      state: this.state,
      since_ms: this.#sinceMs,
      failures_ms: failures.map(wall),
      consecutive,
      last_error: lastError,
      last_failure_at_ms: this.#lastFailureAt,
      open_until_ms: openUntil === null ? null : wall(openUntil),
      last_backoff_ms: lastBackoffMs,
      transitions: [...this.#transitions],
    };
  }

  #send(event: GuardrailEvent): void {
    const from = this.state;
    this.#breaker = moved(this.#breaker, event);
    const to = this.state;
    if (to === from) return;
    this.#sinceMs = this.#clock.now();
    this.#transitions = withTransition(this.#transitions, { at_ms: this.#sinceMs, from, to });
    this.#onMoved({ from, to, lastError: this.#breaker.context.lastError });
  }
}

/** How soon a loop asks again whose breaker is held open by hand. */
const ISOLATED_ASK_MS = 1_000;

/** The breaker that was saved, on this process's monotonic clock. */
function restored(saved: SavedBreaker, config: Partial<GuardrailConfig>, clock: Clock): Breaker {
  const monotonic = (at: number): number => at - clock.now() + clock.monotonic();
  const remembered = {
    failures: saved.failures_ms.map(monotonic),
    consecutive: saved.consecutive,
    lastError: saved.last_error,
    openUntil: saved.open_until_ms === null ? null : monotonic(saved.open_until_ms),
    lastBackoffMs: saved.last_backoff_ms,
  };
  return breakerIn(saved.state, remembered, config);
}

/** The pause of a loop without a breaker. */
export const FIXED_PAUSE_MS = 2_000;

/** Always the same pause, no memory: what the switch's state 0 means. */
export const fixedPause: RetryPolicy = {
  attempt: () => 0,
  succeeded: () => undefined,
  failed: () => FIXED_PAUSE_MS,
  snapshot: () => null,
};
