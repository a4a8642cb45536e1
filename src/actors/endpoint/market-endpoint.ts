/**
 * The endpoint of one market of the exchange: the one place that decides when to connect, for all series of the market.
 * Few connections carry many streams; when one is lost, every series on it is told once. Design: §3; feed bounds B3, B4.
 */
import { createActor } from "xstate";
import type { Clock } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import { FRAME_WINDOW_MS, FRAMES_PER_WINDOW } from "../../exchange/binance/frame-budget.js";
import { type ConnectionEnding, endingText, StreamConnection } from "../../exchange/binance/stream-connection.js";
import type { DialStream } from "../../exchange/binance/stream-socket.js";
import type { BinanceMarket } from "../../exchange/binance/urls.js";
import type { KlineMessage, StreamMessage } from "../../exchange/binance/wire.js";
import type { EventLog } from "../../observability/event-log.js";
import type { RetryPolicy } from "../breaker/retry-policy.js";
import type { Attachment, StreamBudgets, StreamListener } from "../feed/exchange-port.js";
import type { ConnectionFacts } from "../feed/feed-state.js";
import { type Attached, Attachments } from "./attachments.js";
import { ATTEMPT_WINDOW_MS, type AttemptBudget, MAX_ATTEMPTS } from "./attempt-budget.js";
import { ConnectionWatch } from "./connection-watch.js";
import { type DialEvent, dialMachine } from "./dial.machine.js";
import { DialGate } from "./dial-gate.js";
import { guarded } from "./guarded.js";
import { Renewals } from "./renewals.js";
import { StreamSlot } from "./stream-slot.js";

/** Streams on one connection; the exchange allows 1024, and once allowed fewer. */
export const MAX_STREAMS_PER_CONNECTION = 800;

/** A connection is renewed up to this part of its age earlier, at random: those opened together do not end together. */
const AGE_JITTER = 0.1;

export interface MarketEndpointOptions {
  readonly market: BinanceMarket;
  readonly baseUrl: string;
  /** How sockets are opened; over the network when left out. */
  readonly dial?: DialStream | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  readonly retry: RetryPolicy;
  /** The attempts of the market, those of earlier incarnations too. */
  readonly attempts: AttemptBudget;
  /** The age at which a connection is renewed, in milliseconds. */
  readonly renewAfterMs: number;
  /** The exchange's clock shows at least this, in Unix milliseconds; undefined while it is not known. */
  readonly earliestNowMs: () => number | undefined;
  /** The exchange answered a handshake with something else: how long, in milliseconds, to make no further one. */
  readonly onRefused: (status: number, retryAfter: string | null) => number;
  /** Something here threw: the endpoint cannot be trusted any longer. */
  readonly onFault: (error: unknown) => void;
}

export class MarketEndpoint {
  readonly #options: MarketEndpointOptions;
  readonly #gate: DialGate;
  readonly #dialer;
  readonly #attachments = new Attachments();
  readonly #slots = new Set<StreamSlot>();
  readonly #renewals: Renewals;
  readonly #watch: ConnectionWatch;
  #dialed = 0;

  constructor(options: MarketEndpointOptions) {
    const { clock, random, log, retry, attempts, earliestNowMs, onFault } = options;
    this.#options = options;
    this.#gate = new DialGate(clock, random, retry, attempts);
    this.#renewals = new Renewals({
      clock,
      log,
      dial: () => {
        this.#send({ type: "WANTED" });
        this.#send({ type: "HURRY" });
      },
      move: (old, successor) => this.#move(old, successor),
      moveBack: (successor, old) => {
        this.#move(successor, old);
        // What was attached since is new to the old connection.
        this.#renew(
          successor.streams.filter((stream) => !old.carries(stream)),
          old,
        );
      },
      close: (slot) => this.#close(slot),
      onFault,
    });
    const [attachments, renewals] = [this.#attachments, this.#renewals];
    this.#watch = new ConnectionWatch({ clock, log, attachments, renewals, earliestNowMs });
    const effects = {
      gate: () => this.#gate.waitMs(this.#renewals.announced),
      dial: () => this.#dial(),
      wanted: () => this.#renewals.wantsDial || this.#attachments.on(undefined).length > 0,
    };
    this.#dialer = createActor(dialMachine, { input: { effects }, clock });
    this.#dialer.subscribe({ error: onFault });
    this.#dialer.start();
  }

  /** Connections, and streams on them or waiting for one. */
  get size(): { readonly connections: number; readonly streams: number } {
    return { connections: this.#slots.size, streams: this.#attachments.streams };
  }

  attach(stream: string, listener: StreamListener): Attachment {
    const attached = this.#attachments.add(stream, listener);
    this.#place(attached);
    if (attached.slot === undefined) this.#options.clock.immediate(() => this.#send({ type: "WANTED" }));
    return {
      detach: () => this.#detach(attached),
      suspect: (why) => this.#watch.suspect(attached, why),
      connection: () => (attached.slot === undefined ? null : this.#factsOf(attached.slot)),
    };
  }

  /** What the exchange allows of attempts and frames, and how much of it is used. */
  get budgets(): StreamBudgets {
    const { attempts, clock, market } = this.#options;
    const frames = Math.max(0, ...[...this.#slots].map((slot) => slot.framesInWindow));
    return {
      attempts: { used: attempts.used(clock.monotonic()), limit: MAX_ATTEMPTS, windowMs: ATTEMPT_WINDOW_MS },
      frames: { used: frames, limit: FRAMES_PER_WINDOW[market], windowMs: FRAME_WINDOW_MS },
    };
  }

  get connections(): readonly ConnectionFacts[] {
    return [...this.#slots].map((slot) => this.#factsOf(slot));
  }

  #factsOf(slot: StreamSlot): ConnectionFacts {
    return { ...slot.facts, state: slot.isOpen ? (this.#renewals.partOf(slot) ?? "open") : "dialing" };
  }

  /** This process was late: what its connections brought late may have waited here. */
  excuseLag(): void {
    for (const slot of this.#slots) slot.lag.excuse();
  }

  /** Closes everything. Whoever is attached is told that it is over. */
  stop(reason: string): void {
    this.#send({ type: "STOP" });
    this.#dialer.stop();
    this.#renewals.stop();
    for (const slot of this.#slots) slot.close();
    this.#slots.clear();
    for (const { listener } of this.#attachments.clear()) listener.lost(reason);
  }

  #send(event: DialEvent): void {
    if (this.#dialer.getSnapshot().status === "active") this.#dialer.send(event);
  }

  /** Puts a stream on a connection that has it or has room for it, and is there to stay. */
  #place(attached: Attached): void {
    const { stream } = attached;
    const shared = this.#attachments.of(stream).find(({ slot }) => slot !== undefined)?.slot;
    const slot = shared ?? [...this.#slots].find((open) => this.#hasRoom(open));
    if (slot === undefined) return;
    attached.slot = slot;
    slot.add(stream);
    if (slot.carries(stream)) this.#options.clock.immediate(() => this.#attachments.subscribed(attached));
  }

  #hasRoom(slot: StreamSlot): boolean {
    return slot.isOpen && slot.size < MAX_STREAMS_PER_CONNECTION && this.#renewals.partOf(slot) !== "retiring";
  }

  #detach(attached: Attached): void {
    if (this.#attachments.remove(attached) !== "unwanted") return;
    attached.slot?.remove(attached.stream);
    this.#renewals.removed(attached.stream);
  }

  #dial(): void {
    const { market, baseUrl, dial, clock, random, log, renewAfterMs, onFault } = this.#options;
    this.#gate.dialed();
    this.#renewals.dialed();
    this.#dialed += 1;
    const connection = new StreamConnection({
      market,
      baseUrl,
      dial,
      clock,
      onOpen: guarded(onFault, () => this.#opened(slot)),
      onMessage: guarded(onFault, (message) => this.#received(slot, message)),
      onClosed: guarded(onFault, (ending) => this.#closed(slot, ending)),
    });
    const slot = new StreamSlot({
      id: this.#dialed,
      connection,
      clock,
      onIdle: guarded(onFault, () => this.#idle(slot)),
      maxAgeMs: renewAfterMs * (1 - random() * AGE_JITTER),
      onAged: guarded(onFault, () => this.#renewals.request(slot, "age")),
    });
    this.#slots.add(slot);
    log.debug("connection.dialing", { connection: slot.id });
  }

  #opened(slot: StreamSlot): void {
    this.#options.log.info("connection.opened", { connection: slot.id, streams: this.#attachments.streams });
    this.#renewals.opened(slot);
    for (const attached of this.#attachments.on(undefined)) this.#place(attached);
    slot.opened();
    this.#send({ type: "OPENED" });
  }

  /** Both carry the streams from now on; the second answers for them. */
  #move(from: StreamSlot, to: StreamSlot): void {
    for (const attached of this.#attachments.on(from)) attached.slot = to;
    for (const stream of from.streams) to.add(stream);
  }

  #close(slot: StreamSlot): void {
    if (this.#slots.delete(slot)) slot.close();
  }

  #idle(slot: StreamSlot): void {
    this.#close(slot);
    this.#renewals.ended(slot);
    this.#options.log.info("connection.closed", { connection: slot.id, why: "idle" });
  }

  #closed(slot: StreamSlot, ending: ConnectionEnding): void {
    const { log, onRefused } = this.#options;
    const carried = slot.streams;
    this.#close(slot);
    const reason = endingText(ending);
    const heir = this.#renewals.ended(slot);
    if (heir !== undefined) {
      log.info("connection.taken_over", { connection: slot.id, reason, by: heir.id, streams: carried.length });
      this.#renew(carried, heir);
      return;
    }
    const refusedMs = ending.type === "refused" ? onRefused(ending.status, ending.retryAfter) : 0;
    const retryInMs = this.#gate.failed(reason, refusedMs);
    const waiting = ending.type === "dropped" ? [] : this.#attachments.on(undefined);
    const affected = [...this.#attachments.on(slot), ...waiting];
    log.warn(ending.type === "dropped" ? "connection.lost" : "exchange.unreachable", {
      connection: slot.id,
      reason,
      series: affected.length,
      retry_in_s: retryInMs / 1000,
    });
    for (const attached of affected) this.#lose(attached, reason);
    if (ending.type !== "dropped") this.#send({ type: "ENDED" });
  }

  /** Candles of these streams may have been missed: whoever is attached is told when they stand on this connection. */
  #renew(streams: readonly string[], slot: StreamSlot): void {
    for (const attached of streams.flatMap((stream) => this.#attachments.of(stream))) {
      attached.subscribed = false;
      if (slot.carries(attached.stream)) this.#attachments.subscribed(attached);
    }
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
        log.warn("connection.shutdown_announced", { connection: slot.id });
        this.#renewals.request(slot, "shutdown");
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
    const sharers = this.#attachments.of(message.stream);
    if (sharers.length === 0) return;
    if (!slot.proven) {
      slot.proven = true;
      this.#options.retry.succeeded();
    }
    this.#watch.heard(slot, message.stream, message.eventTimeMs);
    const { candle, final } = message;
    const eventTimeMs = message.eventTimeMs ?? this.#options.clock.now();
    for (const attached of sharers) {
      // Data is a better proof than an acknowledgement, which may be missing.
      this.#attachments.subscribed(attached);
      attached.listener.kline({ candle, final, eventTimeMs });
    }
    this.#renewals.delivered(slot, message.stream);
  }

  #answered(slot: StreamSlot, streams: readonly string[], refusal: string | undefined): void {
    for (const stream of streams) {
      if (refusal === undefined) this.#renewals.acknowledged(slot, stream);
      // What a successor is refused the old connection still brings: that decides about the successor.
      else if (this.#renewals.partOf(slot) === "successor") continue;
      for (const attached of this.#attachments.of(stream)) {
        if (refusal === undefined) this.#attachments.subscribed(attached);
        else this.#lose(attached, `subscription refused: ${refusal}`);
      }
      if (refusal !== undefined) slot.remove(stream);
    }
  }
}
