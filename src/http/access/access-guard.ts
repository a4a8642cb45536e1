/**
 * Who is let in: what every request and every upgrade is asked before anything is done for it. In this order: the form of its
 * headers, the name it was sent to, the page it comes from, how much was asked before, and its token. See docs/security.md.
 */
import type { IncomingMessage } from "node:http";
import type { Clock } from "../../clock/clock.js";
import type { AccessToken } from "../../config/access-tokens.js";
import { isLoopbackHost } from "../../config/loopback.js";
import { HttpError, type HttpErrorCode } from "../errors.js";
import { ConnectionLimit } from "./connection-limit.js";
import { MessageRate } from "./message-rate.js";
import { OriginPolicy } from "./origin-policy.js";
import { isLoopbackPeer, peerKey } from "./peer.js";
import { bearerToken, upgradeToken } from "./presented-token.js";
import { RateLimit } from "./rate-limit.js";
import type { Access } from "./scopes.js";
import { TokenBook } from "./token-book.js";

export interface AccessOptions {
  /** None: everybody on loopback may do everything that the gates allow. */
  readonly tokens: readonly AccessToken[];
  /** The address that is listened on. */
  readonly host: string;
  readonly corsOrigins: readonly string[];
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly requestsPerSecond: number;
  readonly clientMessagesPerSecond: number;
  /** Whether the limits per address, token and client hold for loopback too. */
  readonly limitsLoopback: boolean;
}

/** Headers of one request; more are no honest client's. */
export const MAX_HEADERS = 100;

/** Methods that change nothing. */
const READS: readonly unknown[] = ["GET", "HEAD", "OPTIONS"];

/** Why a request is not let in, and the headers that its answer has for it. */
export interface AccessRefusal {
  readonly error: HttpError;
  readonly headers: Readonly<Record<string, string>>;
}

export class AccessGuard {
  readonly connections: ConnectionLimit;
  readonly #options: AccessOptions;
  readonly #clock: Clock;
  readonly #tokens: TokenBook;
  readonly #origins: OriginPolicy;
  readonly #requests: RateLimit;

  constructor(options: AccessOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#tokens = new TokenBook(options.tokens);
    this.#origins = new OriginPolicy({ isLoopback: isLoopbackHost(options.host), origins: options.corsOrigins });
    this.#requests = new RateLimit(clock, options.requestsPerSecond);
    this.connections = new ConnectionLimit({
      max: options.maxConnections,
      maxPerAddress: options.maxConnectionsPerAddress,
      countsLoopback: options.limitsLoopback,
    });
  }

  /** Why a request is refused; undefined when it is let in. */
  request(request: IncomingMessage, access: Access): AccessRefusal | undefined {
    const isAllowed = READS.includes(request.method) || this.#origins.allowsWrite(request.headers);
    return this.#refusal(request, access, isAllowed, bearerToken(request.headers));
  }

  /** The same for the upgrade of a WebSocket. */
  upgrade(request: IncomingMessage, access: Access): AccessRefusal | undefined {
    return this.#refusal(request, access, this.#origins.allowsUpgrade(request.headers), upgradeToken(request.headers));
  }

  /** How many messages a client may send; undefined for one that may send any number. */
  messageRate({ socket }: IncomingMessage): MessageRate | undefined {
    return this.#isLimited(socket.remoteAddress)
      ? new MessageRate(this.#clock, this.#options.clientMessagesPerSecond)
      : undefined;
  }

  #refusal(
    request: IncomingMessage,
    access: Access,
    isOriginAllowed: boolean,
    presented: string | undefined,
  ): AccessRefusal | undefined {
    if (request.rawHeaders.length > 2 * MAX_HEADERS) return refusal("http.headers_too_large");
    if (!this.#origins.allowsHost(request.headers)) return refusal("http.foreign_host");
    if (!isOriginAllowed) return refusal("http.foreign_origin");
    const holder = presented === undefined ? undefined : this.#tokens.holderOf(presented);
    const { remoteAddress } = request.socket;
    if (this.#isLimited(remoteAddress)) {
      const key = holder === undefined ? `address ${peerKey(remoteAddress)}` : `token ${holder.name}`;
      const waitS = this.#requests.take(key);
      if (waitS > 0) return refusal("http.too_many_requests", { "retry-after": String(waitS) });
    }
    return this.#unauthorized(access, presented, holder);
  }

  #unauthorized(
    access: Access,
    presented: string | undefined,
    holder: AccessToken | undefined,
  ): AccessRefusal | undefined {
    if (this.#tokens.isEmpty || access === "open") return undefined;
    if (presented === undefined) return refusal("http.token_required", challenge());
    if (holder === undefined) return refusal("http.token_unknown", challenge("invalid_token"));
    if (holder.scopes.includes(access)) return undefined;
    const headers = challenge("insufficient_scope", access);
    return { error: new HttpError("http.scope_missing", `scope_missing:${access}`), headers };
  }

  #isLimited(address: string | undefined): boolean {
    return this.#options.limitsLoopback || !isLoopbackPeer(address);
  }
}

function refusal(code: HttpErrorCode, headers: AccessRefusal["headers"] = {}): AccessRefusal {
  return { error: new HttpError(code), headers };
}

/** What a client is to send, as RFC 6750 §3 has it said. */
function challenge(error?: string, scope?: string): AccessRefusal["headers"] {
  const parts = ['realm="trade-canvas"', error && `error="${error}"`, scope && `scope="${scope}"`];
  return { "www-authenticate": `Bearer ${parts.filter(Boolean).join(", ")}` };
}
