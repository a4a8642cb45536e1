/** When an endpoint may dial: breaker, backoff, attempt budget, and what the exchange demands. Feed bounds: B4, B9, B15. */
import type { Clock } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { RetryPolicy } from "../breaker/retry-policy.js";
import type { AttemptBudget } from "./attempt-budget.js";

/** A backoff is lengthened by up to this part of it at random, so that daemons cut together do not return together. */
const BACKOFF_JITTER = 0.1;

export class DialGate {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #retry: RetryPolicy;
  readonly #budget: AttemptBudget;
  /** Monotonic milliseconds: no attempt before, because one failed, or because the exchange said so. */
  #backoffUntilMs = Number.NEGATIVE_INFINITY;
  #refusedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: Random, retry: RetryPolicy, budget: AttemptBudget) {
    this.#clock = clock;
    this.#random = random;
    this.#retry = retry;
    this.#budget = budget;
  }

  /**
   * Asks for leave to dial. @returns milliseconds to wait; 0 to go ahead.
   * @param announced the exchange itself has asked for another connection: no failure is to be waited out.
   */
  waitMs(announced: boolean): number {
    const now = this.#clock.monotonic();
    const backoffUntilMs = announced ? now : this.#backoffUntilMs;
    const waitMs = Math.max(0, backoffUntilMs - now, this.#refusedUntilMs - now, this.#budget.waitMs(now));
    // The breaker is asked last: its leave to probe is given once.
    return waitMs > 0 || announced ? waitMs : this.#retry.attempt();
  }

  /** An attempt is being made. */
  dialed(): void {
    this.#budget.note(this.#clock.monotonic());
  }

  /**
   * An attempt failed, or a connection was lost.
   * @param refusedMs how long the exchange is to be left alone, in milliseconds; 0 if it did not say.
   * @returns milliseconds until the next attempt.
   */
  failed(reason: string, refusedMs: number): number {
    const now = this.#clock.monotonic();
    const backoffMs = this.#retry.failed(reason) * (1 + this.#random() * BACKOFF_JITTER);
    this.#backoffUntilMs = now + backoffMs;
    this.#refusedUntilMs = Math.max(this.#refusedUntilMs, now + refusedMs);
    return Math.max(backoffMs, refusedMs);
  }
}
