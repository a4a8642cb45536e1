/**
 * A chart as far as its data go: history over HTTP, what closes after it over the live feed, from the history's last candle
 * on. What it shows is what a page would write into its attributes.
 */
import type { WireCandle } from "../../src/market/candle.js";
import { candles } from "./http.js";
import { ReconnectingClient } from "./reconnecting-client.js";

export class Chart {
  readonly #history: readonly WireCandle[];
  readonly #feed: ReconnectingClient;

  private constructor(history: readonly WireCandle[], feed: ReconnectingClient) {
    this.#history = history;
    this.#feed = feed;
  }

  /** @param url of the daemon, `http://…`. */
  static async open(url: string, series: string, timeframeS = 60): Promise<Chart> {
    const { body } = await candles(url, series, "&limit=2000");
    const since = body.candles.at(-1)?.candle_time ?? null;
    const chart = new Chart(
      body.candles,
      new ReconnectingClient({ series, timeframeS, since, batches: true, gaps: false }),
    );
    await chart.follow(url);
    return chart;
  }

  /** Connects to the live feed, for the first time or again. */
  follow(url: string): Promise<void> {
    return this.#feed.connect(url);
  }

  /** Resolves when nothing more is on its way. */
  quiet(): Promise<void> {
    return this.#feed.quiet();
  }

  get candles(): readonly WireCandle[] {
    this.#feed.takeIn();
    return [...this.#history, ...this.#feed.taken];
  }

  /** What it was sent and should not have been. */
  get complaints(): readonly string[] {
    return this.#feed.complaints;
  }

  /** Attributes of its last candle; none while it is empty. */
  get attributes(): Readonly<Record<string, string>> {
    const last = this.candles.at(-1);
    return last === undefined ? {} : { "data-last-time": `${last.candle_time}`, "data-last-close": `${last.close}` };
  }
}
