/** Requests over a connection of their own, with every byte of path, headers and body under the test's control. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { WireCandle } from "../../src/market/candle.js";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, parsed. */
  readonly json: JsonBody;
}

/** Members of answers that tests look into; the whole is what they compare. */
export interface JsonBody {
  readonly detail?: unknown;
  readonly candles?: readonly WireCandle[];
  readonly [member: string]: unknown;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when a text or bytes, otherwise as JSON. */
  readonly body?: unknown;
  /** Of an answer that has no end: what comes first is taken for the whole, and the connection ended. */
  readonly firstChunkOnly?: boolean;
}

/** @param path with its query, exactly as it is to be sent. */
export function call(url: string, path: string, options: CallOptions = {}): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url);
  const { method = options.body === undefined ? "GET" : "POST", headers = {}, body, firstChunkOnly } = options;
  const data = body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  // Of some methods Node's client does not announce the body.
  const announced =
    "content-length" in headers || data === undefined ? {} : { "content-length": Buffer.byteLength(data) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path, method, headers: { ...headers, ...announced }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        const finish = (): void => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            get json() {
              return JSON.parse(text) as JsonBody;
            },
          });
        };
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if (firstChunkOnly !== true) return;
          finish();
          request.destroy();
        });
        response.on("error", reject);
        response.on("end", finish);
      },
    );
    request.on("error", reject);
    request.end(data);
  });
}

export function post(url: string, path: string, body: unknown): Promise<HttpAnswer> {
  return call(url, path, { method: "POST", body });
}

export const CLOSED = "/api/market/ingest/candle_closed";
export const FORMING = "/api/market/ingest/candle_forming";
export const BATCH = "/api/dev/market/ingest/candles_closed_batch";
export const CANDLES = "/api/market/candles";

/** A wire candle whose values follow from its time. */
export function wire(candle_time: number, close = 1.5): WireCandle {
  return { candle_time, open: 1, high: 2, low: 0.5, close, volume: 10 };
}

export function ingest(url: string, series_id: string, candle_time: number, close?: number): Promise<HttpAnswer> {
  return post(url, CLOSED, { series_id, candle: wire(candle_time, close) });
}

/** Ingests candles one after another. @throws Error when one is not accepted. */
export async function ingestAll(url: string, series: string, times: readonly number[]): Promise<void> {
  for (const time of times) {
    const answer = await ingest(url, series, time);
    if (answer.status !== 200) throw new Error(`ingest of ${time} was answered with ${answer.status}: ${answer.text}`);
  }
}

/** The newest candles, or those after `since`. */
export function candles(url: string, series: string, query = ""): Promise<HttpAnswer> {
  return call(url, `${CANDLES}?series_id=${encodeURIComponent(series)}${query}`);
}

export function timesOf(answer: HttpAnswer): readonly number[] {
  return (answer.json.candles ?? []).map((candle) => candle.candle_time);
}

/** Sends bytes as they are, and resolves with everything that comes back until the server hangs up. */
export function exchangeBytes(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    const finish = (): void => resolve(Buffer.concat(chunks).toString("latin1"));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", finish);
    socket.on("close", finish);
    socket.end(bytes);
  });
}
