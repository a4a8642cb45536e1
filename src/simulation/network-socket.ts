/**
 * One WebSocket over the simulated network, both of its ends. Each direction keeps its order; what a black hole swallows
 * is lost for this connection, whose ends then have to find out by themselves.
 */
import type { StreamSocket, StreamSocketEvents } from "../exchange/binance/stream-socket.js";
import type { MarketKind } from "../sim/settings.js";
import type { Endpoint } from "../sim/socket/endpoint.js";
import type { StreamTransport, TransportEvents } from "../sim/socket/transport.js";
import { arrive, latency, type Route } from "./network.js";

const ABNORMAL_CLOSURE = 1006;

/** One direction of a connection. */
class Pipe {
  readonly #route: Route;
  readonly #towards: "server" | "client";
  #busyUntilMs = 0;
  #isSwallowed = false;

  constructor(route: Route, towards: "server" | "client") {
    this.#route = route;
    this.#towards = towards;
  }

  send(deliver: () => void): void {
    const { clock, weather } = this.#route;
    const dueMs = Math.max(this.#busyUntilMs, clock.now() + latency(this.#route));
    this.#busyUntilMs = dueMs;
    const waitMs = dueMs - clock.now();
    const pass = (): void => {
      this.#isSwallowed ||= weather.blackHole;
      if (!this.#isSwallowed) deliver();
    };
    if (this.#towards === "client") arrive(this.#route, waitMs, pass);
    else clock.setTimeout(pass, waitMs);
  }
}

export class SimulatedSocket implements StreamSocket {
  readonly life: number;
  readonly market: MarketKind;
  readonly #route: Route;
  readonly #events: StreamSocketEvents;
  readonly #gone: () => void;
  readonly #toServer: Pipe;
  readonly #toClient: Pipe;
  #client: "dialing" | "open" | "closing" | "closed" = "dialing";
  #server: TransportEvents | undefined;
  #serverOpen = false;

  /** @param gone called once, when the client's end is closed. */
  constructor(route: Route, events: StreamSocketEvents, gone: () => void) {
    this.#route = route;
    this.#events = events;
    this.#gone = gone;
    this.life = route.life;
    this.market = route.core.market;
    this.#toServer = new Pipe(route, "server");
    this.#toClient = new Pipe(route, "client");
  }

  dial(target: string): void {
    const { core, weather } = this.#route;
    this.#toServer.send(() => {
      if (weather.offline) {
        this.#failedToOpen("ECONNREFUSED");
        return;
      }
      const verdict = core.streams.judge(target);
      if (verdict.type === "refused") this.#refused(verdict.status, verdict.retryAfterS);
      else if (verdict.type === "reset") this.#failedToOpen("ECONNRESET");
      else if (verdict.type === "admitted") {
        core.agenda.after(verdict.delayMs, () => this.#accept(target, verdict.endpoint));
      }
    });
  }

  sendText(text: string): void {
    this.#clientSends(() => this.#server?.onMessage(Buffer.from(text)));
  }

  ping(): void {
    this.#clientSends(() => {
      this.#server?.onPing();
      this.#toClient.send(() => this.#whileOpen(() => this.#events.onPong()));
    });
  }

  pong(payload: Buffer): void {
    this.#clientSends(() => this.#server?.onPong(payload.toString("latin1")));
  }

  close(code: number): void {
    if (this.#client !== "open") return;
    this.#client = "closing";
    this.#toServer.send(() => {
      this.#serverGone(code, "");
      this.#toClient.send(() => this.#closed(code, ""));
    });
  }

  terminate(): void {
    if (this.#client === "closed") return;
    this.#client = "closing";
    this.#toServer.send(() => this.#serverGone(ABNORMAL_CLOSURE, ""));
    this.#route.clock.setTimeout(() => this.#closed(ABNORMAL_CLOSURE, ""), 0);
  }

  /** The client's process is gone. */
  abandon(): void {
    this.#client = "closed";
    this.#toServer.send(() => this.#serverGone(ABNORMAL_CLOSURE, ""));
    this.#gone();
  }

  /** The network resets the connection: both ends see it. */
  tear(): void {
    this.#serverGone(ABNORMAL_CLOSURE, "");
    arrive(this.#route, 0, () => this.#closed(ABNORMAL_CLOSURE, ""));
  }

  #accept(target: string, endpoint: Endpoint): void {
    if (this.#client !== "dialing") return;
    this.#serverOpen = true;
    this.#toClient.send(() => {
      if (this.#client !== "dialing") return;
      this.#client = "open";
      if (this.#route.peer.isAlive()) this.#events.onOpen();
    });
    this.#route.core.streams.open(target, endpoint, (events) => {
      this.#server = events;
      return this.#transport();
    });
  }

  #transport(): StreamTransport {
    const isOpen = (): boolean => this.#serverOpen;
    return {
      get isOpen() {
        return isOpen();
      },
      bufferedBytes: 0,
      send: ({ data, binary }) => {
        const bytes = typeof data === "string" ? Buffer.from(data) : data;
        this.#toClient.send(() => this.#whileOpen(() => this.#events.onMessage(bytes, binary)));
      },
      ping: (payload) => {
        this.#toClient.send(() => this.#whileOpen(() => this.#events.onPing(Buffer.from(payload, "latin1"))));
      },
      end: (manner) => {
        this.#serverOpen = false;
        const [code, reason] = manner.by === "close" ? [manner.code, manner.reason ?? ""] : [ABNORMAL_CLOSURE, ""];
        this.#toClient.send(() => this.#closed(code, reason));
      },
    };
  }

  #clientSends(deliver: () => void): void {
    if (this.#client !== "open") return;
    this.#toServer.send(() => {
      if (this.#serverOpen) deliver();
    });
  }

  #whileOpen(tell: () => void): void {
    if (this.#client === "open" && this.#route.peer.isAlive()) tell();
  }

  #refused(status: number, retryAfterS: number | undefined): void {
    const { witness, core, life, peer } = this.#route;
    this.#toClient.send(() => {
      if (this.#client !== "dialing" || !peer.isAlive()) return;
      witness.refusalDelivered(core.market, life, { status, retryAfterS, kind: "handshake" });
      this.#events.onRefused(status, retryAfterS === undefined ? null : String(retryAfterS));
      this.#closed(ABNORMAL_CLOSURE, "");
    });
  }

  #failedToOpen(code: string): void {
    this.#toClient.send(() => {
      if (this.#client !== "dialing" || !this.#route.peer.isAlive()) return;
      this.#events.onError(code);
      this.#closed(ABNORMAL_CLOSURE, "");
    });
  }

  #serverGone(code: number, reason: string): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#server?.onClose(code, reason);
  }

  #closed(code: number, reason: string): void {
    if (this.#client === "closed") return;
    this.#client = "closed";
    this.#gone();
    if (this.#route.peer.isAlive()) this.#events.onClose(code, reason);
  }
}
