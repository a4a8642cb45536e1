/**
 * What is done about streams that do not bring what the exchange has, pure: asked for again once, then the connection is
 * renewed, then ever more rarely, because a stream that cannot be had must not cost the others anything. A connection of
 * which no stream is alive is renewed at once. F01-F03, F33; feed bounds: B11, B12.
 */

export type SuspicionVerdict = "nothing" | "resubscribe" | "renew";

const MINUTE_MS = 60_000;

/** Between renewals for the sake of one stream, in milliseconds: after the first, the second, and every later one. */
export const STREAM_WAITS_MS = [10 * MINUTE_MS, 20 * MINUTE_MS, 40 * MINUTE_MS] as const;

/** Between renewals of connections that brought nothing at all, likewise. */
export const CONNECTION_WAITS_MS = [2 * MINUTE_MS, 5 * MINUTE_MS, ...STREAM_WAITS_MS] as const;

/** Least time between two renewals for the sake of streams, whichever they are, in milliseconds. */
export const RENEWAL_GAP_MS = 2 * MINUTE_MS;

/** A stream or a connection against which there was no proof for this long begins anew, in milliseconds. */
export const FORGIVEN_AFTER_MS = 45 * MINUTE_MS;

/** A stream that brought anything this shortly before the proof is not dead, whatever it left out. Milliseconds. */
const ALIVE_MS = 10_000;

interface Record {
  /** When there was proof last. */
  provenMs: number;
  /** Renewals while it was suspect. */
  renewals: number;
  /** No renewal for its sake before. */
  notBeforeMs: number;
}

/** Times are monotonic milliseconds of the caller's clock. One for all connections of a market. */
export class Suspicions {
  readonly #records = new Map<string, Record>();
  #connection: Record = { provenMs: Number.NEGATIVE_INFINITY, renewals: 0, notBeforeMs: Number.NEGATIVE_INFINITY };
  #renewedMs = Number.NEGATIVE_INFINITY;

  /**
   * There is proof against a stream.
   * @param delivered when each stream that has brought anything on this connection did so last.
   */
  suspect(stream: string, delivered: ReadonlyMap<string, number>, nowMs: number): SuspicionVerdict {
    this.#forgive(nowMs);
    const known = this.#records.get(stream);
    const record = known ?? { provenMs: nowMs, renewals: 0, notBeforeMs: nowMs };
    record.provenMs = nowMs;
    this.#records.set(stream, record);
    const isDead = [...delivered].every(([one, atMs]) => this.#isDead(one, atMs));
    if (isDead && nowMs >= this.#connection.notBeforeMs) {
      this.#connection = renewedOnce({ ...this.#connection, provenMs: nowMs }, CONNECTION_WAITS_MS, nowMs);
      return this.#renew(nowMs);
    }
    if (known === undefined) return "resubscribe";
    return nowMs >= record.notBeforeMs && nowMs - this.#renewedMs >= RENEWAL_GAP_MS ? this.#renew(nowMs) : "nothing";
  }

  #isDead(stream: string, deliveredMs: number): boolean {
    return (this.#records.get(stream)?.provenMs ?? Number.NEGATIVE_INFINITY) - deliveredMs >= ALIVE_MS;
  }

  /** All that are suspect have their chance on the new connection. */
  #renew(nowMs: number): SuspicionVerdict {
    this.#renewedMs = nowMs;
    for (const [stream, record] of this.#records) {
      this.#records.set(stream, renewedOnce(record, STREAM_WAITS_MS, nowMs));
    }
    return "renew";
  }

  #forgive(nowMs: number): void {
    for (const [stream, { provenMs }] of this.#records) {
      if (nowMs - provenMs >= FORGIVEN_AFTER_MS) this.#records.delete(stream);
    }
    if (nowMs - this.#connection.provenMs >= FORGIVEN_AFTER_MS) this.#connection.renewals = 0;
  }
}

function renewedOnce(record: Record, waitsMs: readonly number[], nowMs: number): Record {
  const waitMs = waitsMs[Math.min(record.renewals, waitsMs.length - 1)] ?? 0;
  return { ...record, renewals: record.renewals + 1, notBeforeMs: nowMs + waitMs };
}
