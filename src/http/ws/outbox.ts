/**
 * The sending side of one WebSocket: a bounded queue before the socket. Forming candles are thinned out to the newest
 * when the client is slow; nothing else is ever left out: a client that falls behind the bound is cut off instead, and
 * catches up from its cursor when it returns. Spec: ws-api §2.8.
 */
import type { WebSocket } from "ws";
import type { Frame } from "../../actors/publisher/messages.js";

/** What may be handed to the socket and not be sent yet, in bytes; more waits in the queue, where it can be thinned out. */
const SOCKET_BUFFER_BYTES = 256 * 1024;

/** Beyond either of these a client is too slow. */
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
export const MAX_QUEUED_FRAMES = 20_000;

export class Outbox {
  readonly #socket: WebSocket;
  readonly #onOverflow: () => void;
  #queue: Frame[] = [];
  #head = 0;
  #queuedBytes = 0;
  /** Where the waiting forming frame of a series is in the queue. */
  readonly #forming = new Map<string, number>();
  #waiters: ((open: boolean) => void)[] = [];
  #closed = false;

  constructor(socket: WebSocket, onOverflow: () => void) {
    this.#socket = socket;
    this.#onOverflow = onOverflow;
  }

  get queuedFrames(): number {
    return this.#queue.length - this.#head;
  }

  /** Queues a frame, or sends it at once. Never blocks, never throws. */
  send(frame: Frame): void {
    if (this.#closed) return;
    const place = frame.kind === "candle_forming" ? this.#forming.get(frame.series) : undefined;
    if (place !== undefined && place >= this.#head) {
      this.#queuedBytes += frame.text.length - (this.#queue[place] as Frame).text.length;
      this.#queue[place] = frame;
      return;
    }
    this.#queue.push(frame);
    this.#queuedBytes += frame.text.length;
    if (frame.kind === "candle_forming") this.#forming.set(frame.series, this.#queue.length - 1);
    // A later forming candle must not take a place before this one: clients take candles in order of time.
    else this.#forming.delete(frame.series);
    this.#pump();
    if (this.#queuedBytes > MAX_QUEUED_BYTES || this.queuedFrames > MAX_QUEUED_FRAMES) {
      this.close();
      this.#onOverflow();
    }
  }

  /** Resolves when what was queued has been handed to the socket; false when the client is gone. */
  room(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    if (this.#isIdle()) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Forgets what is queued and sends nothing more. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    this.#forming.clear();
    this.#wake(false);
  }

  #pump(): void {
    while (!this.#closed && this.#socket.bufferedAmount < SOCKET_BUFFER_BYTES) {
      const frame = this.#queue[this.#head];
      if (frame === undefined) break;
      this.#head += 1;
      this.#queuedBytes -= frame.text.length;
      this.#socket.send(frame.text, { binary: false }, () => this.#sent());
    }
    this.#compact();
  }

  /** Lets go of frames that were handed over: a client that never quite catches up must not make us keep them all. */
  #compact(): void {
    if (this.#head * 2 <= this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    for (const [series, place] of this.#forming) {
      if (place < this.#head) this.#forming.delete(series);
      else this.#forming.set(series, place - this.#head);
    }
    this.#head = 0;
  }

  #sent(): void {
    if (this.#closed) return;
    if (this.queuedFrames > 0) this.#pump();
    if (this.#isIdle()) this.#wake(true);
  }

  #isIdle(): boolean {
    return this.queuedFrames === 0 && this.#socket.bufferedAmount < SOCKET_BUFFER_BYTES;
  }

  #wake(open: boolean): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve(open);
  }
}
