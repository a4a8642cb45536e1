/** An exchange's stream server on loopback that does what a test says, and remembers every frame it got. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { Candle } from "../../../src/market/candle.js";

/** How a handshake is answered. */
export type Handshake =
  | "accept"
  /** Never answered. */
  | "hang"
  /** The connection is closed without an answer. */
  | "reset"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

export interface ControlFrame {
  readonly method: string;
  readonly params: readonly string[];
  readonly id: number;
}

export interface ClientFrame {
  readonly kind: "text" | "ping" | "pong";
  readonly text: string;
}

/** One accepted connection, as the server sees it. */
export class ServerSide {
  readonly socket: WebSocket;
  readonly frames: ClientFrame[] = [];
  closed: { readonly code: number } | undefined;

  constructor(socket: WebSocket, answer: (control: ControlFrame, side: ServerSide) => void) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      this.frames.push({ kind: "text", text });
      answer(JSON.parse(text) as ControlFrame, this);
    });
    for (const kind of ["ping", "pong"] as const) {
      socket.on(kind, (data: Buffer) => this.frames.push({ kind, text: data.toString("utf8") }));
    }
    socket.on("close", (code) => {
      this.closed = { code };
    });
    socket.on("error", () => undefined);
  }

  get controls(): readonly ControlFrame[] {
    return this.frames.filter(({ kind }) => kind === "text").map(({ text }) => JSON.parse(text) as ControlFrame);
  }

  /** Streams of all messages of a method, in order. */
  streams(method: "SUBSCRIBE" | "UNSUBSCRIBE"): readonly string[] {
    return this.controls.filter((control) => control.method === method).flatMap(({ params }) => params);
  }

  reply(id: number, error?: { readonly code: number; readonly msg: string }): void {
    this.socket.send(JSON.stringify(error === undefined ? { result: null, id } : { error, id }));
  }

  kline(stream: string, candle: Candle, final = false, eventTimeMs = 1_746_403_230_000): void {
    const [symbol = "", interval = ""] = stream.split("@kline_");
    const { time, open, high, low, close, volume } = candle;
    const k = { t: time * 1000, T: time * 1000 + 59_999, s: symbol.toUpperCase(), i: interval, x: final };
    const values = { o: `${open}`, h: `${high}`, l: `${low}`, c: `${close}`, v: `${volume}`, n: 1, f: 1, L: 1 };
    const data = { e: "kline", E: eventTimeMs, s: symbol.toUpperCase(), k: { ...k, ...values } };
    this.socket.send(JSON.stringify({ stream, data }));
  }
}

export interface SocketServer {
  /** `ws://127.0.0.1:<port>` */
  url: string;
  /** How the next handshakes are answered. */
  handshake: Handshake;
  /** Answers a control message; by default acknowledges it. */
  answer: (control: ControlFrame, side: ServerSide) => void;
  /** Paths of all handshakes that were tried. */
  readonly attempts: readonly string[];
  /** Connections that were accepted, in order. */
  readonly sides: readonly ServerSide[];
  /** The newest connection. */
  readonly side: ServerSide;
}

/** Starts a server that ends with the test. */
export async function startSocketServer(): Promise<SocketServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true, autoPong: false });
  const attempts: string[] = [];
  const sides: ServerSide[] = [];
  const open = new Set<Duplex>();
  const server: SocketServer = {
    url: "",
    handshake: "accept",
    answer: (control, side) => side.reply(control.id),
    attempts,
    sides,
    get side() {
      return newest(sides);
    },
  };
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    attempts.push(request.url ?? "");
    open.add(socket);
    socket.on("error", () => undefined);
    const { handshake } = server;
    if (handshake === "hang") return;
    if (handshake === "reset") {
      socket.destroy();
    } else if (handshake === "accept") {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        sides.push(new ServerSide(webSocket, (control, side) => server.answer(control, side)));
      });
    } else {
      const headers = Object.entries({ "content-length": "0", connection: "close", ...handshake.headers });
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      socket.end(`HTTP/1.1 ${handshake.status} No\r\n${lines}\r\n`);
    }
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => http.close(resolve));
  });
  const { port } = http.address() as AddressInfo;
  server.url = `ws://127.0.0.1:${port}`;
  return server;
}

function newest(sides: readonly ServerSide[]): ServerSide {
  const side = sides.at(-1);
  if (side === undefined) throw new Error("nobody has connected");
  return side;
}

/** Real time that a condition may take to come true. */
const PATIENCE_REAL_MS = 5_000;

/** Turns the event loop until the condition holds; the failure says what was waited for. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > PATIENCE_REAL_MS) throw new Error(`${what} did not happen`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/**
 * Resolves when all that the client has sent so far has come: a round trip through its socket. The client must answer
 * pings.
 */
export async function roundTrip(side: ServerSide): Promise<void> {
  const pongs = () => side.frames.filter(({ kind }) => kind === "pong").length;
  const before = pongs();
  side.socket.ping("round-trip");
  await until("the round trip", () => pongs() > before);
}
