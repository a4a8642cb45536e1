/** The strip below the chart: how the series stands. */
import type { FeedOfSeries } from "../../../src/client/answers/feed.js";
import type { TradeCanvasClient } from "../../../src/client/client.js";
import type { ConnectionState } from "../../../src/client/connection.js";
import { ClientError } from "../../../src/client/errors.js";
import { lastTime, type Picture } from "../model/picture.js";
import { make, setText } from "../shell/dom.js";
import { figuresOf, type Standing, wordsOf } from "./words.js";

/** How often the daemon is asked how the feed stands, in milliseconds. */
const POLL_MS = 2_000;

/** How often words that hold a time are said anew, in milliseconds. */
const TICK_MS = 500;

const UNKNOWN: Omit<Standing, "nowMs"> = {
  connection: { name: "connecting", attempt: 1 },
  problem: null,
  retryAtMs: null,
  feed: undefined,
};

export class StateStrip {
  readonly #client: TradeCanvasClient;
  readonly #host: HTMLElement;
  readonly #notice: HTMLElement;
  readonly #state = make("strong", { class: "strip-state", role: "status" });
  readonly #detail = make("span", { class: "strip-detail" });
  readonly #figures = make("span", { class: "strip-figures" });
  readonly #drawn = make("span", { class: "strip-drawn" });
  #series = "";
  #standing = UNKNOWN;
  #failure: string | undefined;
  #asking = false;
  /** The daemon does not tell states: its gate is closed. Another one may, when it is back. */
  #isClosed = false;

  /** @param host of the strip. @param notice is shown above the chart while the daemon is away. */
  constructor(client: TradeCanvasClient, host: HTMLElement, notice: HTMLElement) {
    this.#client = client;
    this.#host = host;
    this.#notice = notice;
    const dot = make("span", { class: "strip-dot", "aria-hidden": "true" });
    host.replaceChildren(dot, this.#state, this.#detail, this.#figures, this.#drawn);
    setInterval(() => this.#poll(), POLL_MS);
    setInterval(() => this.#render(), TICK_MS);
  }

  /** From now on another series is shown. */
  begin(series: string): void {
    this.#series = series;
    this.#standing = { ...UNKNOWN, connection: this.#standing.connection };
    this.#failure = undefined;
    this.#poll();
    this.#render();
  }

  connection(state: ConnectionState): void {
    const waits = state.name === "waiting" || state.name === "refused";
    const retryAtMs = waits ? Date.now() + state.retry_in_ms : null;
    this.#standing = { ...this.#standing, connection: state, retryAtMs };
    if (state.name === "open") {
      this.#isClosed = false;
      this.#poll();
    }
    this.#render();
  }

  problem(text: string | undefined, retryInMs: number): void {
    const problem = text === undefined ? null : { text, retryAtMs: Date.now() + retryInMs };
    this.#standing = { ...this.#standing, problem };
    this.#render();
  }

  /** What trying again does not mend. */
  failed(text: string): void {
    this.#failure = text;
    this.#render();
  }

  picture(picture: Picture): void {
    const newest = lastTime(picture);
    const { drawnTime, candles } = picture;
    const count = `${candles.length.toLocaleString("en-US")} candles`;
    // A drawing follows its candle by a moment; one that does not follow is told of.
    const previous = candles.at(-2)?.candle_time ?? newest;
    const isBehind = newest !== null && (drawnTime === null || drawnTime < (previous ?? newest));
    setText(this.#drawn, newest === null ? "no candles yet" : `${count}${isBehind ? " · drawing behind" : ""}`);
  }

  /** Its state is asked for one question at a time; without an answer it is not known. */
  #poll(): void {
    if (this.#asking || this.#isClosed || this.#series === "" || document.hidden) return;
    this.#asking = true;
    const series = this.#series;
    this.#client
      .feedState({ series_id: series })
      .then(({ series: [feed = null] }) => this.#heard(series, feed))
      .catch((error) => {
        if (!(error instanceof ClientError)) throw error;
        this.#isClosed = error.status === 404;
        this.#heard(series, undefined);
      })
      .finally(() => {
        this.#asking = false;
      });
  }

  #heard(series: string, feed: FeedOfSeries | null | undefined): void {
    if (series !== this.#series) return;
    this.#standing = { ...this.#standing, feed };
    this.#render();
  }

  #render(): void {
    const words = wordsOf({ ...this.#standing, nowMs: Date.now() });
    const { tone, state, detail } =
      this.#failure === undefined ? words : { tone: "bad", state: "Failed", detail: this.#failure };
    this.#host.dataset.tone = tone;
    this.#host.dataset.connection = this.#standing.connection.name;
    setText(this.#state, state);
    setText(this.#detail, detail);
    this.#detail.title = detail;
    const isOpen = this.#standing.connection.name === "open";
    setText(this.#figures, isOpen ? figuresOf(this.#standing.feed).join(" · ") : "");
    this.#renderNotice();
  }

  #renderNotice(): void {
    const { connection } = this.#standing;
    const isAway = connection.name === "waiting" || (connection.name === "connecting" && connection.attempt > 1);
    this.#notice.hidden = !isAway;
    if (isAway)
      setText(this.#notice, "The daemon is away. The chart shows what it had, and catches up when it is back.");
  }
}
