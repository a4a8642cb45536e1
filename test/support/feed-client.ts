/** A client of `/ws/market` that keeps everything it was sent. */
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { WireCandle } from "../../src/market/candle.js";
import { untilTrue } from "./until.js";

export interface FeedMessage {
  readonly type: string;
  readonly series_id?: string;
  readonly candle?: WireCandle;
  readonly candles?: readonly WireCandle[];
  readonly [other: string]: unknown;
}

export class FeedClient {
  readonly messages: FeedMessage[] = [];
  /** Code and reason of the close, once it has happened. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.messages.push(JSON.parse(data.toString("utf8")) as FeedMessage));
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString("utf8") };
    });
    socket.on("error", () => undefined);
  }

  /** @param url of the daemon, `http://…`. */
  static async connect(url: string): Promise<FeedClient> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws/market`);
    const client = new FeedClient(socket);
    onTestFinished(() => socket.terminate());
    await untilTrue("the feed's connection", () => socket.readyState === WebSocket.OPEN);
    return client;
  }

  send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  subscribe(seriesId: string, since?: number | null, batches?: boolean): void {
    this.send({ type: "subscribe", series_id: seriesId, since, supports_batch: batches });
  }

  end(): void {
    this.#socket.close();
  }

  /** Closed candles of a series in the order in which they came, single or in batches. */
  closedCandles(seriesId: string): readonly WireCandle[] {
    return this.messages
      .filter((message) => message.series_id === seriesId)
      .flatMap((message) =>
        message.type === "candle_closed" && message.candle ? [message.candle] : (message.candles ?? []),
      );
  }

  ofType(type: string): readonly FeedMessage[] {
    return this.messages.filter((message) => message.type === type);
  }
}
