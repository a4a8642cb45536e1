/**
 * The subscriptions of one series and what was last published to them. It outlives the publisher's incarnations, so a
 * restarted publisher knows what its predecessor did not get out. Spec: ws-api §2.3–2.6.
 */
import { type Clock, nextTurn } from "../../clock/clock.js";
import type { EventLog } from "../../observability/event-log.js";
import { errorText } from "../runtime/errors.js";
import { Publication, type PublicationContent } from "./publication.js";
import type { Subscription } from "./subscription.js";

/** Subscribers that are served in one turn of the event loop before others get theirs. */
const SUBSCRIBERS_PER_TURN = 256;

export class Topic {
  readonly series: string;
  readonly #clock: Clock;
  readonly #log: EventLog;
  readonly #subscriptions = new Set<Subscription>();
  #publishedTime: number | null = null;

  constructor(series: string, clock: Clock, log: EventLog) {
    this.series = series;
    this.#clock = clock;
    this.#log = log;
  }

  get size(): number {
    return this.#subscriptions.size;
  }

  /** Time in seconds of the newest closed candle that was published; null before the first. */
  get publishedTime(): number | null {
    return this.#publishedTime;
  }

  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
  }

  remove(subscription: Subscription): void {
    subscription.close();
    this.#subscriptions.delete(subscription);
  }

  /** Offers a publication to every subscriber. Resolves (or returns) when all of them have been offered it. */
  publish(content: PublicationContent): void | Promise<void> {
    const publication = new Publication(this.series, content);
    const offered =
      this.#subscriptions.size <= SUBSCRIBERS_PER_TURN ? this.#offer(publication) : this.#offerInTurns(publication);
    if (content.type !== "closed") return offered;
    const newest = content.candles.at(-1)?.time ?? null;
    if (newest !== null) this.#publishedTime = Math.max(this.#publishedTime ?? newest, newest);
    return offered;
  }

  #offer(publication: Publication): void {
    for (const subscription of this.#subscriptions) this.#offerOne(subscription, publication);
  }

  async #offerInTurns(publication: Publication): Promise<void> {
    let inTurn = 0;
    for (const subscription of [...this.#subscriptions]) {
      this.#offerOne(subscription, publication);
      inTurn += 1;
      if (inTurn % SUBSCRIBERS_PER_TURN === 0) await nextTurn(this.#clock);
    }
  }

  /** A subscription that fails ends, and its client is told; the others and the publication go on. */
  #offerOne(subscription: Subscription, publication: Publication): void {
    try {
      subscription.offer(publication);
    } catch (error) {
      this.#log.error("subscription.failed", { error: errorText(error) });
      subscription.fail(error);
      this.remove(subscription);
    }
  }
}
