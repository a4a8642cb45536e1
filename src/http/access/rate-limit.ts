/** A token bucket per key: a bound on how often something may be done, with room for a burst. */
import type { Clock } from "../../clock/clock.js";

/** So many seconds' worth may be spent at once. */
export const BURST_S = 20;

/** Keys that are remembered; beyond it the one that has been quiet for longest begins anew. */
export const MAX_BUCKETS = 10_000;

interface Bucket {
  /** How much was left when one was last taken. */
  readonly left: number;
  /** When that was, by the monotonic clock. */
  readonly atMs: number;
}

export class RateLimit {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** Least lately asked first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Takes one of a key's bucket. @returns 0, or in how many seconds, rounded up, there will be one again. */
  take(key: string): number {
    const burst = this.#perSecond * BURST_S;
    const nowMs = this.#clock.monotonic();
    const before = this.#buckets.get(key) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, before.left + ((nowMs - before.atMs) / 1_000) * this.#perSecond);
    this.#buckets.delete(key);
    this.#buckets.set(key, left >= 1 ? { left: left - 1, atMs: nowMs } : before);
    if (this.#buckets.size > MAX_BUCKETS) this.#forgetOne();
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#perSecond);
  }

  #forgetOne(): void {
    const [quietest] = this.#buckets.keys();
    if (quietest !== undefined) this.#buckets.delete(quietest);
  }
}
