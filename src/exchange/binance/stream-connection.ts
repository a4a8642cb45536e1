/**
 * One stream connection: dials, sends control messages within the frame budget, answers pings, and says what came and
 * why it ended. It knows nothing of series. States: dialing → open → closed. Spec: binance-protocol §2.1, §2.3.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import { FrameBudget } from "./frame-budget.js";
import type { DialStream, StreamSocket } from "./stream-socket.js";
import { type BinanceMarket, combinedStreamUrl } from "./urls.js";
import { dialWebSocket } from "./web-socket.js";
import { parseStreamMessage, type StreamMessage } from "./wire.js";

export interface StreamConnectionOptions {
  readonly market: BinanceMarket;
  /** For example `wss://fstream.binance.com`; the route is appended. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** How sockets are opened; over the network when left out. */
  readonly dial?: DialStream | undefined;
  readonly onOpen: () => void;
  readonly onMessage: (message: StreamMessage) => void;
  /** Called once, unless the connection was closed by {@link StreamConnection.close}. */
  readonly onClosed: (ending: ConnectionEnding) => void;
}

/** Why a connection ended. */
export type ConnectionEnding =
  /** The exchange answered the upgrade with something else; `retryAfter` as in its header. */
  | { readonly type: "refused"; readonly status: number; readonly retryAfter: string | null }
  /** It could not be made: refused, unknown host, no answer in time. */
  | { readonly type: "unreachable"; readonly reason: string }
  /** An open connection was closed by the other side, or broke. */
  | { readonly type: "dropped"; readonly code: number; readonly reason: string };

/** A handshake takes no longer than this, in milliseconds. */
const DIAL_TIMEOUT_MS = 10_000;

/** Own pings go out this often, so that a dead peer is noticed; any frame from it counts as life. Milliseconds. */
const PING_INTERVAL_MS = 20_000;

/** Without any frame for this long an open connection is dead. Several times the server's own ping on spot. */
const SILENCE_LIMIT_MS = 90_000;

/** The other side may take this long to answer a close, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Longest control message, in bytes; the exchange cuts longer ones. */
const MAX_CONTROL_BYTES = 4_000;

type ControlMethod = "SUBSCRIBE" | "UNSUBSCRIBE";

export interface ControlMessage {
  readonly method: ControlMethod;
  readonly streams: readonly string[];
  readonly id: number;
}

export class StreamConnection {
  readonly #options: StreamConnectionOptions;
  readonly #socket: StreamSocket;
  readonly #budget: FrameBudget;
  #state: "dialing" | "open" | "closed" = "dialing";
  #ending: ConnectionEnding | undefined;
  #deadline: TimerHandle;
  #pinging: TimerHandle | undefined;
  #heardMs = 0;
  #nextId = 1;
  readonly #control: ControlMessage[] = [];
  #sending: TimerHandle | undefined;

  constructor(options: StreamConnectionOptions) {
    this.#options = options;
    this.#budget = new FrameBudget(options.market);
    this.#socket = this.#dial(options.dial ?? dialWebSocket);
    this.#deadline = options.clock.ioTimeout(() => this.#giveUp("no answer to the handshake in time"), DIAL_TIMEOUT_MS);
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Frames sent in the window that ends now. */
  get framesInWindow(): number {
    return this.#budget.used(this.#options.clock.monotonic());
  }

  /**
   * Queues a control message for each part of the streams that fits one.
   * @returns the messages, under whose ids the replies come.
   */
  control(method: ControlMethod, streams: readonly string[]): readonly ControlMessage[] {
    const messages = inMessages(streams).map((part) => {
      const message = { method, streams: part, id: this.#nextId };
      this.#nextId += 1;
      return message;
    });
    this.#control.push(...messages);
    this.#sendControl();
    return messages;
  }

  /** Closes the connection for good; nothing is called after this. Idempotent. */
  close(): void {
    if (this.#state === "closed") return;
    const wasOpen = this.#state === "open";
    this.#end();
    if (!wasOpen) {
      this.#socket.terminate();
      return;
    }
    this.#socket.close(1000);
    this.#deadline = this.#options.clock.ioTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
  }

  #dial(dial: DialStream): StreamSocket {
    const { market, baseUrl, clock, onMessage } = this.#options;
    return dial(combinedStreamUrl(baseUrl, market), {
      onOpen: () => this.#opened(),
      onMessage: (data, isBinary) => {
        this.#heardMs = clock.monotonic();
        if (this.#state === "open" && !isBinary) onMessage(parseStreamMessage(data.toString("utf8")));
      },
      onPing: (payload) => this.#answerPing(payload),
      onPong: () => {
        this.#heardMs = clock.monotonic();
      },
      onRefused: (status, retryAfter) => {
        this.#ending ??= { type: "refused", status, retryAfter };
      },
      onError: (reason) => {
        if (this.#state === "dialing") this.#ending ??= { type: "unreachable", reason };
      },
      onClose: (code, reason) => {
        clock.clearTimeout(this.#deadline);
        this.#closed(code, reason);
      },
    });
  }

  #opened(): void {
    if (this.#state !== "dialing") return;
    const { clock, onOpen } = this.#options;
    clock.clearTimeout(this.#deadline);
    this.#state = "open";
    this.#heardMs = clock.monotonic();
    this.#pinging = clock.setTimeout(() => this.#ping(), PING_INTERVAL_MS);
    onOpen();
  }

  #closed(code: number, reason: string): void {
    if (this.#state === "closed") return;
    const ending: ConnectionEnding =
      this.#ending ??
      (this.#state === "open"
        ? { type: "dropped", code, reason }
        : { type: "unreachable", reason: reason || `closed with ${code} before it was open` });
    this.#end();
    this.#options.onClosed(ending);
  }

  #end(): void {
    const { clock } = this.#options;
    this.#state = "closed";
    for (const timer of [this.#deadline, this.#pinging, this.#sending]) clock.clearTimeout(timer);
  }

  #giveUp(reason: string): void {
    this.#ending ??= { type: "unreachable", reason };
    this.#socket.terminate();
  }

  /** Answers at once, with the ping's own payload; the budget always keeps a frame free for it. */
  #answerPing(data: Buffer): void {
    const now = this.#options.clock.monotonic();
    this.#heardMs = now;
    if (this.#state !== "open") return;
    // Over budget a pong is left out rather than the connection risked: the exchange waits for minutes.
    if (this.#budget.tryTake("pong", now)) this.#socket.pong(data);
  }

  #ping(): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    if (now - this.#heardMs > SILENCE_LIMIT_MS) {
      this.#ending ??= { type: "dropped", code: 1006, reason: `no frame for ${SILENCE_LIMIT_MS / 1000} s` };
      this.#socket.terminate();
      return;
    }
    if (this.#budget.tryTake("control", now)) this.#socket.ping();
    this.#pinging = clock.setTimeout(() => this.#ping(), PING_INTERVAL_MS);
  }

  #sendControl(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#sending);
    if (this.#state !== "open") return;
    for (let message = this.#control[0]; message !== undefined; message = this.#control[0]) {
      const now = clock.monotonic();
      if (!this.#budget.tryTake("control", now)) {
        this.#sending = clock.setTimeout(() => this.#sendControl(), this.#budget.waitMs("control", now));
        return;
      }
      this.#control.shift();
      const { method, streams, id } = message;
      this.#socket.sendText(JSON.stringify({ method, params: streams, id }));
    }
  }
}

/** Splits streams into lists whose control message stays below {@link MAX_CONTROL_BYTES}. */
function inMessages(streams: readonly string[]): readonly (readonly string[])[] {
  const frame = JSON.stringify({ method: "UNSUBSCRIBE", params: [], id: Number.MAX_SAFE_INTEGER }).length;
  const parts: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const stream of streams) {
    const size = stream.length + 3; // quotes and comma
    if (bytes + size > MAX_CONTROL_BYTES) {
      parts.push([]);
      bytes = frame;
    }
    parts.at(-1)?.push(stream);
    bytes += size;
  }
  return parts;
}

/** The ending in words, for logs and breakers. */
export function endingText(ending: ConnectionEnding): string {
  switch (ending.type) {
    case "refused":
      return `handshake refused with HTTP ${ending.status}`;
    case "unreachable":
      return `unreachable: ${ending.reason}`;
    case "dropped":
      return `connection lost (${ending.code}${ending.reason === "" ? "" : ` ${ending.reason}`})`;
  }
}
