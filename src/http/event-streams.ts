/**
 * Answers that do not end: server-sent events. Each is a sequence of texts that is written as fast as its client reads, so of a
 * slow one no more than the text under way is held. Their number is bounded, and all end with the process.
 */
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { Clock } from "../clock/clock.js";
import { HttpError } from "./errors.js";

/** Streams at a time. */
export const MAX_EVENT_STREAMS = 200;

/** A client that has not taken a text after this long is hung up on, in milliseconds. */
export const STALLED_CLIENT_MS = 30_000;

/** One event. Without a name of its own, or an id, these are left out. */
export interface ServerSentEvent {
  readonly id?: string | number;
  readonly event: string;
  readonly data: string;
}

export function eventText({ id, event, data }: ServerSentEvent): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}

/** A line that clients do not see, and that keeps what stands between from hanging up. */
export function commentText(comment: string): string {
  return `: ${comment}\n\n`;
}

/** The texts of one stream; it ends soon when the signal is aborted. */
export type EventSource = (signal: AbortSignal) => AsyncIterable<string>;

export class EventStreams {
  readonly #clock: Clock;
  readonly #open = new Set<AbortController>();
  #isClosing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers with a stream that goes on until it or its client ends. @throws HttpError `http.too_many_streams` */
  answer(reply: FastifyReply, source: EventSource): FastifyReply {
    if (this.#isClosing) throw new HttpError("http.shutting_down");
    if (this.#open.size >= MAX_EVENT_STREAMS) throw new HttpError("http.too_many_streams");
    const end = new AbortController();
    this.#open.add(end);
    // Not when the stream closes: it waits for the text that is being made, and that for the signal.
    reply.raw.once("close", () => {
      this.#open.delete(end);
      end.abort();
    });
    const texts = this.#watched(source(end.signal), () => reply.raw.destroy());
    return reply
      .type("text/event-stream; charset=utf-8")
      .header("cache-control", "no-cache")
      .header("x-accel-buffering", "no")
      .send(Readable.from(texts));
  }

  /** Ends all streams, and lets none begin. */
  close(): void {
    this.#isClosing = true;
    for (const end of this.#open) end.abort();
  }

  async *#watched(texts: AsyncIterable<string>, giveUp: () => void): AsyncGenerator<string> {
    for await (const text of texts) {
      const limit = this.#clock.ioTimeout(giveUp, STALLED_CLIENT_MS);
      try {
        yield text;
      } finally {
        this.#clock.clearTimeout(limit);
      }
    }
  }
}
