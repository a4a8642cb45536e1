/** Watches the daemon's log for what must never happen: a crashed actor, and a breaker that leaves its chart. */
import type { LogFields } from "../observability/event-log.js";

/** Events that tell of a defect, whatever the exchange, the network or the disk did. */
const DEFECTS: ReadonlySet<string> = new Set([
  "actor.crashed",
  "actor.suspended",
  "series.crashed",
  "series.suspended",
  "link.failed",
  "subscription.failed",
  "mailbox.full",
  "candles.publish_failed",
]);

/** Where a breaker may go from each state. Spec: ingest §4.7. */
const BREAKER_CHART: Readonly<Record<string, readonly string[]>> = {
  closed: ["open"],
  open: ["half_open", "closed"],
  half_open: ["closed", "open"],
};

const BREAKER_EVENTS: Readonly<Record<string, string>> = {
  "breaker.opened": "open",
  "breaker.half_opened": "half_open",
  "breaker.closed": "closed",
};

export class LogWitness {
  readonly defects: string[] = [];
  readonly breakerMoves: string[] = [];
  /**
   * State of each breaker by its owner; in a new life it is what is on disk, which the first move tells. So it is after a
   * job has ended: its feed may still move the old breaker while it drains, when another job has begun with a new one.
   */
  readonly #breakers = new Map<string, string>();

  lifeBegan(): void {
    this.#breakers.clear();
  }

  /** @param atMs the world's time, Unix ms. */
  heard(event: string, fields: LogFields, atMs: number): void {
    if (DEFECTS.has(event)) this.defects.push(`${event} at ${atMs}: ${JSON.stringify(fields)}`);
    if (event === "job.ended") this.#breakers.delete(`series ${fields.series_id}`);
    const to = BREAKER_EVENTS[event];
    if (to !== undefined) this.#moved(`${fields.breaker} ${fields.name}`, `${fields.from}`, to, atMs);
  }

  #moved(owner: string, from: string, to: string, atMs: number): void {
    const before = this.#breakers.get(owner) ?? from;
    this.#breakers.set(owner, to);
    const isLegal = before === from && BREAKER_CHART[from]?.includes(to) === true;
    if (!isLegal) this.breakerMoves.push(`${owner}: ${before} → (from ${from}) ${to} at ${atMs}`);
  }
}
