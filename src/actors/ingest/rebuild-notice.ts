/**
 * Tells followers of a series that its ledgers are not what they were, at most once in a while: candles posted in any
 * order may change them many times in a row. It outlives the incarnations of the actors. Design: C-4.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";

/** Least time between two notices of a series, in milliseconds. */
export const NOTICE_INTERVAL_MS = 1_000;

export class RebuildNotice {
  readonly #clock: Clock;
  readonly #publish: () => Promise<void>;
  #owed = false;
  #givenMs = Number.NEGATIVE_INFINITY;
  #pending: TimerHandle | undefined;

  constructor(clock: Clock, publish: () => Promise<void>) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** There is something to tell, with the next {@link give}: a run that fails tells nothing itself. */
  owe(): void {
    this.#owed = true;
  }

  /** Gives the notice that is owed, now or when the interval is over. Resolves when it was given, or will be. */
  async give(): Promise<void> {
    if (!this.#owed) return;
    this.#owed = false;
    if (this.#pending !== undefined) return;
    const waitMs = this.#givenMs + NOTICE_INTERVAL_MS - this.#clock.monotonic();
    if (waitMs <= 0) {
      this.#givenMs = this.#clock.monotonic();
      await this.#publish();
      return;
    }
    this.#pending = this.#clock.setTimeout(() => {
      this.#pending = undefined;
      this.#givenMs = this.#clock.monotonic();
      // Nobody waits for a notice that comes later; a publisher that fails is restarted by its supervisor.
      this.#publish().catch(() => undefined);
    }, waitMs);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#pending);
    this.#pending = undefined;
  }
}
