/** How often something that may not help is tried again: after ever longer waits, until it was not needed for long. Pure. */

/** What was not needed for this long begins anew, in milliseconds. */
export const FORGIVEN_AFTER_MS = 45 * 60_000;

/** Times are monotonic milliseconds of the caller's clock. */
export class Pace {
  readonly #waitsMs: readonly number[];
  #neededMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #taken = 0;

  /** @param waitsMs milliseconds after the first time, the second, and so on; the last for every later one. */
  constructor(waitsMs: readonly number[]) {
    this.#waitsMs = waitsMs;
  }

  /** It is needed now. @returns whether it may be done. */
  needed(nowMs: number): boolean {
    if (this.isForgiven(nowMs)) this.#taken = 0;
    this.#neededMs = nowMs;
    return nowMs >= this.#notBeforeMs;
  }

  /** It is being done. */
  taken(nowMs: number): void {
    this.#notBeforeMs = nowMs + (this.#waitsMs[Math.min(this.#taken, this.#waitsMs.length - 1)] ?? 0);
    this.#taken += 1;
  }

  get neededMs(): number {
    return this.#neededMs;
  }

  isForgiven(nowMs: number): boolean {
    return nowMs - this.#neededMs >= FORGIVEN_AFTER_MS;
  }
}
