/** A client of `/ws/market` that tells closed candles from the rest. */
import type { WireCandle } from "../../src/market/candle.js";
import { type Closed, WsClient } from "./ws-client.js";

export interface FeedMessage {
  readonly type: string;
  readonly series_id?: string;
  readonly candle?: WireCandle;
  readonly candles?: readonly WireCandle[];
}

export class FeedClient {
  readonly #client: WsClient;
  /** Code and reason of the close, once it has happened. */
  closed: Closed | undefined;
  /** Messages parsed so far; there may be thousands, and tests look often. */
  readonly #messages: FeedMessage[] = [];

  private constructor(client: WsClient) {
    this.#client = client;
    void client.closed.then((closed) => {
      this.closed = closed;
    });
  }

  /** @param url of the daemon, `http://…`. */
  static async connect(url: string): Promise<FeedClient> {
    return new FeedClient(await WsClient.connect(`${url.replace(/^http/, "ws")}/ws/market`));
  }

  get messages(): readonly FeedMessage[] {
    const { texts } = this.#client;
    for (let index = this.#messages.length; index < texts.length; index += 1) {
      this.#messages.push(JSON.parse(texts[index] as string) as FeedMessage);
    }
    return this.#messages;
  }

  send(message: unknown): void {
    this.#client.send(message);
  }

  subscribe(seriesId: string, since?: number | null, batches?: boolean): void {
    this.#client.subscribe(seriesId, { since, supports_batch: batches });
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
