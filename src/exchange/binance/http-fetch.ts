/** An HTTP GET as a port: what the REST client needs of `fetch`, which is the default. */

/** The answer's head; its body may still be under way. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Sends a GET. Rejects when no answer came, or the signal was aborted. */
export type HttpFetch = (url: string, request: HttpRequest) => Promise<HttpResponse>;

/** Over the network. A redirect is an answer like any other, and not followed. */
export const fetchHttp: HttpFetch = (url, request) => fetch(url, { ...request, redirect: "manual" });
