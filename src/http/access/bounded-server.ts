/** The server below the routes, with a bound on the time that each part of a connection may take. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { ConnectionLimit } from "./connection-limit.js";

/** In milliseconds of real time: they are kept by the server of Node, not by the program's clock. */
export interface ConnectionTimes {
  /** From the connection, or the end of the answer before, to the last header. */
  readonly headersMs: number;
  /** From the same moment to the last byte of the body. */
  readonly requestMs: number;
  /** Between an answer and the next request. */
  readonly keepAliveMs: number;
  /** Nothing goes in or out: what is answered is not read, or there is no answer. */
  readonly stalledMs: number;
  /** How often it is looked which requests are late. */
  readonly checkMs: number;
}

export const CONNECTION_TIMES: ConnectionTimes = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 75_000,
  stalledMs: 120_000,
  checkMs: 1_000,
};

/** The request line and all headers of one request, in bytes. */
export const MAX_HEADER_BYTES = 16 * 1024;

export function createBoundedServer(
  handler: RequestListener,
  { headersMs, requestMs, keepAliveMs, stalledMs, checkMs }: ConnectionTimes,
  connections: ConnectionLimit,
): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: checkMs,
    },
    handler,
  );
  server.setTimeout(stalledMs);
  return connections.guard(server);
}
