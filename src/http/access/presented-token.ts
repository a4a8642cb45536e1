/** Where a request has its token: in `Authorization`, or, as a browser can set no header there, in a WebSocket's subprotocol. */
import type { IncomingHttpHeaders } from "node:http";

/** The subprotocol of this program, with which one that carried a token is answered. */
export const PROTOCOL = "trade-canvas";

/** What precedes the token, in base64url, in a subprotocol. */
export const TOKEN_PROTOCOL = `${PROTOCOL}.token.`;

/** The token of `Authorization: Bearer <token>`; undefined for none, and for another scheme. */
export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^bearer +([^\s,]+) *$/i.exec(authorization ?? "")?.[1];
}

/** The token of a WebSocket's upgrade: of its header, or of the first subprotocol that carries one. */
export function upgradeToken(headers: IncomingHttpHeaders): string | undefined {
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const carrier = offered.find((name) => name.startsWith(TOKEN_PROTOCOL));
  if (carrier === undefined) return bearerToken(headers);
  return bearerToken(headers) ?? Buffer.from(carrier.slice(TOKEN_PROTOCOL.length), "base64url").toString("utf8");
}

/**
 * The subprotocol that an upgrade is answered with: ours, or else the first that is offered. One that carries a token is never
 * sent back.
 */
export function chosenProtocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(PROTOCOL)) return PROTOCOL;
  return [...offered].find((name) => !name.startsWith(TOKEN_PROTOCOL)) ?? false;
}
