/** The subscriptions of one connection to `/ws/market`. */
import { LONGEST_PAUSE_MS } from "./backoff.js";
import { Connection, type ConnectionState } from "./connection.js";
import { type ErrorMessage, readMarketMessage } from "./messages.js";
import type { Platform } from "./platform.js";
import type { Requests } from "./request.js";
import type { Subscription } from "./subscription.js";

/** Series on one connection: a daemon takes no more. */
export const MAX_SERIES = 1_000;

/** What is known of a subscription on the connection as it is now. */
interface Held {
  readonly subscription: Subscription;
  /** Whether anything has come for it. */
  heard: boolean;
  isRefused: boolean;
  /** Until it is asked for again, when it was refused. */
  retry: unknown;
}

export class MarketFeed {
  readonly #platform: Platform;
  readonly #connection: Connection;
  readonly #held = new Map<string, Held>();
  /** Series that have ended on the connection as it is now: what still comes for them is nobody's. */
  readonly #left = new Set<string>();

  /** @throws Error when the platform has no WebSocket. */
  constructor(requests: Requests, platform: Platform) {
    this.#platform = platform;
    this.#connection = new Connection("/ws/market", requests.address, platform, {
      opened: () => this.#subscribeAll(),
      received: (data) => this.#received(data),
      moved: (state) => this.#moved(state),
      ask: () => requests.get("/api/market/whitelist"),
    });
    Promise.resolve().then(() => this.#connection.start());
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** Whether a subscription to the series can be made here: what the old one of two is sent would be taken for the new one's. */
  hasRoomFor(series: string): boolean {
    return !this.#held.has(series) && !this.#left.has(series) && this.#held.size < MAX_SERIES;
  }

  add(subscription: Subscription): void {
    const held: Held = { subscription, heard: false, isRefused: false, retry: undefined };
    this.#held.set(subscription.series, held);
    this.#subscribe(held);
    const { state } = this.#connection;
    // Not before the caller has what it is given.
    Promise.resolve().then(() => {
      if (this.#connection.state === state && this.#holds(held)) subscription.moved(state);
    });
  }

  /** Ends one subscription, and the connection with the last one. */
  remove(subscription: Subscription): void {
    const { series } = subscription;
    const held = this.#held.get(series);
    if (held?.subscription !== subscription) return;
    this.#held.delete(series);
    this.#left.add(series);
    this.#platform.clearTimeout(held.retry);
    this.#connection.send({ type: "unsubscribe", series_id: series });
    subscription.moved({ name: "ended" });
    if (this.isEmpty) this.#connection.end();
    else if (this.#left.size >= MAX_SERIES) this.#connection.renew(`${MAX_SERIES} series have ended on the connection`);
  }

  /** Ends all of them. */
  end(): void {
    for (const { subscription } of [...this.#held.values()]) this.remove(subscription);
  }

  #holds(held: Held): boolean {
    return this.#held.get(held.subscription.series) === held;
  }

  #subscribeAll(): void {
    this.#left.clear();
    for (const held of this.#held.values()) this.#subscribe(held);
  }

  #subscribe(held: Held): void {
    const { series, cursor, gaps } = held.subscription;
    held.heard = false;
    this.#connection.send({
      ...{ type: "subscribe", series_id: series, supports_batch: true },
      ...(cursor === null ? {} : { since: cursor }),
      ...(gaps ? { gaps } : {}),
    });
  }

  #received(data: unknown): void {
    const message = readMarketMessage(data);
    if (message === undefined) return;
    if (message.type === "error") {
      this.#refused(message);
      return;
    }
    const held = this.#held.get(message.series_id);
    if (held === undefined) return;
    held.heard = true;
    if (held.isRefused) {
      held.isRefused = false;
      held.subscription.moved(this.#connection.state);
    }
    held.subscription.take(message);
  }

  /** An error that names no series can be about any of those that nothing has come for. */
  #refused({ message, series_id }: ErrorMessage): void {
    for (const held of [...this.#held.values()]) {
      const isMeant = series_id === undefined ? !held.heard : held.subscription.series === series_id;
      if (!isMeant) continue;
      held.isRefused = true;
      this.#platform.clearTimeout(held.retry);
      held.retry = this.#platform.setTimeout(() => this.#subscribe(held), LONGEST_PAUSE_MS);
      held.subscription.moved({ name: "refused", reason: message, retry_in_ms: LONGEST_PAUSE_MS });
    }
  }

  #moved(state: ConnectionState): void {
    for (const held of [...this.#held.values()]) {
      this.#platform.clearTimeout(held.retry);
      held.isRefused = false;
      held.subscription.moved(state);
    }
  }
}
