/**
 * A client of the live feed that keeps to what docs/api/ws-market.md says of reconnecting, and notes everything that would
 * be wrong: candles that it has already, gaps without their candle, gaps where nothing is missing.
 */
import { expect } from "vitest";
import type { WireCandle } from "../../src/market/candle.js";
import type { FeedMessage } from "./feed-client.js";
import { WsClient } from "./ws-client.js";

export interface ReconnectingClientOptions {
  readonly series: string;
  readonly timeframeS: number;
  /** The cursor that it begins with; null for the newest candles. */
  readonly since: number | null;
  readonly batches: boolean;
  readonly gaps: boolean;
}

export interface GapTold {
  readonly expected: number;
  readonly actual: number;
}

type Message = FeedMessage & { readonly expected_next_time?: number; readonly actual_time?: number };

export class ReconnectingClient {
  readonly options: ReconnectingClientOptions;
  /** Closed candles in the order in which they came. */
  readonly taken: WireCandle[] = [];
  /** Gaps whose candle came as well. */
  readonly gaps: GapTold[] = [];
  /** What must not come. */
  readonly complaints: string[] = [];
  /** Connections that were made. */
  connections = 0;
  #cursor: number | null;
  #connection: WsClient | undefined;
  #read = 0;
  #pendingGap: GapTold | undefined;

  constructor(options: ReconnectingClientOptions) {
    this.options = options;
    this.#cursor = options.since;
  }

  /** Open time in seconds of the newest closed candle that it has. */
  get cursor(): number | null {
    this.takeIn();
    return this.#cursor;
  }

  get isConnected(): boolean {
    return this.#connection?.socket.readyState === 1;
  }

  /** @param url of the daemon, `http://…`. @throws Error when it cannot be reached. */
  async connect(url: string): Promise<void> {
    await this.drop("terminate");
    const connection = await WsClient.connect(`${url.replace(/^http/, "ws")}/ws/market`);
    this.#connection = connection;
    this.#read = 0;
    this.connections += 1;
    const { series, batches, gaps } = this.options;
    connection.subscribe(series, { since: this.#cursor, supports_batch: batches, gaps });
  }

  /** Ends the connection, in the midst of whatever it brings; what has not been taken in by then is lost. */
  async drop(how: "close" | "terminate"): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.takeIn();
    this.#connection = undefined;
    // Its candle is lost with the connection: the gap will be told again.
    this.#pendingGap = undefined;
    if (how === "terminate") connection.socket.terminate();
    else connection.socket.close();
    await connection.closed;
  }

  /** Nothing more is on its way. */
  async quiet(): Promise<void> {
    await this.#connection?.quiet();
    this.takeIn();
  }

  /** Takes in what has come since the last time. */
  takeIn(): void {
    const texts = this.#connection?.texts ?? [];
    for (; this.#read < texts.length; this.#read += 1) this.#take(JSON.parse(texts[this.#read] as string) as Message);
  }

  #take(message: Message): void {
    const { type, candle, candles, expected_next_time: expected = 0, actual_time: actual = 0 } = message;
    if (type === "candle_closed" && candle !== undefined) this.#takeCandle(candle);
    else if (type === "candles_batch") for (const one of candles ?? []) this.#takeCandle(one);
    else if (type === "error") this.complaints.push(`error: ${JSON.stringify(message)}`);
    else if (type === "gap") this.#pendingGap = { expected, actual };
  }

  #takeCandle(candle: WireCandle): void {
    const time = candle.candle_time;
    if (this.#cursor !== null && time <= this.#cursor) this.complaints.push(`${time} came behind ${this.#cursor}`);
    const gap = this.#pendingGap;
    this.#pendingGap = undefined;
    if (gap !== undefined) {
      const fits = gap.actual === time && gap.expected === (this.#cursor ?? Number.NaN) + this.options.timeframeS;
      if (!fits) this.complaints.push(`gap ${gap.expected} to ${gap.actual} between ${this.#cursor} and ${time}`);
      this.gaps.push(gap);
    }
    this.taken.push(candle);
    this.#cursor = time;
  }

  /**
   * Fails unless every stored candle after its first cursor was taken in once, in order, and each gap told once.
   * @param newest time in seconds of the last candle that is looked at.
   */
  expectWhole(stored: readonly WireCandle[], newest = Number.POSITIVE_INFINITY): void {
    const { since } = this.options;
    const from = since ?? (this.taken[0]?.candle_time ?? Number.POSITIVE_INFINITY) - 1;
    expect(this.complaints).toEqual([]);
    const taken = this.taken.filter(({ candle_time: time }) => time <= newest);
    expect(taken).toEqual(stored.filter(({ candle_time: time }) => time > from));
    const times = new Set(stored.map(({ candle_time: time }) => time));
    for (const { expected, actual } of this.gaps) {
      for (let time = expected; time < actual; time += this.options.timeframeS) expect(times.has(time)).toBe(false);
    }
    expect(new Set(this.gaps.map(({ actual }) => actual)).size).toBe(this.gaps.length);
  }
}
