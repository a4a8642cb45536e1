/** A listening port on loopback that can be taken off line, with every connection torn, and put back on line. */
import type { IncomingMessage, Server } from "node:http";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";

const LOOPBACK = "127.0.0.1";
/** Node's own limits on what a client may leave half said; real time, seconds are not the exchange's. */
const HEADERS_TIMEOUT_REAL_MS = 60_000;

export interface ListenerHandlers {
  readonly request: RequestListener;
  readonly upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
}

export class Listener {
  readonly #handlers: ListenerHandlers;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #server: Server | undefined;

  /** @param port 0 takes any free one, and keeps it. */
  constructor(port: number, handlers: ListenerHandlers) {
    this.#port = port;
    this.#handlers = handlers;
  }

  get port(): number {
    return this.#port;
  }

  get isOnline(): boolean {
    return this.#server !== undefined;
  }

  /**
   * Starts to listen; without effect when it does.
   * @throws Error naming the port when it cannot be had.
   */
  async goOnline(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ headersTimeout: HEADERS_TIMEOUT_REAL_MS }, this.#handlers.request);
    this.#server = server;
    server.on("connection", (socket) => this.#track(socket));
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    server.on("clientError", (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        this.#server = undefined;
        reject(new Error(`cannot listen on ${LOOPBACK}:${this.#port}: ${error.message}; choose another port`));
      });
      server.listen(this.#port, LOOPBACK, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Stops to listen and resets every connection, so that connecting is refused. */
  async goOffline(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    // Before the close, which would end idle connections politely.
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#handlers.upgrade === undefined) socket.destroy();
    else this.#handlers.upgrade(request, socket as Socket, head);
  }

  #track(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }
}
