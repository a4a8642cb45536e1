/**
 * One client of `/ws/market`: handles its messages one at a time, holds its subscriptions, and gives everything back
 * when it goes. Spec: ws-api §2.
 */
import type { WebSocket } from "ws";
import { encodeError, type Frame } from "../../actors/publisher/messages.js";
import type { Subscriber, Subscription } from "../../actors/publisher/subscription.js";
import { errorText } from "../../actors/runtime/errors.js";
import type { SeriesId } from "../../market/series-id.js";
import type { HttpContext } from "../context.js";
import { type ClientMessage, parseClientMessage, seriesNamed } from "./client-message.js";
import { Outbox } from "./outbox.js";
import type { PageTurns } from "./page-turns.js";

/** Messages that may wait; beyond it the socket is not read until they are handled. */
const MAX_WAITING_MESSAGES = 64;

/** Series that one connection may follow. */
const MAX_SUBSCRIPTIONS = 1_000;

const CLOSE_INTERNAL_ERROR = 1011;
const CLOSE_SLOW_CONSUMER = 1013;

type Subscribe = Extract<ClientMessage, { type: "subscribe" }>;

interface Held {
  readonly subscription: Subscription;
  /** This connection is counted on the series' job. */
  readonly counted: boolean;
}

export class MarketClient implements Subscriber {
  readonly #socket: WebSocket;
  readonly #context: HttpContext;
  readonly #turns: PageTurns;
  readonly #outbox: Outbox;
  readonly #subscriptions = new Map<string, Held>();
  readonly #waiting: ClientMessage[] = [];
  #handling = false;
  #gone = false;

  /** @param turns that all clients of the server share. */
  constructor(socket: WebSocket, context: HttpContext, turns: PageTurns) {
    this.#socket = socket;
    this.#context = context;
    this.#turns = turns;
    this.#outbox = new Outbox(socket, () => this.#tooSlow());
  }

  send(frame: Frame): void {
    this.#outbox.send(frame);
  }

  async room(): Promise<boolean> {
    if (!(await this.#outbox.room())) return false;
    await this.#turns.take();
    return !this.#gone;
  }

  failed(error: unknown): void {
    this.#context.log.error("ws.subscription_failed", { error: errorText(error) });
    this.#socket.close(CLOSE_INTERNAL_ERROR, "internal_error");
    this.gone();
  }

  received(data: Buffer, isBinary: boolean): void {
    this.#waiting.push(parseClientMessage(isBinary ? undefined : data.toString("utf8")));
    if (this.#waiting.length >= MAX_WAITING_MESSAGES) this.#socket.pause();
    if (!this.#handling) void this.#handleAll();
  }

  /** The connection has ended: nothing is sent any more, and every reference is given back, whatever fails. */
  gone(): void {
    if (this.#gone) return;
    this.#gone = true;
    const { metrics } = this.#context;
    this.#outbox.close();
    metrics.count("market_ws_disconnect_cleanup_total");
    metrics.gauge("market_ws_disconnect_cleanup_series_count", this.#subscriptions.size);
    for (const [seriesId, held] of [...this.#subscriptions]) {
      metrics.count("market_ws_disconnect_unsubscribe_total", { result: this.#gaveBack(seriesId, held) });
    }
  }

  /** What fails for one series is no reason to keep the others. */
  #gaveBack(seriesId: string, held: Held): "ok" | "error" {
    try {
      this.#drop(seriesId, held);
      return "ok";
    } catch (error) {
      this.#context.log.error("ws.unsubscribe_failed", { series_id: seriesId, error: errorText(error) });
      return "error";
    }
  }

  async #handleAll(): Promise<void> {
    this.#handling = true;
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      if (this.#waiting.length < MAX_WAITING_MESSAGES && this.#socket.isPaused) this.#socket.resume();
      try {
        await this.#handle(message);
      } catch (error) {
        this.#context.log.error("ws.message_failed", { error: errorText(error) });
        this.#socket.close(CLOSE_INTERNAL_ERROR, "internal_error");
      }
      if (this.#gone) break;
    }
    this.#handling = false;
  }

  async #handle(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case "nothing":
        return;
      case "bad_request":
        this.send(encodeError("bad_request", message.message));
        return;
      case "unsubscribe":
        this.#unsubscribe(message.seriesId);
        return;
      case "subscribe":
        await this.#subscribe(message);
        return;
    }
  }

  async #subscribe(message: Subscribe): Promise<void> {
    const { seriesId } = message;
    const { runtime, metrics, clock } = this.#context;
    const startedMs = clock.monotonic();
    const before = this.#subscriptions.get(seriesId);
    if (before === undefined && this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      this.send(encodeError("bad_request", `too many subscriptions: at most ${MAX_SUBSCRIPTIONS} on one connection`));
      return;
    }
    const counted = runtime.onDemandIngest;
    if (counted && before === undefined && !runtime.hold(seriesId)) {
      this.#refuse(seriesId, startedMs);
      return;
    }
    const id = seriesNamed(seriesId);
    if (id === undefined) {
      this.send(encodeError("bad_request", "invalid series_id"));
      return;
    }
    if (before !== undefined) runtime.unsubscribe(before.subscription);
    const subscription = await this.#register(id, message, { counted, startedMs });
    if (subscription === undefined) return;
    const sent = await subscription.catchUp();
    metrics.count("market_ws_subscribe_total", { result: "ok" });
    metrics.time("market_ws_subscribe_duration_ms", clock.monotonic() - startedMs, { result: "ok" });
    metrics.gauge("market_ws_last_catchup_count", sent.candles);
    metrics.count("market_ws_catchup_candles_total", {}, sent.candles);
    metrics.gauge("market_ws_last_payload_count", sent.messages);
    metrics.count("market_ws_payloads_total", {}, sent.messages);
  }

  /** @returns undefined when the series cannot be followed, or the client has gone meanwhile. */
  async #register(
    id: SeriesId,
    { since, batches, gaps }: Subscribe,
    { counted, startedMs }: { readonly counted: boolean; readonly startedMs: number },
  ): Promise<Subscription | undefined> {
    const { runtime, metrics } = this.#context;
    const seriesId = id.text;
    let subscription: Subscription;
    try {
      subscription = await runtime.subscribe({ id, since, batches, gaps, subscriber: this });
    } catch {
      if (counted) runtime.release(seriesId);
      if (this.#subscriptions.delete(seriesId)) metrics.adjust("market_ws_active_subscriptions", -1);
      this.#refuse(seriesId, startedMs);
      return undefined;
    }
    const held = { subscription, counted };
    if (this.#gone) {
      this.#drop(seriesId, held);
      return undefined;
    }
    if (!this.#subscriptions.has(seriesId)) metrics.adjust("market_ws_active_subscriptions", 1);
    this.#subscriptions.set(seriesId, held);
    return subscription;
  }

  #unsubscribe(seriesId: string): void {
    const { metrics, clock } = this.#context;
    const startedMs = clock.monotonic();
    const held = this.#subscriptions.get(seriesId);
    if (held !== undefined) this.#drop(seriesId, held);
    const result = held === undefined ? "noop" : "ok";
    metrics.count("market_ws_unsubscribe_total", { result });
    metrics.time("market_ws_unsubscribe_duration_ms", clock.monotonic() - startedMs, { result });
  }

  #drop(seriesId: string, { subscription, counted }: Held): void {
    const { runtime, metrics } = this.#context;
    if (this.#subscriptions.delete(seriesId)) metrics.adjust("market_ws_active_subscriptions", -1);
    runtime.unsubscribe(subscription);
    if (counted) runtime.release(seriesId);
  }

  #refuse(seriesId: string, startedMs: number): void {
    const { metrics, clock } = this.#context;
    metrics.count("market_ws_subscribe_total", { result: "capacity" });
    metrics.time("market_ws_subscribe_duration_ms", clock.monotonic() - startedMs, { result: "capacity" });
    this.send(encodeError("capacity", "ondemand_ingest_capacity", seriesId));
  }

  #tooSlow(): void {
    this.#context.log.warn("ws.slow_consumer", { subscriptions: this.#subscriptions.size });
    this.#socket.close(CLOSE_SLOW_CONSUMER, "slow_consumer");
    this.gone();
  }
}
