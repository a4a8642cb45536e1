/**
 * One connection of an endpoint with the streams that it carries. Subscriptions are sent in few, large messages: the
 * first at once, later changes gathered. Feed bounds: B3, B19.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { StreamConnection } from "../../exchange/binance/stream-connection.js";
import type { RequestId } from "../../exchange/binance/wire.js";
import type { ConnectionFacts } from "../feed/feed-state.js";
import { LagMeter } from "./lag-meter.js";

export interface StreamSlotOptions {
  /** Names the connection in logs; never given twice in a market. */
  readonly id: number;
  readonly connection: StreamConnection;
  readonly clock: Clock;
  /** Called when the open connection has carried no stream for a while. */
  readonly onIdle: () => void;
  /** Called when it has been open for this long, in milliseconds. */
  readonly maxAgeMs: number;
  readonly onAged: () => void;
}

/** A connection that carries no stream is given up after this long, in milliseconds. */
const IDLE_CONNECTION_MS = 30_000;

/** Least time between two rounds of control messages, in milliseconds. */
const ROUND_INTERVAL_MS = 2_000;

export class StreamSlot {
  readonly #options: StreamSlotOptions;
  /** Streams that somebody wants here. */
  readonly #wanted = new Set<string>();
  /** Streams that the exchange was asked for. */
  readonly #asked = new Set<string>();
  /** Streams that the exchange has acknowledged. */
  readonly #acknowledged = new Set<string>();
  /** Streams that are to be ended and asked for again. */
  readonly #again = new Set<string>();
  /** When each stream brought something last, in monotonic milliseconds. */
  readonly #delivered = new Map<string, number>();
  /** Requests without an answer, by their id. */
  readonly #requests = new Map<number, readonly string[]>();
  readonly #dialedMs: number;
  #heardMs: number | null = null;
  #roundMs = Number.NEGATIVE_INFINITY;
  #round: TimerHandle | undefined;
  #idle: TimerHandle | undefined;
  #aging: TimerHandle | undefined;
  #gathering = false;
  #isClosed = false;
  readonly lag = new LagMeter();
  /** A valid candle has come on this connection. */
  proven = false;

  constructor(options: StreamSlotOptions) {
    this.#options = options;
    this.#dialedMs = options.clock.monotonic();
  }

  get id(): number {
    return this.#options.id;
  }

  /** Streams that somebody wants here. */
  get streams(): readonly string[] {
    return [...this.#wanted];
  }

  get isOpen(): boolean {
    return this.#options.connection.isOpen;
  }

  get size(): number {
    return this.#wanted.size;
  }

  /** Frames sent on it in the window that ends now. */
  get framesInWindow(): number {
    return this.#options.connection.framesInWindow;
  }

  /** Whether the exchange has acknowledged the stream here. */
  carries(stream: string): boolean {
    return this.#acknowledged.has(stream);
  }

  /** When each stream that has brought anything here did so last, in monotonic milliseconds. */
  get delivered(): ReadonlyMap<string, number> {
    return this.#delivered;
  }

  get facts(): Omit<ConnectionFacts, "state"> {
    const now = this.#options.clock.monotonic();
    return {
      id: this.id,
      ageMs: now - this.#dialedMs,
      dataAgeMs: this.#heardMs === null ? null : now - this.#heardMs,
      lagMs: this.lag.lagMs === null ? null : Math.max(0, this.lag.lagMs),
      streams: this.size,
    };
  }

  /** The stream has brought a candle. */
  heard(stream: string, nowMs: number): void {
    this.#delivered.set(stream, nowMs);
    this.#heardMs = nowMs;
  }

  /** Ends the stream and asks for it again. */
  resubscribe(stream: string): void {
    if (!this.#asked.has(stream)) return;
    this.#again.add(stream);
    this.sync();
  }

  add(stream: string): void {
    this.#options.clock.clearTimeout(this.#idle);
    this.#wanted.add(stream);
    this.sync();
  }

  remove(stream: string): void {
    this.#wanted.delete(stream);
    this.#delivered.delete(stream);
    this.sync();
    this.#watchIdle();
  }

  /** To be called when the connection is open and everyone who waited for it has been placed. */
  opened(): void {
    const { clock, onAged, maxAgeMs } = this.#options;
    this.#aging = clock.setTimeout(onAged, maxAgeMs);
    this.#watchIdle();
  }

  #watchIdle(): void {
    const { clock, onIdle } = this.#options;
    clock.clearTimeout(this.#idle);
    if (this.#wanted.size === 0 && !this.#isClosed) this.#idle = clock.setTimeout(onIdle, IDLE_CONNECTION_MS);
  }

  /** Sends what changed, in this turn's end or when the next round is due. */
  sync(): void {
    if (this.#gathering || this.#round !== undefined || !this.isOpen) return;
    const waitMs = this.#roundMs + ROUND_INTERVAL_MS - this.#options.clock.monotonic();
    if (waitMs > 0) {
      this.#round = this.#options.clock.setTimeout(() => this.#send(), waitMs);
      return;
    }
    this.#gathering = true;
    this.#options.clock.immediate(() => this.#send());
  }

  /**
   * The answer to a control message.
   * @returns the streams it settles: those that were acknowledged, or the one that was refused. Of a refused message for
   * several, which one is at fault is not told, so each is asked for alone.
   */
  answered(id: RequestId, refused: boolean): readonly string[] {
    const streams = typeof id === "number" ? this.#requests.get(id) : undefined;
    if (streams === undefined) return [];
    this.#requests.delete(id as number);
    if (refused && streams.length > 1) {
      for (const stream of streams) this.#request([stream]);
      return [];
    }
    for (const stream of streams) {
      // What was refused is not there to be ended, and must be asked for again by whoever wants it again.
      if (refused) this.#asked.delete(stream);
      else if (this.#asked.has(stream)) this.#acknowledged.add(stream);
    }
    return streams.filter((stream) => this.#wanted.has(stream));
  }

  /** Closes the connection, if it is not closed already. */
  close(): void {
    const { clock, connection } = this.#options;
    this.#isClosed = true;
    for (const timer of [this.#round, this.#idle, this.#aging]) clock.clearTimeout(timer);
    connection.close();
  }

  #send(): void {
    this.#gathering = false;
    this.#round = undefined;
    if (!this.isOpen) return;
    const removed = [...this.#asked].filter((stream) => !this.#wanted.has(stream) || this.#again.has(stream));
    const added = [...this.#wanted].filter((stream) => !this.#asked.has(stream) || this.#again.has(stream));
    this.#again.clear();
    if (added.length + removed.length === 0) return;
    this.#roundMs = this.#options.clock.monotonic();
    if (removed.length > 0) this.#options.connection.control("UNSUBSCRIBE", removed);
    for (const stream of removed) {
      this.#asked.delete(stream);
      this.#acknowledged.delete(stream);
    }
    if (added.length > 0) this.#request(added);
  }

  #request(streams: readonly string[]): void {
    for (const stream of streams) this.#asked.add(stream);
    for (const { id, streams: part } of this.#options.connection.control("SUBSCRIBE", streams))
      this.#requests.set(id, part);
  }
}
