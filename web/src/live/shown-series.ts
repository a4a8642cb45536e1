/** Which series is shown, and its following: one at a time. */
import type { TradeCanvasClient } from "../../../src/client/client.js";
import type { ChartView } from "../chart/chart-view.js";
import type { Picture } from "../model/picture.js";
import type { Live, ShownSeries } from "../parts.js";
import { LiveSeries } from "./live-series.js";
import type { StateStrip } from "./state-strip.js";

export interface LiveViewParts {
  readonly client: TradeCanvasClient;
  readonly chart: ChartView;
  readonly strip: StateStrip;
  /** An error that trying again does not mend. */
  readonly failed: (error: unknown) => void;
}

export class LiveView implements ShownSeries, Live {
  readonly #parts: LiveViewParts;
  readonly #listeners = new Set<(series: string) => void>();
  #current: string;
  #following: LiveSeries | undefined;
  #paused = false;

  /** @param series that is shown first, once {@link begin} is called. */
  constructor(parts: LiveViewParts, series: string) {
    this.#parts = parts;
    this.#current = series;
  }

  get current(): string {
    return this.#current;
  }

  begin(): void {
    this.#follow();
  }

  /** Shows another series. */
  change(series: string): void {
    if (series === this.#current) return;
    this.#current = series;
    this.#follow();
    for (const listener of [...this.#listeners]) listener(series);
  }

  onChange(listener: (series: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#following !== undefined) this.#parts.chart.show(this.#following.picture);
  }

  /** The user has come to the first candle. */
  readOlder(): void {
    if (!this.#paused) this.#following?.readOlder();
  }

  #follow(): void {
    const { client, strip, failed } = this.#parts;
    this.#following?.end();
    strip.begin(this.#current);
    const following = new LiveSeries(client, this.#current, {
      picture: (picture) => this.#show(picture),
      connection: (state) => strip.connection(state),
      problem: (text, retryInMs) => strip.problem(text, retryInMs),
      failed,
    });
    this.#following = following;
    this.#show(following.picture);
    following.start();
  }

  #show(picture: Picture): void {
    this.#parts.strip.picture(picture);
    if (!this.#paused) this.#parts.chart.show(picture);
  }
}
