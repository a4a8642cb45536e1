/** Everything that can go wrong with a REST request, in one table. Spec: binance-protocol §3.5, §4.2, F26-F29. */

interface RestErrorKind {
  /** Whether the same request is sent again at once (after a backoff), a bounded number of times. */
  readonly retried: boolean;
  /** Whether it speaks against the endpoint, so that the circuit breaker counts it. */
  readonly endpointFailure: boolean;
  readonly meaning: string;
}

/** The codes. They are stable: health output, logs and metrics name them. */
export const REST_ERRORS = {
  network: { retried: true, endpointFailure: true, meaning: "no answer: refused, reset or unknown host" },
  timeout: { retried: true, endpointFailure: true, meaning: "no complete answer in time" },
  server_error: { retried: true, endpointFailure: true, meaning: "HTTP 5xx or 408" },
  malformed_body: {
    retried: true,
    endpointFailure: true,
    meaning: "a success whose body is not JSON: empty, truncated, HTML",
  },
  body_too_large: { retried: false, endpointFailure: true, meaning: "the body exceeds its bound and was cut off" },
  unexpected_shape: {
    retried: false,
    endpointFailure: false,
    meaning: "JSON that is not the documented answer; the text names the place",
  },
  rate_limited: { retried: false, endpointFailure: false, meaning: "HTTP 429: REST is silent for as long as told" },
  banned: { retried: false, endpointFailure: false, meaning: "HTTP 418: address banned, REST is silent until told" },
  blocked: { retried: false, endpointFailure: false, meaning: "HTTP 403: the firewall in front of the exchange" },
  restricted: { retried: false, endpointFailure: false, meaning: "HTTP 451: not served from this location" },
  silenced: { retried: false, endpointFailure: false, meaning: "not sent: an earlier refusal demands silence" },
  queue_full: { retried: false, endpointFailure: false, meaning: "not sent: too many requests wait for weight" },
  breaker_open: { retried: false, endpointFailure: false, meaning: "not sent: the endpoint failed too often lately" },
  aborted: { retried: false, endpointFailure: false, meaning: "given up by the caller" },
  invalid_symbol: { retried: false, endpointFailure: false, meaning: "the exchange does not know the symbol (-1121)" },
  invalid_interval: { retried: false, endpointFailure: false, meaning: "the exchange has no such interval (-1120)" },
  bad_request: { retried: false, endpointFailure: false, meaning: "HTTP 4xx: the request is wrong, not the endpoint" },
  route_gone: {
    retried: false,
    endpointFailure: false,
    meaning: "HTTP 404 or 410: wrong base address or retired route",
  },
  redirected: { retried: false, endpointFailure: false, meaning: "HTTP 3xx: redirects are not followed" },
} as const satisfies Readonly<Record<string, RestErrorKind>>;

export type RestErrorCode = keyof typeof REST_ERRORS;

export interface RestErrorFacts {
  /** HTTP status; null when there was no answer. */
  readonly status?: number;
  /** Binance's own code (`-1121`). */
  readonly exchangeCode?: number;
  /** Not worth asking again before this many milliseconds have passed. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A REST request that brought no data. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly code: RestErrorCode;
  readonly status: number | null;
  readonly exchangeCode: number | null;
  readonly retryAfterMs: number | null;

  constructor(code: RestErrorCode, message: string, facts: RestErrorFacts = {}) {
    super(`${code}: ${message}`, facts.cause === undefined ? {} : { cause: facts.cause });
    this.code = code;
    this.status = facts.status ?? null;
    this.exchangeCode = facts.exchangeCode ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }
}

/** Whether the same request may be sent again within one call. */
export function isRetried(error: unknown): boolean {
  return error instanceof RestError && REST_ERRORS[error.code].retried;
}

/** Whether a circuit breaker counts it. An error of an unknown kind counts: it is at least not a success. */
export function isEndpointFailure(error: unknown): boolean {
  return !(error instanceof RestError) || REST_ERRORS[error.code].endpointFailure;
}
