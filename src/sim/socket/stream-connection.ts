/**
 * One WebSocket of a client: its subscriptions, its answers, and the police that ends it when it misbehaves or has grown
 * old. Spec: binance-protocol §2.1, §2.3, §2.4, §5 item 5.
 */
import type { Agenda, AgendaItem } from "../agenda.js";
import type { FaultSwitchboard } from "../faults/switchboard.js";
import type { Journal } from "../journal.js";
import { RollingWindow } from "../rolling-window.js";
import type { ConnectionSettings, CutManner, MarketKind } from "../settings.js";
import type { Frame } from "../stream/delivery.js";
import type { Envelope } from "../stream/kline-message.js";
import type { Subscriber } from "../stream/publisher.js";
import type { StreamEngine } from "../stream/stream-engine.js";
import {
  CONTROL_CODES,
  type ControlId,
  type ControlProblem,
  type ControlRequest,
  errorFrame,
  readControl,
  resultFrame,
} from "./control-messages.js";
import type { Endpoint } from "./endpoint.js";
import { Heartbeat } from "./heartbeat.js";
import type { OpenTransport, StreamTransport } from "./transport.js";

export interface ConnectionWorld {
  readonly market: MarketKind;
  readonly settings: ConnectionSettings;
  readonly agenda: Agenda;
  readonly engine: StreamEngine;
  readonly faults: FaultSwitchboard;
  readonly journal: Journal;
  /** Called once, when the connection is of no more use. */
  readonly ended: (connection: StreamConnection) => void;
}

/** The limit of incoming frames is per second of the exchange's clock. */
const FRAME_WINDOW_MS = 1_000;
const POLICY_VIOLATION = 1008;
const ABNORMAL_CLOSURE = 1006;

export class StreamConnection implements Subscriber {
  readonly id: number;
  readonly target: string;
  readonly openedMs: number;
  readonly #world: ConnectionWorld;
  readonly #transport: StreamTransport;
  readonly #endpoint: Endpoint;
  readonly #subscriptions = new Set<string>();
  readonly #frames: RollingWindow;
  #combined: boolean;
  #state: "open" | "ended" = "open";
  readonly #heartbeat: Heartbeat;
  readonly #life: AgendaItem[] = [];

  constructor(id: number, target: string, endpoint: Endpoint, transport: OpenTransport, world: ConnectionWorld) {
    this.id = id;
    this.target = target;
    this.openedMs = world.agenda.now();
    this.#endpoint = endpoint;
    this.#combined = endpoint.combined;
    this.#world = world;
    this.#frames = new RollingWindow(world.settings.framesPerSecond, FRAME_WINDOW_MS);
    this.#transport = this.#open(transport);
    this.#heartbeat = new Heartbeat(id, world, {
      sendPing: (payload) => this.#transport.ping(payload),
      overdue: () => this.cut({ by: "close", code: POLICY_VIOLATION, reason: "Pong timeout" }),
    });
    this.#scheduleLife();
    if (endpoint.streams.length > world.settings.streamsPerConnection) {
      this.cut({ by: "close", code: POLICY_VIOLATION, reason: "Too many subscriptions" });
    } else {
      this.#subscribe(endpoint.streams);
    }
  }

  get envelope(): Envelope {
    return { combined: this.#combined, microseconds: this.#endpoint.microseconds };
  }

  get subscriptions(): readonly string[] {
    return [...this.#subscriptions];
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  isSubscribed(stream: string): boolean {
    return this.#state === "open" && this.#subscriptions.has(stream);
  }

  send(frame: Frame): boolean {
    if (this.#state !== "open" || !this.#transport.isOpen) return false;
    if (this.#transport.bufferedBytes > this.#world.settings.sendBufferMaxBytes) {
      this.cut({ by: "reset" });
      return false;
    }
    this.#transport.send(frame);
    return true;
  }

  /** Says that the server is about to end this connection, and ends it `leadMs` later. */
  announceShutdown(leadMs: number, manner: CutManner): void {
    const event = `{"e":"serverShutdown","E":${Math.floor(this.#world.agenda.now())}}`;
    const text = this.#combined ? `{"stream":"!serverShutdown","data":${event}}` : event;
    this.send({ data: text, binary: false });
    this.#life.push(this.#world.agenda.after(leadMs, () => this.cut(manner)));
  }

  /** Ends the connection from the server's side. */
  cut(manner: CutManner): void {
    if (this.#state !== "open") return;
    const code = manner.by === "close" ? manner.code : ABNORMAL_CLOSURE;
    this.#end("server", code, manner.by === "close" ? (manner.reason ?? "") : manner.by);
    this.#transport.end(manner);
  }

  #open(transport: OpenTransport): StreamTransport {
    return transport({
      onMessage: (data) => {
        if (this.#admitFrame()) this.#control(data);
      },
      onPing: () => {
        this.#heartbeat.pinged();
        this.#admitFrame();
      },
      onPong: (payload) => {
        this.#heartbeat.ponged(payload);
        this.#admitFrame();
      },
      onClose: (code, reason) => this.#end("client", code, reason),
    });
  }

  #admitFrame(): boolean {
    if (this.#state !== "open") return false;
    if (this.#frames.admit(this.#world.agenda.now()).admitted) return true;
    this.cut({ by: "close", code: POLICY_VIOLATION, reason: "Too many requests" });
    return false;
  }

  #scheduleLife(): void {
    const { agenda, settings } = this.#world;
    const { lifeMs, lifeEnd, shutdownNoticeMs } = settings;
    if (shutdownNoticeMs === undefined) {
      this.#life.push(agenda.after(lifeMs, () => this.cut(lifeEnd)));
    } else {
      const leadMs = Math.min(shutdownNoticeMs, lifeMs);
      this.#life.push(agenda.after(lifeMs - leadMs, () => this.announceShutdown(leadMs, lifeEnd)));
    }
  }

  #control(data: Buffer): void {
    const { market, settings, faults, journal } = this.#world;
    const reading = readControl(data.subarray(0, settings.controlMessageMaxBytes).toString("utf8"), market);
    if (!reading.read) {
      this.#refuse(reading.problem);
      const isInvalidJson = reading.problem.code === CONTROL_CODES.invalidJson;
      if (isInvalidJson && settings.invalidJsonDisconnects) this.cut({ by: "close", code: POLICY_VIOLATION });
      return;
    }
    const { request } = reading;
    const params = "streams" in request ? request.streams : "combined" in request ? ["combined", request.combined] : [];
    journal.note("control", { connection: this.id, method: request.method, params, id: request.id });
    const fault = faults.first("control", { connection: this.id }, request.method);
    if (fault !== undefined) this.#refuse({ ...fault, id: request.id });
    else this.#obey(request);
  }

  #obey(request: ControlRequest): void {
    switch (request.method) {
      case "SUBSCRIBE":
        this.#trySubscribe(request.streams, request.id);
        return;
      case "UNSUBSCRIBE":
        for (const stream of request.streams) this.#unsubscribe(stream);
        this.#answer(null, request.id);
        return;
      case "LIST_SUBSCRIPTIONS":
        this.#answer(this.subscriptions, request.id);
        return;
      case "SET_PROPERTY":
        this.#combined = request.combined;
        this.#answer(null, request.id);
        return;
      case "GET_PROPERTY":
        this.#answer(this.#combined, request.id);
    }
  }

  #trySubscribe(streams: readonly string[], id: ControlId): void {
    const { streamsPerConnection, overStreamLimit } = this.#world.settings;
    const wanted = new Set([...this.#subscriptions, ...streams]);
    if (wanted.size <= streamsPerConnection) {
      this.#subscribe(streams);
      this.#answer(null, id);
    } else if (overStreamLimit === "error") {
      this.#refuse({ code: CONTROL_CODES.tooManySubscriptions, message: "Too many subscriptions", id });
    } else {
      this.cut({ by: "close", code: POLICY_VIOLATION });
    }
  }

  #subscribe(streams: readonly string[]): void {
    for (const stream of streams) {
      this.#subscriptions.add(stream);
      if (this.#endpoint.deliversKlines) this.#world.engine.subscribe(stream, this);
    }
  }

  #unsubscribe(stream: string): void {
    this.#subscriptions.delete(stream);
    this.#world.engine.unsubscribe(stream, this);
  }

  #answer(result: unknown, id: ControlId): void {
    this.send({ data: resultFrame(result, id), binary: false });
  }

  #refuse(problem: ControlProblem): void {
    const { journal, settings } = this.#world;
    journal.note("refusal", { connection: this.id, code: problem.code, message: problem.message });
    this.send({ data: errorFrame(problem, settings.errorShape), binary: false });
  }

  #end(by: "client" | "server", code: number, reason: string): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    const { agenda, journal, engine, ended } = this.#world;
    for (const stream of this.#subscriptions) engine.unsubscribe(stream, this);
    this.#heartbeat.stop();
    for (const item of this.#life) agenda.cancel(item);
    journal.note("closed", { connection: this.id, by, code, reason });
    ended(this);
  }
}
