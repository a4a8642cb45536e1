/**
 * What is done about streams that do not bring what the exchange has, pure: asked for again once, then the connection is
 * renewed, then ever more rarely, because a stream that cannot be had must not cost the others anything. A connection of
 * which no stream is alive is renewed at once. F01-F03, F33; feed bounds: B11, B12.
 */

import { Pace } from "./pace.js";

export type SuspicionVerdict = "nothing" | "resubscribe" | "renew";

const MINUTE_MS = 60_000;

/** Between renewals for the sake of one stream, in milliseconds: after the first, the second, and every later one. */
export const STREAM_WAITS_MS = [10 * MINUTE_MS, 20 * MINUTE_MS, 40 * MINUTE_MS] as const;

/** Between renewals of connections that brought nothing at all, likewise. */
export const CONNECTION_WAITS_MS = [2 * MINUTE_MS, 5 * MINUTE_MS, ...STREAM_WAITS_MS] as const;

/** Least time between two renewals for the sake of streams, whichever they are, in milliseconds. */
export const RENEWAL_GAP_MS = 2 * MINUTE_MS;

/** A stream that brought anything this shortly before the proof is not dead, whatever it left out. Milliseconds. */
const ALIVE_MS = 10_000;

/** Times are monotonic milliseconds of the caller's clock. One for all connections of a market. */
export class Suspicions {
  readonly #streams = new Map<string, Pace>();
  readonly #dead = new Pace(CONNECTION_WAITS_MS);
  readonly #lagging = new Pace(CONNECTION_WAITS_MS);
  #renewedMs = Number.NEGATIVE_INFINITY;

  /**
   * There is proof against a stream.
   * @param delivered when each stream that has brought anything on this connection did so last.
   */
  suspect(stream: string, delivered: ReadonlyMap<string, number>, nowMs: number): SuspicionVerdict {
    for (const [one, pace] of this.#streams) if (pace.isForgiven(nowMs)) this.#streams.delete(one);
    const known = this.#streams.get(stream);
    const pace = known ?? new Pace(STREAM_WAITS_MS);
    this.#streams.set(stream, pace);
    const mayRenew = pace.needed(nowMs) && nowMs - this.#renewedMs >= RENEWAL_GAP_MS;
    const isDead = [...delivered].every(([one, atMs]) => this.#isDead(one, atMs));
    if (isDead && this.#dead.needed(nowMs)) {
      this.#dead.taken(nowMs);
      return this.#renew(nowMs);
    }
    if (known === undefined) return "resubscribe";
    return mayRenew ? this.#renew(nowMs) : "nothing";
  }

  /** What a connection brings is old. */
  lagging(nowMs: number): SuspicionVerdict {
    if (!this.#lagging.needed(nowMs)) return "nothing";
    this.#lagging.taken(nowMs);
    return "renew";
  }

  #isDead(stream: string, deliveredMs: number): boolean {
    return (this.#streams.get(stream)?.neededMs ?? Number.NEGATIVE_INFINITY) - deliveredMs >= ALIVE_MS;
  }

  /** All that are suspect have their chance on the new connection. */
  #renew(nowMs: number): SuspicionVerdict {
    this.#renewedMs = nowMs;
    for (const pace of this.#streams.values()) pace.taken(nowMs);
    return "renew";
  }
}
