/** A WebSocket client that keeps what it is sent. Waiting is for events, never for time to pass. */
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** What {@link WsClient.settled} sends and looks for; never shown among the messages. */
const MARK = "test-mark-";

/** Round trips to the server that {@link WsClient.quiet} makes before it believes that nothing is coming. */
const QUIET_ROUND_TRIPS = 5;

export class WsClient {
  /** Every text frame as it came, oldest first. */
  readonly texts: string[] = [];
  /** Resolves when the connection has ended. */
  readonly closed: Promise<Closed>;
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  /** Marks that were sent, and the marks that came back. */
  #marks = 0;
  #returned = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      if (text.includes(MARK)) this.#returned += 1;
      else this.texts.push(text);
      for (const look of [...this.#waiting]) look();
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString("utf8") });
        for (const look of [...this.#waiting]) look();
      });
    });
  }

  /** @throws Error when the upgrade is refused. */
  static async connect(url: string, options: ClientOptions = {}): Promise<WsClient> {
    const socket = new WebSocket(url, options);
    const client = new WsClient(socket);
    onTestFinished(() => socket.terminate());
    await once(socket, "open");
    return client;
  }

  /** The text frames, parsed. */
  get messages(): readonly Record<string, unknown>[] {
    return this.texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Sends bytes as they are: a text frame, or a binary one. */
  sendRaw(data: string | Buffer): void {
    this.socket.send(data);
  }

  subscribe(seriesId: string, more: Readonly<Record<string, unknown>> = {}): void {
    this.send({ type: "subscribe", series_id: seriesId, ...more });
  }

  /** Resolves with all messages once there are at least `count`. @throws Error if the connection ends before. */
  async atLeast(count: number): Promise<readonly Record<string, unknown>[]> {
    await this.#until(`${count} messages`, () => this.texts.length >= count);
    return this.messages;
  }

  /**
   * Resolves with all messages when the server has handled what this client sent, and what was published before is here.
   * The live feed handles messages in order: one that it does not know comes back as an error after the rest. Elsewhere
   * a ping has to do.
   */
  async settled(): Promise<readonly Record<string, unknown>[]> {
    if (this.socket.url.endsWith("/ws/market")) {
      this.#marks += 1;
      const mark = this.#marks;
      this.send({ type: `${MARK}${mark}` });
      await this.#until("the mark to come back", () => this.#returned >= mark);
    } else {
      const answered = once(this.socket, "pong");
      this.socket.ping();
      await answered;
    }
    return this.messages;
  }

  /** Resolves with all messages when none has come for some round trips. */
  async quiet(): Promise<readonly Record<string, unknown>[]> {
    for (let left = QUIET_ROUND_TRIPS; left > 0; left -= 1) {
      const before = this.texts.length;
      await this.settled();
      if (this.texts.length > before) left = QUIET_ROUND_TRIPS;
    }
    return this.messages;
  }

  /** Sends nothing more and closes properly. */
  async end(): Promise<Closed> {
    this.socket.close();
    return this.closed;
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (holds()) resolve();
        else if (this.socket.readyState === WebSocket.CLOSED) {
          reject(new Error(`the connection ended after ${this.texts.length} messages while waiting for ${what}`));
        } else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
