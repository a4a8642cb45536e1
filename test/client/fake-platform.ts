/** A platform whose time stands still until told to move, whose WebSockets do what the test says, and whose daemon answers so. */
import type { Platform, PlatformAnswer, PlatformRequest } from "../../src/client/platform.js";
import { SimulatedClock, settledPromises } from "../../src/sim/simulated-clock.js";

type Listener = (event: never) => void;

/** A WebSocket of which the test is the other end. */
export class FakeSocket {
  readonly url: string;
  readonly protocols: readonly string[];
  /** Messages that were sent, parsed. */
  readonly sent: unknown[] = [];
  /** Whether the client has hung up. */
  hasHungUp = false;
  readonly #listeners = new Map<string, Listener[]>();

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.hasHungUp = true;
  }

  open(): void {
    this.#emit("open", {});
  }

  receive(message: unknown): void {
    this.#emit("message", { data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  cut(code = 1006, reason = ""): void {
    this.#emit("error", {});
    this.#emit("close", { code, reason });
  }

  #emit(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}

export class FakePlatform {
  readonly clock = new SimulatedClock();
  readonly sockets: FakeSocket[] = [];
  /** Addresses that were asked over HTTP. */
  readonly asked: string[] = [];
  readonly requests: PlatformRequest[] = [];
  /** The daemon's answer over HTTP; an Error for none. */
  answer: { readonly status: number; readonly text: string } | Error = { status: 200, text: "{}" };
  random = 0.5;
  readonly parts: Partial<Platform>;

  constructor() {
    const { sockets, clock } = this;
    this.parts = {
      WebSocket: class extends FakeSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols);
          sockets.push(this);
        }
      },
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
      clearTimeout: (timer) => clock.clearTimeout(timer as object | undefined),
      monotonic: () => clock.monotonic(),
      random: () => this.random,
      fetch: (url, request) => this.#fetch(url, request),
    };
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nothing was dialed");
    return socket;
  }

  /** Everything that was to be done without time passing has been done. */
  async settled(): Promise<void> {
    await settledPromises();
    await settledPromises();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceSettled(ms, () => this.settled());
  }

  async #fetch(url: string, request: PlatformRequest): Promise<PlatformAnswer> {
    this.asked.push(url);
    this.requests.push(request);
    const { answer } = this;
    await settledPromises();
    request.signal.throwIfAborted();
    if (answer instanceof Error) throw answer;
    const { status, text } = answer;
    return { ok: status < 300, status, headers: { get: () => null }, body: null, text: async () => text };
  }
}
