/**
 * Carries out what is due about streams and connections that do not bring what they should: a stream is asked for again,
 * a connection renewed. F01-F03, F23; feed bound B11.
 */
import type { Clock } from "../../clock/clock.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Attached, Attachments } from "./attachments.js";
import type { Renewals } from "./renewals.js";
import type { StreamSlot } from "./stream-slot.js";
import { Suspicions } from "./suspicions.js";

export interface ConnectionWatchOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly attachments: Attachments;
  readonly renewals: Renewals;
  /** The exchange's clock shows at least this, in Unix milliseconds; undefined while it is not known. */
  readonly earliestNowMs: () => number | undefined;
}

export class ConnectionWatch {
  readonly #options: ConnectionWatchOptions;
  readonly #suspicions = new Suspicions();

  constructor(options: ConnectionWatchOptions) {
    this.#options = options;
  }

  /** There is proof against a stream. While its connection is being renewed, what can be done is being done. */
  suspect({ stream, slot }: Attached, why: string): void {
    const { clock, log, attachments, renewals } = this.#options;
    if (slot === undefined || renewals.partOf(slot) !== undefined) return;
    const verdict = this.#suspicions.suspect(stream, slot.delivered, clock.monotonic());
    log.warn("stream.suspected", { stream, why, connection: slot.id, answer: verdict });
    if (verdict === "renew") renewals.request(slot, "stalled");
    if (verdict !== "resubscribe") return;
    slot.resubscribe(stream);
    for (const attached of attachments.of(stream)) attached.subscribed = false;
  }

  /** A stream has brought something. @param eventTimeMs when the exchange says that it sent it; null if it does not. */
  heard(slot: StreamSlot, stream: string, eventTimeMs: number | null): void {
    const { clock, log, renewals, earliestNowMs } = this.#options;
    const now = clock.monotonic();
    slot.heard(stream, now);
    const exchangeNow = earliestNowMs();
    if (eventTimeMs === null || exchangeNow === undefined) return;
    const lagMs = exchangeNow - eventTimeMs;
    if (!slot.lag.heard(lagMs, now) || renewals.partOf(slot) !== undefined) return;
    if (this.#suspicions.lagging(now) === "nothing") return;
    log.warn("connection.lagging", { connection: slot.id, lag_ms: Math.round(lagMs) });
    renewals.request(slot, "lag");
  }
}
