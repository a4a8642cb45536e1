/** An exchange on a simulated clock, and a client that only watches. */
import { onTestFinished } from "vitest";
import WebSocket from "ws";
import type { MarketSettingsChange } from "../../src/sim/settings.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { type SimulatedExchange, startSimulatedExchange } from "../../src/sim/simulated-exchange.js";
import type { SimulatedMarket } from "../../src/sim/simulated-market.js";
import type { SymbolOptions } from "../../src/sim/symbols.js";
import { walkSource } from "../../src/sim/truth/walk-source.js";
import { MINUTE, symbolOf, T0, until } from "./support.js";

/** BTCUSDT and ETHUSDT on seeded walks listed 30 days before {@link T0}. */
export function walkers(): SymbolOptions[] {
  const listedMs = T0 - 30 * 1_440 * MINUTE;
  return [
    symbolOf("BTCUSDT", walkSource({ seed: 11, startPrice: 95_000, listedMs })),
    symbolOf("ETHUSDT", walkSource({ seed: 12, startPrice: 1_800, listedMs })),
  ];
}

export interface Started {
  readonly clock: SimulatedClock;
  readonly exchange: SimulatedExchange;
  readonly spot: SimulatedMarket;
  readonly futures: SimulatedMarket;
}

/** An exchange with the same symbols on both markets, stopped when the test ends. */
export async function startExchange(
  options: {
    readonly startMs?: number;
    readonly seed?: number;
    readonly symbols?: readonly SymbolOptions[];
    readonly spot?: MarketSettingsChange;
    readonly futures?: MarketSettingsChange;
    readonly controlPort?: number;
  } = {},
): Promise<Started> {
  const clock = new SimulatedClock(options.startMs ?? T0);
  const symbols = options.symbols ?? walkers();
  const settings = (change: MarketSettingsChange = {}): MarketSettingsChange => ({
    ...change,
    // The round trips of `advance` are frames too, and simulated time stands still meanwhile.
    connection: { framesPerSecond: 1_000, ...change.connection },
  });
  const exchange = await startSimulatedExchange({
    clock,
    seed: options.seed ?? 1,
    markets: {
      spot: { symbols, settings: settings(options.spot) },
      futures: { symbols, settings: settings(options.futures) },
    },
    ...(options.controlPort === undefined ? {} : { controlPort: options.controlPort }),
  });
  onTestFinished(() => exchange.stop());
  return { clock, exchange, spot: exchange.spot, futures: exchange.futures };
}

export interface KlineMessage {
  readonly e: string;
  readonly E: number;
  readonly s: string;
  readonly k: { readonly t: number; readonly T: number; readonly x: boolean } & Record<string, string & number>;
}

/** A WebSocket client that keeps everything it gets. */
export class TestClient {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  readonly binaries: Buffer[] = [];
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** HTTP answer of a handshake that was refused. */
  refused: { readonly status: number; readonly headers: Record<string, unknown> } | undefined;
  failure: string | undefined;

  constructor(url: string, options: WebSocket.ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    onTestFinished(() => this.socket.terminate());
    this.socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.binaries.push(data);
      else this.texts.push(data.toString("utf8"));
    });
    this.socket.on("ping", () => {
      this.pings += 1;
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString("utf8") };
    });
    this.socket.on("unexpected-response", (request, response) => {
      this.refused = { status: response.statusCode ?? 0, headers: response.headers };
      request.destroy();
    });
    this.socket.on("error", (error: Error & { code?: string }) => {
      this.failure = error.code ?? error.message;
    });
  }

  /** Connects and waits for the end of the handshake, whatever it is. */
  static async connect(url: string, options: WebSocket.ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(url, options);
    await until(() => client.isOpen || client.isOver, `the handshake with ${url}`);
    return client;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get isOver(): boolean {
    return this.closed !== undefined || this.refused !== undefined || this.failure !== undefined;
  }

  /** Sends a control message and returns the next text that is no kline. */
  async ask(message: unknown): Promise<unknown> {
    const before = this.answers().length;
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
    await until(() => this.answers().length > before, `the answer to ${JSON.stringify(message)}`);
    return JSON.parse(this.answers()[before] ?? "");
  }

  answers(): string[] {
    return this.texts.filter((text) => /^\{"(result|error|code)"/.test(text));
  }

  /** The kline messages so far, out of their envelopes. */
  klines(): KlineMessage[] {
    return this.texts
      .filter((text) => text.includes('"e":"kline"'))
      .map((text) => JSON.parse(text) as KlineMessage & { data?: KlineMessage })
      .map((message) => message.data ?? message);
  }

  finals(): KlineMessage[] {
    return this.klines().filter(({ k }) => k.x);
  }
}

/** Shorter than every deadline of a healthy client, whose pongs need real time to come back. */
const STEP_MS = 30_000;

/** Moves the clock and waits until the clients have all frames that were sent to them. */
export async function advance(clock: SimulatedClock, ms: number, ...clients: TestClient[]): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    clock.advance(Math.min(left, STEP_MS));
    for (const client of clients) await drained(client);
  }
}

/** What was written before the client's next pong is read before it: a round trip proves that nothing is under way. */
async function drained(client: TestClient): Promise<void> {
  if (!client.isOpen) return;
  let answered = false;
  client.socket.once("pong", () => {
    answered = true;
  });
  client.socket.ping();
  await until(() => answered || client.isOver, "the round trip");
}

/** A GET of JSON. */
export async function getJson(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text), headers: response.headers };
}
