/** How often a client may have something done that costs the exchange: once in a while per key. Spec: http-api §3.6. */
import type { Clock } from "../clock/clock.js";

/** Between two times of one key, in milliseconds. */
export const FORCE_INTERVAL_MS = 2_000;

/** Keys of the last interval that are remembered. */
export const MAX_REMEMBERED_KEYS = 10_000;

export class ForceLimiter {
  readonly #clock: Clock;
  /** When each key was let pass, by the monotonic clock; oldest first. */
  readonly #passed = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns false when the key was let pass too lately, or when there are too many keys to tell. */
  pass(key: string): boolean {
    const nowMs = this.#clock.monotonic();
    for (const [known, atMs] of this.#passed) {
      if (nowMs - atMs < FORCE_INTERVAL_MS) break;
      this.#passed.delete(known);
    }
    if (this.#passed.has(key) || this.#passed.size >= MAX_REMEMBERED_KEYS) return false;
    this.#passed.set(key, nowMs);
    return true;
  }
}
