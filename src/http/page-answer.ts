/** How the files of a page are sent: the live page, and the one that shows the API. */
import type { FastifyReply } from "fastify";

/** A file as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A page may load what this daemon serves and talk to this daemon, and nobody may frame it. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Sends a file as what it is, and as nothing else. */
export function sendPageFile(reply: FastifyReply, { type, bytes }: PageFile): FastifyReply {
  const guarded = reply.header("x-content-type-options", "nosniff").header("referrer-policy", "no-referrer");
  return guarded.type(type).send(bytes);
}
