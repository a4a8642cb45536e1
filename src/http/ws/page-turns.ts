/**
 * Pages of catch-up, one in a turn of the event loop: however many clients come back at one moment, what else is to be done waits
 * for one page and not for one of each.
 */
import type { Clock } from "../../clock/clock.js";

export class PageTurns {
  readonly #clock: Pick<Clock, "immediate">;
  /** Longest waiting first; no more than there are subscriptions. */
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  constructor(clock: Pick<Clock, "immediate">) {
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn: at once when nobody has had this one. */
  take(): Promise<void> {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#begin();
    return Promise.resolve();
  }

  #begin(): void {
    this.#isTaken = true;
    this.#clock.immediate(() => {
      this.#isTaken = false;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#begin();
      next();
    });
  }
}
