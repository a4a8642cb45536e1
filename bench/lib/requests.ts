/** HTTP load: a number of kept-alive connections, each sending its next request when the last one is answered. */
import { Agent, request } from "node:http";
import { round, type Spread, spread } from "./stats.js";

export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly latencyMs: Spread;
}

/** One request of a load. */
export interface LoadRequest {
  readonly path: string;
  readonly body?: string;
}

export type Sender = (next: LoadRequest) => Promise<number>;

/** One kept-alive connection. */
export function connection(url: string): { send: Sender; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  const send: Sender = ({ path, body }) =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const headers =
        body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const sent = request({ agent, hostname, port, path, method, headers }, (response) => {
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on("end", () =>
          response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${path} answered ${response.statusCode}`)),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return { send, close: () => agent.destroy() };
}

/** Sends `requests` requests over `connections` connections. `make` is told which connection and which of its requests. */
export async function load(
  url: string,
  connections: number,
  requests: number,
  make: (connection: number, index: number) => LoadRequest,
): Promise<LoadResult> {
  const latencies: number[] = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, number) => {
      const { send, close } = connection(url);
      for (let index = 0; index < requests / connections; index += 1) {
        const sentAt = performance.now();
        await send(make(number, index));
        latencies.push(performance.now() - sentAt);
      }
      close();
    }),
  );
  return { requests: latencies.length, elapsedMs: round(performance.now() - began), latencyMs: spread(latencies) };
}
