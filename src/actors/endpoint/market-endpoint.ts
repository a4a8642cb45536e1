/**
 * The endpoint of one market of the exchange: the one place that decides when to connect, for all series of the market.
 * Few connections carry many streams; when one is lost, every series on it is told once. Design: §3; feed bounds B3, B4.
 */
import { createActor } from "xstate";
import type { Clock } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import { type ConnectionEnding, endingText, StreamConnection } from "../../exchange/binance/stream-connection.js";
import type { DialStream } from "../../exchange/binance/stream-socket.js";
import type { BinanceMarket } from "../../exchange/binance/urls.js";
import type { KlineMessage, StreamMessage } from "../../exchange/binance/wire.js";
import type { EventLog } from "../../observability/event-log.js";
import type { RetryPolicy } from "../breaker/retry-policy.js";
import type { Attachment, StreamListener } from "../feed/exchange-port.js";
import { AttemptBudget } from "./attempt-budget.js";
import { type DialEvent, dialMachine } from "./dial.machine.js";
import { StreamSlot } from "./stream-slot.js";

/** Streams on one connection; the exchange allows 1024, and once allowed fewer. */
export const MAX_STREAMS_PER_CONNECTION = 800;

/** A backoff is lengthened by up to this part of it at random, so that daemons cut together do not return together. */
const BACKOFF_JITTER = 0.1;

export interface MarketEndpointOptions {
  readonly market: BinanceMarket;
  readonly baseUrl: string;
  /** How sockets are opened; over the network when left out. */
  readonly dial?: DialStream | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  readonly retry: RetryPolicy;
  /** The exchange answered a handshake with something else: how long, in milliseconds, to make no further one. */
  readonly onRefused: (status: number, retryAfter: string | null) => number;
  /** Something here threw: the endpoint cannot be trusted any longer. */
  readonly onFault: (error: unknown) => void;
}

interface Attached {
  readonly stream: string;
  readonly listener: StreamListener;
  /** Undefined while waiting for a connection. */
  slot: StreamSlot | undefined;
  /** The listener knows that the subscription stands. */
  subscribed: boolean;
}

export class MarketEndpoint {
  readonly #options: MarketEndpointOptions;
  readonly #budget = new AttemptBudget();
  readonly #dialer;
  readonly #attached = new Set<Attached>();
  readonly #byStream = new Map<string, Set<Attached>>();
  readonly #slots = new Set<StreamSlot>();
  /** No attempt before this monotonic time, in milliseconds. */
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(options: MarketEndpointOptions) {
    this.#options = options;
    const effects = { gate: () => this.#gate(), dial: () => this.#dial(), wanted: () => this.#waiting().length > 0 };
    this.#dialer = createActor(dialMachine, { input: { effects }, clock: options.clock });
    this.#dialer.subscribe({ error: options.onFault });
    this.#dialer.start();
  }

  /** Connections, and streams on them or waiting for one. */
  get size(): { readonly connections: number; readonly streams: number } {
    return { connections: this.#slots.size, streams: this.#byStream.size };
  }

  attach(stream: string, listener: StreamListener): Attachment {
    const attached: Attached = { stream, listener, slot: undefined, subscribed: false };
    this.#attached.add(attached);
    const sharers = this.#byStream.get(stream) ?? new Set();
    this.#byStream.set(stream, sharers.add(attached));
    this.#place(attached, sharers);
    if (attached.slot === undefined) this.#options.clock.immediate(() => this.#send({ type: "WANTED" }));
    return { detach: () => this.#detach(attached) };
  }

  /** Closes everything. Whoever is attached is told that it is over. */
  stop(reason: string): void {
    this.#send({ type: "STOP" });
    this.#dialer.stop();
    for (const slot of this.#slots) slot.close();
    this.#slots.clear();
    const attached = [...this.#attached];
    this.#attached.clear();
    this.#byStream.clear();
    for (const { listener } of attached) listener.lost(reason);
  }

  #send(event: DialEvent): void {
    if (this.#dialer.getSnapshot().status === "active") this.#dialer.send(event);
  }

  #waiting(): readonly Attached[] {
    return [...this.#attached].filter((attached) => attached.slot === undefined);
  }

  /** Puts a stream on a connection that has it or has room for it. */
  #place(attached: Attached, sharers: ReadonlySet<Attached>): void {
    const shared = [...sharers].find((other) => other.slot !== undefined)?.slot;
    const slot = shared ?? [...this.#slots].find((open) => open.isOpen && open.size < MAX_STREAMS_PER_CONNECTION);
    if (slot === undefined) return;
    attached.slot = slot;
    slot.add(attached.stream);
    if (slot.carries(attached.stream)) this.#options.clock.immediate(() => this.#subscribed(attached));
  }

  #detach(attached: Attached): void {
    if (!this.#attached.delete(attached)) return;
    const sharers = this.#byStream.get(attached.stream);
    sharers?.delete(attached);
    if (sharers?.size !== 0) return;
    this.#byStream.delete(attached.stream);
    attached.slot?.remove(attached.stream);
  }

  #closeIdle(slot: StreamSlot): void {
    this.#slots.delete(slot);
    slot.close();
    this.#options.log.info("connection.closed", { why: "idle" });
  }

  #gate(): number {
    const { clock, retry } = this.#options;
    const now = clock.monotonic();
    const waitMs = Math.max(0, this.#notBeforeMs - now, this.#budget.waitMs(now));
    // The breaker is asked last: its leave to probe is given once.
    return waitMs > 0 ? waitMs : retry.attempt();
  }

  #dial(): void {
    const { market, baseUrl, dial, clock, log } = this.#options;
    this.#budget.note(clock.monotonic());
    const connection = new StreamConnection({
      market,
      baseUrl,
      dial,
      clock,
      onOpen: this.#guarded(() => this.#opened(slot)),
      onMessage: this.#guarded((message) => this.#received(slot, message)),
      onClosed: this.#guarded((ending) => this.#closed(slot, ending)),
    });
    const slot = new StreamSlot(connection, clock, () => this.#closeIdle(slot));
    this.#slots.add(slot);
    log.debug("connection.dialing");
  }

  /** A throw in a handler must not end the process, nor be passed over. */
  #guarded<A extends unknown[]>(handler: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        handler(...args);
      } catch (error) {
        this.#options.onFault(error);
      }
    };
  }

  #opened(slot: StreamSlot): void {
    this.#options.log.info("connection.opened", { streams: this.#byStream.size });
    for (const attached of this.#waiting()) {
      this.#place(attached, this.#byStream.get(attached.stream) ?? new Set());
    }
    slot.watchIdle();
    this.#send({ type: "OPENED" });
  }

  #closed(slot: StreamSlot, ending: ConnectionEnding): void {
    const { clock, random, retry, log, onRefused } = this.#options;
    this.#slots.delete(slot);
    slot.close();
    const reason = endingText(ending);
    const backoffMs = retry.failed(reason) * (1 + random() * BACKOFF_JITTER);
    const refusedMs = ending.type === "refused" ? onRefused(ending.status, ending.retryAfter) : 0;
    const retryInMs = Math.max(backoffMs, refusedMs);
    this.#notBeforeMs = clock.monotonic() + retryInMs;
    const affected = [...this.#attached].filter(
      (attached) => attached.slot === slot || (attached.slot === undefined && ending.type !== "dropped"),
    );
    log.warn(ending.type === "dropped" ? "connection.lost" : "exchange.unreachable", {
      reason,
      series: affected.length,
      retry_in_s: retryInMs / 1000,
    });
    for (const attached of affected) this.#lose(attached, reason);
    if (ending.type !== "dropped") this.#send({ type: "ENDED" });
  }

  #lose(attached: Attached, reason: string): void {
    attached.slot = undefined;
    this.#detach(attached);
    attached.listener.lost(reason);
  }

  #received(slot: StreamSlot, message: StreamMessage): void {
    const { log } = this.#options;
    switch (message.type) {
      case "kline":
        this.#kline(slot, message);
        return;
      case "reply":
        this.#answered(slot, slot.answered(message.id, message.error !== null), message.error?.msg);
        return;
      case "shutdown":
        log.warn("connection.shutdown_announced");
        return;
      case "error":
        log.warn("exchange.error_received", { code: message.code, text: message.msg });
        return;
      case "ignored":
        log.debug("frame.ignored", { reason: message.reason, detail: message.detail });
        return;
    }
  }

  #kline(slot: StreamSlot, message: KlineMessage): void {
    const sharers = this.#byStream.get(message.stream);
    if (sharers === undefined) return;
    if (!slot.proven) {
      slot.proven = true;
      this.#options.retry.succeeded();
    }
    const { candle, final } = message;
    const eventTimeMs = message.eventTimeMs ?? this.#options.clock.now();
    for (const attached of [...sharers]) {
      // Data is a better proof than an acknowledgement, which may be missing.
      this.#subscribed(attached);
      attached.listener.kline({ candle, final, eventTimeMs });
    }
  }

  #subscribed(attached: Attached): void {
    if (attached.subscribed || !this.#attached.has(attached)) return;
    attached.subscribed = true;
    attached.listener.subscribed();
  }

  #answered(slot: StreamSlot, streams: readonly string[], refusal: string | undefined): void {
    for (const stream of streams) {
      for (const attached of [...(this.#byStream.get(stream) ?? [])]) {
        if (refusal === undefined) this.#subscribed(attached);
        else this.#lose(attached, `subscription refused: ${refusal}`);
      }
      if (refusal !== undefined) slot.remove(stream);
    }
  }
}
