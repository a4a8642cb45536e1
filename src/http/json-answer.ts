/** Answers that are put together as text. */
import { Readable, type Writable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { JsonText } from "../ledger/json-parts.js";

/** Sends JSON text as it is. */
export function answerJson(reply: FastifyReply, text: string | JsonText): FastifyReply {
  void reply.type("application/json");
  if (typeof text === "string") return reply.send(text);
  return reply.header("content-length", text.bytes).send(new JsonStream(text));
}

/**
 * Hands all pieces to the connection at once, which writes them in one go; one after the other takes twice the time. While
 * a slow client reads, its one answer is held, in pieces that are shared with other answers.
 */
class JsonStream extends Readable {
  readonly #text: JsonText;

  constructor(text: JsonText) {
    super();
    this.#text = text;
  }

  override pipe<W extends NodeJS.WritableStream>(response: W): W {
    const connection = response as NodeJS.WritableStream as Writable;
    connection.cork();
    for (const piece of this.#text.pieces) connection.write(piece);
    connection.end();
    // Nothing is left to be read: the stream ends, as one that was piped does.
    this.resume();
    return response;
  }

  override _read(): void {
    this.push(null);
  }
}
