/** A strict limit on events within any window of time: no bucket, no credit for idle time. */
export class RollingWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  /** Times of the admitted events that may still count, ascending; never more than the limit. */
  readonly #admitted: number[] = [];

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Admits an event at `nowMs`, or answers how many milliseconds later one would be admitted. */
  admit(nowMs: number): { readonly admitted: true } | { readonly admitted: false; readonly waitMs: number } {
    const horizonMs = nowMs - this.#windowMs;
    while ((this.#admitted[0] ?? nowMs) <= horizonMs) this.#admitted.shift();
    const oldestMs = this.#admitted[0] ?? nowMs;
    if (this.#admitted.length >= this.#limit) return { admitted: false, waitMs: oldestMs - horizonMs };
    this.#admitted.push(nowMs);
    return { admitted: true };
  }
}
