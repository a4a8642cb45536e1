/** Connection attempts of one market, in a strict rolling window well below what the exchange allows. Feed: F14, F15. */

/** Attempts in any window; the exchange allows 300. */
export const MAX_ATTEMPTS = 150;
export const ATTEMPT_WINDOW_MS = 5 * 60_000;

export class AttemptBudget {
  /** Monotonic milliseconds, ascending. */
  #attempts: number[] = [];

  /** Milliseconds until an attempt may be made; 0 for now. */
  waitMs(nowMs: number): number {
    this.#attempts = this.#attempts.filter((at) => nowMs - at < ATTEMPT_WINDOW_MS);
    const blocking = this.#attempts.at(-MAX_ATTEMPTS);
    return blocking === undefined ? 0 : blocking + ATTEMPT_WINDOW_MS - nowMs;
  }

  /** Attempts in the window that ends now. */
  used(nowMs: number): number {
    return this.#attempts.filter((at) => nowMs - at < ATTEMPT_WINDOW_MS).length;
  }

  note(nowMs: number): void {
    this.#attempts.push(nowMs);
  }
}
