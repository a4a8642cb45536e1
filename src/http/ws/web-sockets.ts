/** The WebSocket side of the server: upgrades, heartbeats, and the orderly end. Spec: ws-api §1.1, §1.6, §3. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { TimerHandle } from "../../clock/clock.js";
import type { HttpContext } from "../context.js";
import { DebugClient } from "./debug-client.js";
import { MarketClient } from "./market-client.js";

/** Where WebSockets are offered. */
export const WEB_SOCKET_PATHS: readonly string[] = ["/ws/market", "/ws/debug"];

/** Largest message of a client, in bytes. */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/** Connections at a time. */
const MAX_CONNECTIONS = 20_000;

/** A client is pinged this often, and dropped when it has been silent until the next time. Milliseconds. */
const HEARTBEAT_MS = 20_000;

/** A client may take this long to answer the close at the end, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000;

const CLOSE_GOING_AWAY = 1001;

interface Client {
  received(data: Buffer, isBinary: boolean): void;
  gone(): void;
}

export class WebSockets {
  readonly #context: HttpContext;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
  });
  /** Sockets, and whether they have been heard of since the last heartbeat. */
  readonly #alive = new Map<WebSocket, boolean>();
  #heartbeat: TimerHandle | undefined;
  #closing = false;

  constructor(context: HttpContext) {
    this.#context = context;
  }

  /** Takes over the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#beat();
  }

  /** Closes every connection with 1001 `server_shutdown`; resolves when they are closed or the time is up. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const { clock } = this.#context;
    clock.clearTimeout(this.#heartbeat);
    const sockets = [...this.#alive.keys()];
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    for (const socket of sockets) socket.close(CLOSE_GOING_AWAY, "server_shutdown");
    const limit = clock.ioTimeout(() => {
      for (const socket of this.#alive.keys()) socket.terminate();
    }, CLOSE_TIMEOUT_MS);
    await Promise.all(closed);
    clock.clearTimeout(limit);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener an error on a half-made connection would end the process.
    socket.on("error", () => socket.destroy());
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      // A client that keeps its side open must not keep the connection, and with it the server at its end.
      socket.once("finish", () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, pathOf(request)));
  }

  #refusal(request: IncomingMessage): string | undefined {
    const path = pathOf(request);
    if (!WEB_SOCKET_PATHS.includes(path)) return "404 Not Found";
    if (path === "/ws/debug" && !this.#context.gates.debugApi) return "403 Forbidden";
    if (this.#closing || this.#alive.size >= MAX_CONNECTIONS) return "503 Service Unavailable";
    return undefined;
  }

  #accept(socket: WebSocket, path: string): void {
    this.#alive.set(socket, true);
    const { debug } = this.#context;
    const client: Client =
      path === "/ws/debug" ? new DebugClient(socket, debug) : new MarketClient(socket, this.#context);
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.#alive.set(socket, true);
      client.received(data, isBinary);
    });
    socket.on("pong", () => this.#alive.set(socket, true));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.#alive.delete(socket);
      client.gone();
    });
  }

  #beat(): void {
    this.#heartbeat = this.#context.clock.ioTimeout(() => {
      for (const [socket, alive] of this.#alive) {
        if (!alive) {
          socket.terminate();
          continue;
        }
        this.#alive.set(socket, false);
        socket.ping();
      }
      this.#beat();
    }, HEARTBEAT_MS);
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?")[0] ?? "/";
}
