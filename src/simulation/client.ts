/** A client that follows one series, loses its connection, and comes back with its cursor, as `/ws/market` would serve it. */
import type { Frame } from "../actors/publisher/messages.js";
import type { Subscriber, Subscription } from "../actors/publisher/subscription.js";
import type { WireCandle } from "../market/candle.js";
import { parseSeriesId } from "../market/series-id.js";
import type { RunJournal } from "./journal.js";
import type { PlannedClient } from "./plan.js";
import type { SimulatedProcess } from "./process.js";

/** What a client was sent, in order. Times in seconds. */
export type Received =
  /** `clockBehindMs`: how far the daemon's idea of the exchange's time was behind it. */
  | { readonly type: "connected"; readonly clockBehindMs: number }
  | { readonly type: "closed"; readonly candle: WireCandle }
  | { readonly type: "forming"; readonly candle: WireCandle }
  | { readonly type: "gap"; readonly expected: number; readonly actual: number };

/** A client that could not be served asks again after this long, in milliseconds. */
const RETRY_MS = 5_000;

type Message =
  | { readonly type: "candle_closed" | "candle_forming"; readonly candle: WireCandle }
  | { readonly type: "candles_batch"; readonly candles: readonly WireCandle[] }
  | { readonly type: "gap"; readonly expected_next_time: number; readonly actual_time: number }
  | { readonly type: "system" };

interface Connection extends Subscriber {
  readonly process: SimulatedProcess;
  subscription: Subscription | undefined;
  held: boolean;
  open: boolean;
}

export interface ClientWorld {
  readonly journal: RunJournal;
  /** The process that runs now; undefined while there is none. */
  readonly process: () => SimulatedProcess | undefined;
  /** The time of the exchange that has the client's series, Unix ms. */
  readonly exchangeNowMs: () => number;
  /** Runs something later; ms. */
  readonly after: (ms: number, run: () => void) => void;
}

export class SimulatedClient {
  readonly plan: PlannedClient;
  readonly received: Received[] = [];
  readonly #world: ClientWorld;
  #cursor: number | null = null;
  #connection: Connection | undefined;
  #wanted = false;
  #failure: unknown;

  constructor(plan: PlannedClient, world: ClientWorld) {
    this.plan = plan;
    this.#world = world;
  }

  /** Time of the last closed candle that came; null before the first. */
  get cursor(): number | null {
    return this.#cursor;
  }

  get isConnected(): boolean {
    return this.#connection?.subscription !== undefined;
  }

  /** Whether it would be connected if it could. */
  get isWanted(): boolean {
    return this.#wanted;
  }

  /** What ended a subscription from the daemon's side, if anything did. */
  get failure(): unknown {
    return this.#failure;
  }

  come(): void {
    this.#wanted = true;
    void this.#connect();
  }

  leave(): void {
    this.#wanted = false;
    this.#drop();
  }

  /** The process is gone or going, and with it the connection. */
  lost(): void {
    this.#drop();
    if (this.#wanted) this.#retry();
  }

  #retry(): void {
    this.#world.after(RETRY_MS, () => {
      if (this.#wanted && this.#connection === undefined) void this.#connect();
    });
  }

  async #connect(): Promise<void> {
    const process = this.#world.process();
    if (process === undefined || process.clock.asleepForMs() > 0) {
      this.#retry();
      return;
    }
    const { runtime } = process;
    const { series, batches, name } = this.plan;
    if (!runtime.hold(series)) {
      this.#world.journal.note(name, "refused", {});
      this.#retry();
      return;
    }
    const connection = this.#open(process);
    this.#connection = connection;
    const id = parseSeriesId(series);
    const wanted = { id, since: this.#cursor, batches, gaps: false, subscriber: connection };
    const subscription = await runtime.subscribe(wanted);
    if (!connection.open) {
      runtime.unsubscribe(subscription);
      return;
    }
    connection.subscription = subscription;
    const clockBehindMs = this.#world.exchangeNowMs() - runtime.clockOf(id).now();
    this.received.push({ type: "connected", clockBehindMs });
    this.#world.journal.note(name, "connected", { cursor: this.#cursor, clockBehindMs });
    await subscription.catchUp().catch((error: unknown) => connection.failed(error));
  }

  #open(process: SimulatedProcess): Connection {
    const connection: Connection = {
      process,
      subscription: undefined,
      held: true,
      open: true,
      send: (frame) => {
        if (connection.open && process.isAlive) this.#receive(frame);
      },
      room: () => Promise.resolve(connection.open),
      failed: (error) => {
        this.#failure ??= error;
        this.#drop();
        this.#retry();
      },
    };
    return connection;
  }

  #drop(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    connection.open = false;
    const { process, subscription } = connection;
    if (!process.isAlive) return;
    if (subscription !== undefined) process.runtime.unsubscribe(subscription);
    process.runtime.release(this.plan.series);
  }

  #receive({ text }: Frame): void {
    const message = JSON.parse(text.toString("utf8")) as Message;
    switch (message.type) {
      case "candle_closed":
        this.#closed(message.candle);
        return;
      case "candles_batch":
        for (const candle of message.candles) this.#closed(candle);
        return;
      case "candle_forming":
        this.received.push({ type: "forming", candle: message.candle });
        return;
      case "gap":
        this.received.push({ type: "gap", expected: message.expected_next_time, actual: message.actual_time });
        this.#world.journal.note(this.plan.name, "gap", message);
        return;
      case "system":
        return;
    }
  }

  #closed(candle: WireCandle): void {
    this.received.push({ type: "closed", candle });
    this.#world.journal.note(this.plan.name, "closed", candle);
    this.#cursor = candle.candle_time;
  }
}
