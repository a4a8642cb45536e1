/** WebSockets of a simulated market over real connections; who is let in says the stream server. */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type WebSocket, WebSocketServer as WsServer } from "ws";
import type { Agenda } from "../agenda.js";
import type { Endpoint } from "./endpoint.js";
import type { Refusal, StreamServer } from "./stream-server.js";
import type { StreamTransport, TransportEvents } from "./transport.js";

/** Longest message taken from a client, in bytes; a longer one closes with 1009. */
const MESSAGE_MAX_BYTES = 64 * 1_024;

export class WebSocketServer {
  readonly #streams: StreamServer;
  readonly #agenda: Agenda;
  readonly #webSockets = new WsServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: MESSAGE_MAX_BYTES,
  });

  constructor(streams: StreamServer, agenda: Agenda) {
    this.#streams = streams;
    this.#agenda = agenda;
    this.#webSockets.on("wsClientError", (_error, socket, request) => {
      refuse(socket as Socket, streams.refused(request.url ?? "", { status: 400 }));
    });
  }

  /** Handles a request to upgrade. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const verdict = this.#streams.judge(request.url ?? "");
    switch (verdict.type) {
      case "refused":
        refuse(socket, verdict);
        return;
      case "reset":
        socket.resetAndDestroy();
        return;
      case "hung":
        socket.resume().once("end", () => socket.destroy());
        return;
      case "admitted": {
        const { endpoint, delayMs } = verdict;
        if (delayMs === 0) this.#accept(request, socket, head, endpoint);
        else this.#agenda.after(delayMs, () => this.#accept(request, socket, head, endpoint));
      }
    }
  }

  #accept(request: IncomingMessage, socket: Socket, head: Buffer, endpoint: Endpoint): void {
    if (socket.destroyed) return;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#streams.open(request.url ?? "", endpoint, (events) => webSocketTransport(webSocket, socket, events));
    });
  }
}

function refuse(socket: Socket, { status, retryAfterS, body = "" }: Refusal): void {
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

function webSocketTransport(webSocket: WebSocket, socket: Socket, events: TransportEvents): StreamTransport {
  webSocket.on("error", () => webSocket.terminate());
  webSocket.on("close", (code, reason) => events.onClose(code, reason.toString("utf8")));
  webSocket.on("message", (data: Buffer) => events.onMessage(data));
  webSocket.on("ping", () => events.onPing());
  webSocket.on("pong", (payload) => events.onPong(payload.toString("latin1")));
  let corked = false;
  /** Frames of one turn leave in one system call: at a minute's end thousands go out together. */
  const gatherWrites = (): void => {
    if (corked) return;
    corked = true;
    socket.cork();
    process.nextTick(() => {
      corked = false;
      socket.uncork();
    });
  };
  return {
    get isOpen() {
      return webSocket.readyState === webSocket.OPEN;
    },
    get bufferedBytes() {
      return webSocket.bufferedAmount;
    },
    send: ({ data, binary }) => {
      gatherWrites();
      webSocket.send(data, { binary });
    },
    ping: (payload) => webSocket.ping(payload),
    end: (manner) => {
      if (manner.by === "close") webSocket.close(manner.code, manner.reason ?? "");
      else if (manner.by === "reset") socket.resetAndDestroy();
      else socket.end();
    },
  };
}
