/** One HTTP GET with a deadline, a bound on the body, and every failure under a code. Spec: binance-protocol F19, F29. */
import type { Clock } from "../../clock/clock.js";
import { fetchHttp, type HttpFetch, type HttpResponse } from "./http-fetch.js";
import { RestError } from "./rest-errors.js";
import { wholeNumber } from "./wire-values.js";

export interface HttpGetRequest {
  readonly url: string;
  readonly userAgent: string;
  /** For the whole exchange, from connecting to the last byte of the body. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How requests travel; over the network when left out. */
  readonly fetch?: HttpFetch | undefined;
}

/** A complete answer of any status. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  /** `X-MBX-USED-WEIGHT-1M`: weight that the exchange has counted for this address in its present minute. */
  readonly usedWeight: number | null;
  readonly text: string;
  /** When the request was sent and its headers came, by the monotonic clock. */
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

/**
 * Sends the request. Redirects are answers, not followed.
 * @throws RestError `network`, `timeout`, `body_too_large` or `aborted`.
 */
export async function httpGet(request: HttpGetRequest): Promise<HttpAnswer> {
  const { url, clock, signal, timeoutMs, fetch = fetchHttp } = request;
  const controller = new AbortController();
  let timedOut = false;
  const timer = clock.ioTimeout(() => {
    timedOut = true;
    controller.abort();
  }, timeoutMs);
  const onAbort = (): void => controller.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    const sentMonotonicMs = clock.monotonic();
    const headers = { accept: "application/json", "user-agent": request.userAgent };
    const response = await fetch(url, { headers, signal: controller.signal });
    const receivedMonotonicMs = clock.monotonic();
    return {
      status: response.status,
      contentType: response.headers.get("content-type"),
      retryAfter: response.headers.get("retry-after"),
      usedWeight: wholeNumber(response.headers.get("x-mbx-used-weight-1m")) ?? null,
      text: await readText(response, request.maxBodyBytes, url),
      sentMonotonicMs,
      receivedMonotonicMs,
    };
  } catch (error) {
    if (error instanceof RestError) throw error;
    if (signal.aborted) throw new RestError("aborted", `given up: ${url}`, { cause: error });
    if (timedOut) throw new RestError("timeout", `no complete answer within ${timeoutMs} ms: ${url}`, { cause: error });
    throw new RestError("network", `${describeFailure(error)}: ${url}`, { cause: error });
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

async function readText(response: HttpResponse, maxBodyBytes: number, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) {
      throw new RestError("body_too_large", `body exceeds ${maxBodyBytes} bytes: ${url}`, { status: response.status });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Fetch hides the reason (`ECONNREFUSED`) in the cause of a general error. */
function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
