/**
 * HTTP load: a number of kept-alive connections, each sending its next request when the last one is answered. Answers are
 * read into one buffer and only counted, so that the client's own work and memory do not show in the figures.
 */
import { connect, type Socket } from "node:net";
import type { ProcessorTime } from "./daemon.js";
import { round, type Spread, spread } from "./stats.js";

export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly latencyMs: Spread;
  /** The daemon's processor time per request; NaN unless {@link load} was told how to read it. */
  readonly daemon: { readonly ranMs: Spread; readonly waitedMs: Spread };
}

/** One request of a load. */
export interface LoadRequest {
  readonly path: string;
  readonly body?: string;
}

const UNKNOWN: ProcessorTime = { ranMs: Number.NaN, waitedMs: Number.NaN };

/** @returns the length of the answer's body in bytes. @throws Error for any answer but 200. */
export type Sender = (next: LoadRequest) => Promise<number>;

/** Bytes read at a time. */
const READ_BYTES = 256 * 1024;

const HEAD_END = "\r\n\r\n";

/** An answer under way. */
interface Awaited {
  readonly path: string;
  readonly resolve: (bytes: number) => void;
  readonly reject: (error: Error) => void;
  /** What has come of the head, while it is not whole; then the length of the body, and how much of it is to come. */
  head: string;
  bytes: number;
  left: number;
}

/** One kept-alive connection. */
export function connection(url: string): { send: Sender; close: () => void } {
  const { hostname, port, host } = new URL(url);
  let awaited: Awaited | undefined;
  const settle = (act: (answer: Awaited) => void): void => {
    const answer = awaited;
    awaited = undefined;
    if (answer !== undefined) act(answer);
  };
  const fail = (error: Error): void => settle(({ reject }) => reject(error));
  const take = (length: number, buffer: Uint8Array): boolean => {
    try {
      if (awaited !== undefined && isWhole(awaited, length, buffer)) settle(({ resolve, bytes }) => resolve(bytes));
    } catch (error) {
      fail(error as Error);
    }
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafe(READ_BYTES), callback: take };
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error(`${url} hung up`)));
  const send: Sender = ({ path, body }) =>
    new Promise((resolve, reject) => {
      awaited = { path, resolve, reject, head: "", bytes: 0, left: 0 };
      const [method, headers] =
        body === undefined
          ? ["GET", ""]
          : ["POST", `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`];
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers}\r\n${body ?? ""}`);
    });
  return { send, close: () => socket.destroy() };
}

/** Takes bytes of an answer in. @throws Error when it is not as expected. */
function isWhole(answer: Awaited, length: number, buffer: Uint8Array): boolean {
  if (answer.head.endsWith(HEAD_END)) {
    answer.left -= length;
    return answer.left === 0;
  }
  const text = answer.head + Buffer.from(buffer.buffer, buffer.byteOffset, length).toString("latin1");
  const end = text.indexOf(HEAD_END);
  if (end < 0) {
    answer.head = text;
    return false;
  }
  answer.head = text.slice(0, end + HEAD_END.length);
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer.head) ?? [];
  if (status !== "200") throw new Error(`${answer.path} answered ${status}`);
  const [, bytes] = /\r\ncontent-length: (\d+)\r\n/i.exec(answer.head) ?? [];
  if (bytes === undefined) throw new Error(`${answer.path} answered without a length`);
  answer.bytes = Number(bytes);
  answer.left = answer.bytes - (text.length - answer.head.length);
  return answer.left === 0;
}

/**
 * Sends `requests` requests over `connections` connections. `make` is told which connection and which of its requests.
 * @param daemonTime of use with one connection only.
 */
export async function load(
  url: string,
  connections: number,
  requests: number,
  make: (connection: number, index: number) => LoadRequest,
  daemonTime: () => ProcessorTime = () => UNKNOWN,
): Promise<LoadResult> {
  const latencies: number[] = [];
  const ran: number[] = [];
  const waited: number[] = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, number) => {
      const { send, close } = connection(url);
      for (let index = 0; index < requests / connections; index += 1) {
        const before = daemonTime();
        const sentAt = performance.now();
        await send(make(number, index));
        latencies.push(performance.now() - sentAt);
        const after = daemonTime();
        ran.push(after.ranMs - before.ranMs);
        waited.push(after.waitedMs - before.waitedMs);
      }
      close();
    }),
  );
  return {
    requests: latencies.length,
    elapsedMs: round(performance.now() - began),
    latencyMs: spread(latencies),
    daemon: { ranMs: spread(ran), waitedMs: spread(waited) },
  };
}
