/** A tiny HTTP server on loopback that answers as a test tells it to, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
}

export type Answer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Never answers. */
  | "hang"
  /** Sends the head of an answer and half a body, then nothing. */
  | "hang_in_body"
  /** Closes the connection without an answer. */
  | "reset"
  /** Promises more body than it sends, then closes. */
  | "cut_body";

export interface ScriptedServer {
  readonly baseUrl: string;
  readonly requests: readonly SeenRequest[];
  /** TCP connections accepted so far. */
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

export const JSON_HEADERS = { "content-type": "application/json;charset=UTF-8" };

export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(value) };
}

/** @param script called once per request, with its number from 0. */
export async function startScriptedServer(
  script: (request: SeenRequest, index: number) => Answer | Promise<Answer>,
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
    const seen = { path: url.pathname, query: Object.fromEntries(url.searchParams), headers: incoming.headers };
    requests.push(seen);
    void Promise.resolve(script(seen, requests.length - 1)).then((answer) => send(response, answer));
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === "hang") return;
  if (answer === "reset") {
    response.destroy();
  } else if (answer === "hang_in_body" || answer === "cut_body") {
    response.writeHead(200, { ...JSON_HEADERS, "content-length": "1000" });
    response.write('[[1634943780000,"60685.2', () => {
      if (answer === "cut_body") response.destroy();
    });
  } else {
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.body);
  }
}
