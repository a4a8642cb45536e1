/** How many connections there may be, in all and of one address: one too many is told so before anything of it is read. */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { HttpError } from "../errors.js";
import { answerBytes } from "../plain-answer.js";
import { isLoopbackPeer, peerKey } from "./peer.js";

/** Open files that clients cannot take: the exchange's sockets, the store, and what a build or a report opens. */
export const RESERVED_FILES = 512;

/**
 * Connections that there may be when each takes one open file of the process.
 * @param wanted as it is set. @param openFiles that the system allows the process; null when it sets no limit, or does not tell.
 */
export function affordableConnections(wanted: number, openFiles: number | null): number {
  if (openFiles === null) return wanted;
  return Math.min(wanted, Math.max(openFiles - RESERVED_FILES, Math.floor(openFiles / 2), 1));
}

export interface ConnectionLimitOptions {
  /** In all, loopback included. */
  readonly max: number;
  readonly maxPerAddress: number;
  /** Whether loopback is one address like any other. */
  readonly countsLoopback: boolean;
}

export class ConnectionLimit {
  readonly #options: ConnectionLimitOptions;
  readonly #byPeer = new Map<string, number>();
  #open = 0;

  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#open;
  }

  /** Stands before a server: what is refused never comes to it. WebSockets stay counted as what they began as. */
  guard(server: Server): Server {
    const listeners = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      if (!this.#admit(socket)) return refuse(socket);
      for (const listener of listeners) listener.call(server, socket);
    });
    return server;
  }

  #admit(socket: Socket): boolean {
    const { max, maxPerAddress, countsLoopback } = this.#options;
    const { remoteAddress } = socket;
    const peer = countsLoopback || !isLoopbackPeer(remoteAddress) ? peerKey(remoteAddress) : undefined;
    const ofPeer = peer === undefined ? 0 : (this.#byPeer.get(peer) ?? 0);
    if (this.#open >= max || ofPeer >= maxPerAddress) return false;
    this.#open += 1;
    if (peer !== undefined) this.#byPeer.set(peer, ofPeer + 1);
    socket.once("close", () => this.#gone(peer));
    return true;
  }

  #gone(peer: string | undefined): void {
    this.#open -= 1;
    if (peer === undefined) return;
    const left = (this.#byPeer.get(peer) ?? 0) - 1;
    if (left > 0) this.#byPeer.set(peer, left);
    else this.#byPeer.delete(peer);
  }
}

function refuse(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  // What came and was not read would turn the answer into a reset.
  socket.resume();
  socket.end(answerBytes(new HttpError("http.too_many_connections")));
}
