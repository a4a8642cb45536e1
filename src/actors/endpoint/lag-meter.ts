/** How far behind the exchange's clock the messages of one connection are, pure. F22, F23. */

/** A connection whose messages are further behind than this, all of them, ... */
export const LAG_LIMIT_MS = 10_000;

/** ... for this long, brings old data. Milliseconds. */
export const LAG_LASTS_MS = 30_000;

/** Times are monotonic milliseconds of the caller's clock. */
export class LagMeter {
  #lagMs: number | null = null;
  #behindSinceMs: number | undefined;

  /** How old the last message was at least, in milliseconds; null before the first. */
  get lagMs(): number | null {
    return this.#lagMs;
  }

  /** A message has come. @returns whether the connection brings old data. */
  heard(lagMs: number, nowMs: number): boolean {
    this.#lagMs = lagMs;
    if (lagMs <= LAG_LIMIT_MS) this.#behindSinceMs = undefined;
    else this.#behindSinceMs ??= nowMs;
    return this.#behindSinceMs !== undefined && nowMs - this.#behindSinceMs >= LAG_LASTS_MS;
  }

  /** This process was late itself: what waited here is not the connection's fault. */
  excuse(): void {
    this.#behindSinceMs = undefined;
  }
}
