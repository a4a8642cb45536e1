/** The WebSocket side of a simulated market: who is let in, and who is in. Spec: binance-protocol §2.1, §5 items 4, 5. */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { HandshakeEffect } from "../faults/definition.js";
import type { FaultSwitchboard } from "../faults/switchboard.js";
import type { Journal, JournalEvents } from "../journal.js";
import { RollingWindow } from "../rolling-window.js";
import { type Endpoint, parseEndpoint } from "./endpoint.js";
import { type ConnectionWorld, StreamConnection } from "./stream-connection.js";

export interface StreamServerWorld extends Omit<ConnectionWorld, "ended"> {
  readonly faults: FaultSwitchboard;
  readonly journal: Journal;
  /** End of the ban of the client's address, ms; undefined when it is not banned. */
  readonly bannedUntil: () => number | undefined;
}

/** Longest message taken from a client, in bytes; a longer one closes with 1009. */
const MESSAGE_MAX_BYTES = 64 * 1_024;

export class StreamServer {
  readonly #world: StreamServerWorld;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: MESSAGE_MAX_BYTES,
  });
  readonly #attempts: RollingWindow;
  readonly #connections = new Map<number, StreamConnection>();
  #lastId = 0;

  constructor(world: StreamServerWorld) {
    this.#world = world;
    this.#attempts = new RollingWindow(world.settings.attemptLimit, world.settings.attemptWindowMs);
    this.#webSockets.on("wsClientError", (_error, socket, request) => this.#refuse(request, socket as Socket, 400));
  }

  /** The open connections, oldest first. */
  get connections(): readonly StreamConnection[] {
    return [...this.#connections.values()];
  }

  /** Handles a request to upgrade. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const target = request.url ?? "";
    const { faults, settings, agenda, market } = this.#world;
    const fault = faults.first("handshake", {}, target);
    if (fault !== undefined && fault.effect !== "delay") {
      this.#break(request, socket, fault);
      return;
    }
    const attempt = this.#attempts.admit(agenda.now());
    if (!attempt.admitted) {
      this.#refuse(request, socket, 429, Math.ceil(attempt.waitMs / 1000));
      return;
    }
    const bannedUntilMs = settings.banRefusesHandshakes ? this.#world.bannedUntil() : undefined;
    if (bannedUntilMs !== undefined) {
      this.#refuse(request, socket, 418, Math.ceil((bannedUntilMs - agenda.now()) / 1000));
      return;
    }
    const endpoint = parseEndpoint(target, market);
    if (target.length > settings.targetMaxLength) this.#refuse(request, socket, 414);
    else if (endpoint === undefined) this.#refuse(request, socket, 404);
    else if (fault === undefined) this.#accept(request, socket, head, endpoint);
    else agenda.after(fault.delayMs, () => this.#accept(request, socket, head, endpoint));
  }

  #accept(request: IncomingMessage, socket: Socket, head: Buffer, endpoint: Endpoint): void {
    if (socket.destroyed) return;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#open(request.url ?? "", endpoint, webSocket, socket),
    );
  }

  #open(target: string, endpoint: Endpoint, webSocket: WebSocket, socket: Socket): void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#world.journal.note("attempt", { target, outcome: { result: "accepted", connection: id } });
    const ended = (): void => {
      this.#connections.delete(id);
    };
    const connection = new StreamConnection(id, target, endpoint, { webSocket, socket }, { ...this.#world, ended });
    if (connection.isOpen) this.#connections.set(id, connection);
  }

  #break(request: IncomingMessage, socket: Socket, fault: Exclude<HandshakeEffect, { effect: "delay" }>): void {
    if (fault.effect === "refuse") {
      this.#refuse(request, socket, fault.status, fault.retryAfterS, fault.body);
      return;
    }
    this.#note(request, { result: fault.effect === "reset" ? "reset" : "hung" });
    if (fault.effect === "reset") socket.resetAndDestroy();
    else socket.resume().once("end", () => socket.destroy());
  }

  #refuse(request: IncomingMessage, socket: Socket, status: number, retryAfterS?: number, body = ""): void {
    this.#note(request, { result: "refused", status });
    const headers = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
      "Connection: close",
      "Content-Type: text/plain",
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(retryAfterS === undefined ? [] : [`Retry-After: ${retryAfterS}`]),
    ];
    // Nobody reads this socket any more, so its other end would never be noticed.
    socket.once("finish", () => socket.destroy());
    socket.end(`${headers.join("\r\n")}\r\n\r\n${body}`);
  }

  #note(request: IncomingMessage, outcome: JournalEvents["attempt"]["outcome"]): void {
    this.#world.journal.note("attempt", { target: request.url ?? "", outcome });
  }
}
