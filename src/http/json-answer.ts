/** Answers that are put together as text. */
import type { FastifyReply } from "fastify";

/** Sends JSON text as it is. */
export function answerJson(reply: FastifyReply, text: string | Buffer): FastifyReply {
  return reply.type("application/json").send(text);
}
