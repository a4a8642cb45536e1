/** The WebSocket side of the server: upgrades, heartbeats, and the orderly end. Spec: ws-api §1.1, §1.6, §3. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { TimerHandle } from "../../clock/clock.js";
import type { AccessGuard } from "../access/access-guard.js";
import type { MessageRate } from "../access/message-rate.js";
import { chosenProtocol } from "../access/presented-token.js";
import { type Access, accessOf } from "../access/scopes.js";
import type { HttpContext } from "../context.js";
import { answerBytes, pathOf } from "../plain-answer.js";
import { DebugClient } from "./debug-client.js";
import { MarketClient } from "./market-client.js";
import { PageTurns } from "./page-turns.js";

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
const CLOSE_POLICY_VIOLATION = 1008;

interface Client {
  received(data: Buffer, isBinary: boolean): void;
  gone(): void;
}

/** A client that is connected. */
interface Peer {
  readonly path: string;
  /** Whether it has been heard of since the last heartbeat. */
  wasHeard: boolean;
}

export class WebSockets {
  readonly #context: HttpContext;
  readonly #turns: PageTurns;
  readonly #guard: AccessGuard;
  /** What each path needs. */
  readonly #access: ReadonlyMap<string, Access>;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    handleProtocols: chosenProtocol,
  });
  readonly #open = new Map<WebSocket, Peer>();
  #heartbeat: TimerHandle | undefined;
  #closing = false;

  /** @throws UnlistedRouteError when a path is not in the table of scopes. */
  constructor(context: HttpContext, guard: AccessGuard) {
    this.#context = context;
    this.#turns = new PageTurns(context.clock);
    this.#guard = guard;
    this.#access = new Map(WEB_SOCKET_PATHS.map((path) => [path, accessOf("WebSocket", path)]));
  }

  /** Takes over the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#beat();
  }

  /** How many clients each path has. */
  clients(): ReadonlyMap<string, number> {
    const open = [...this.#open.values()];
    return new Map(WEB_SOCKET_PATHS.map((path) => [path, open.filter((peer) => peer.path === path).length]));
  }

  /** Closes every connection with 1001 `server_shutdown`; resolves when they are closed or the time is up. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const { clock } = this.#context;
    clock.clearTimeout(this.#heartbeat);
    const sockets = [...this.#open.keys()];
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    for (const socket of sockets) socket.close(CLOSE_GOING_AWAY, "server_shutdown");
    const limit = clock.ioTimeout(() => {
      for (const socket of this.#open.keys()) socket.terminate();
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
      socket.end(refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#accept(webSocket, pathOf(request.url), this.#guard.messageRate(request)),
    );
  }

  /** The answer to an upgrade that is refused. */
  #refusal(request: IncomingMessage): string | undefined {
    const path = pathOf(request.url);
    const access = this.#access.get(path);
    if (access === undefined) return emptyAnswer("404 Not Found");
    if (this.#closing || this.#open.size >= MAX_CONNECTIONS) return emptyAnswer("503 Service Unavailable");
    const refused = this.#guard.upgrade(request, access);
    if (refused !== undefined) {
      this.#context.metrics.count("http_access_refused_total", { code: refused.error.code });
      return answerBytes(refused.error, refused.headers);
    }
    if (path === "/ws/debug" && !this.#context.gates.debugApi) return emptyAnswer("403 Forbidden");
    return undefined;
  }

  #accept(socket: WebSocket, path: string, rate: MessageRate | undefined): void {
    const peer: Peer = { path, wasHeard: true };
    this.#open.set(socket, peer);
    const { debug } = this.#context;
    const client: Client =
      path === "/ws/debug" ? new DebugClient(socket, debug) : new MarketClient(socket, this.#context, this.#turns);
    let isCutOff = false;
    /** Whether what has come may still be looked at. */
    const takes = (): boolean => {
      peer.wasHeard = true;
      if (isCutOff) return false;
      if (rate === undefined || rate.take()) return true;
      isCutOff = true;
      socket.close(CLOSE_POLICY_VIOLATION, "too_many_messages");
      client.gone();
      return false;
    };
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (takes()) client.received(data, isBinary);
    });
    socket.on("ping", takes);
    socket.on("pong", () => {
      peer.wasHeard = true;
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.#open.delete(socket);
      client.gone();
    });
  }

  #beat(): void {
    this.#heartbeat = this.#context.clock.ioTimeout(() => {
      for (const [socket, peer] of this.#open) {
        if (!peer.wasHeard) {
          socket.terminate();
          continue;
        }
        peer.wasHeard = false;
        socket.ping();
      }
      this.#beat();
    }, HEARTBEAT_MS);
  }
}

/** Of refusals that existing clients know by their status alone. */
function emptyAnswer(status: string): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}
