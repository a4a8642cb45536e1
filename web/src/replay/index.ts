/** The replay panel: a past moment of the series on the chart, moved by hand or played. Loaded when it is opened. */
import "../styles/replay.css";
import { ClientError } from "../../../src/client/errors.js";
import type { PageParts, Panel } from "../parts.js";
import { make, setText } from "../shell/dom.js";
import { actOfKey } from "./keys.js";
import { openReplay, type Progress, type ReplayOrder, ReplayRefused } from "./open-replay.js";
import { orderForm } from "./order-form.js";
import type { Playback } from "./playback.js";
import { ReplaySession, type SessionStanding } from "./session.js";
import { transport } from "./transport.js";

/** Fills the panel. @param host is empty and visible; its `data-` attributes tell how the replay stands. */
export function mountReplay(host: HTMLElement, parts: PageParts): Panel {
  const panel = new ReplayPanel(host, parts);
  return { end: () => panel.end() };
}

class ReplayPanel {
  readonly #host: HTMLElement;
  readonly #parts: PageParts;
  readonly #form = orderForm((order) => this.#order(order));
  readonly #transport = transport({
    toggle: () => this.#session?.toggle(),
    step: (candles) => this.#session?.step(candles),
    seek: (index) => this.#session?.seek(index),
    setSpeed: (speed) => this.#session?.setSpeed(speed),
    leave: () => this.#leave(),
  });
  readonly #status = make("p", { class: "replay-status", role: "status" });
  readonly #onKey = (event: KeyboardEvent): void => this.#key(event);
  readonly #endTelling: () => void;
  #opening = new AbortController();
  #session: ReplaySession | undefined;
  /** Of the open replay, what is said besides where it stands. */
  #remark = "";

  constructor(host: HTMLElement, parts: PageParts) {
    this.#host = host;
    this.#parts = parts;
    host.append(this.#form.root, this.#transport.root, this.#status);
    this.#endTelling = parts.series.onChange(() => this.#leave());
    // Before the keys of the page: End means the end of the replay.
    document.addEventListener("keydown", this.#onKey, true);
    this.#setState("idle");
    this.#offerNewest();
  }

  end(): void {
    document.removeEventListener("keydown", this.#onKey, true);
    this.#endTelling();
    this.#close();
    for (const name of Object.keys(this.#host.dataset)) delete this.#host.dataset[name];
    this.#host.replaceChildren();
  }

  async #order(wish: Omit<ReplayOrder, "series">): Promise<void> {
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    this.#setState("opening");
    try {
      const order = { ...wish, series: this.#parts.series.current };
      const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
      const tell = (progress: Progress) => this.#say(progressText(progress));
      const opened = await openReplay(order, { client: this.#parts.client, signal, tell, pause });
      if (signal.aborted) return;
      const { length } = opened.candles;
      this.#remark = length < order.candles ? `Only ${length} candles are to be had up to there.` : "";
      this.#parts.live.pause();
      this.#session = new ReplaySession({
        opened,
        show: (picture) => this.#parts.chart.show(picture),
        moved: (playback, standing) => this.#moved(playback, standing, opened.candles[playback.index]?.candle_time),
        nextFrame: (callback) => requestAnimationFrame(callback),
      });
      this.#setState("open");
      this.#session.begin();
      this.#transport.focus();
    } catch (error) {
      if (signal.aborted) return;
      this.#setState("idle");
      this.#say(failureText(error));
    }
  }

  #moved(playback: Playback, { waiting, error, shownTime }: SessionStanding, time: number | undefined): void {
    this.#transport.show(playback, time);
    this.#host.dataset.index = String(playback.index);
    this.#host.dataset.playing = String(playback.playing);
    this.#host.dataset.shownTime = String(shownTime ?? "");
    if (error !== null) this.#say(`${error} Step or seek to try again.`);
    else this.#say(waiting ? "Loading…" : this.#remark);
  }

  /** Back to the live chart and the form. */
  #leave(): void {
    this.#close();
    this.#setState("idle");
    this.#say("");
    this.#offerNewest();
  }

  #close(): void {
    this.#opening.abort();
    if (this.#session === undefined) return;
    this.#session.end();
    this.#session = undefined;
    this.#parts.live.resume();
  }

  #key(event: KeyboardEvent): void {
    const focused = document.activeElement;
    if (this.#session === undefined || focused?.closest("dialog") != null) return;
    const act = actOfKey(event, focused?.tagName ?? "");
    if (act === undefined) return;
    event.preventDefault();
    if (act.act === "toggle") this.#session.toggle();
    else if (act.act === "step") this.#session.step(act.candles);
    else this.#session.seek(act.to === "first" ? 0 : Number.MAX_SAFE_INTEGER);
  }

  async #offerNewest(): Promise<void> {
    const series = this.#parts.series.current;
    try {
      const { candles } = await this.#parts.client.candles({ series_id: series, limit: 1 });
      const newest = candles.at(-1);
      if (newest !== undefined && series === this.#parts.series.current) this.#form.offer(newest.candle_time);
    } catch {
      // The form can be used without an offer: an empty field means the newest candle.
    }
  }

  #setState(state: "idle" | "opening" | "open"): void {
    this.#host.dataset.state = state;
    this.#form.root.hidden = state === "open";
    this.#transport.root.hidden = state !== "open";
    this.#form.setBusy(state === "opening");
    if (state !== "open") for (const name of ["index", "playing", "shownTime"]) delete this.#host.dataset[name];
  }

  #say(text: string): void {
    setText(this.#status, text);
  }
}

function progressText(progress: Progress): string {
  switch (progress.stage) {
    case "covering":
      return progress.ready === 0
        ? "Looking for missing candles…"
        : `Candles: ${progress.ready.toLocaleString("en")} of ${progress.required.toLocaleString("en")}…`;
    case "preparing":
      return "Bringing factors and drawing up to the last candle…";
    case "building":
      return "Building the package…";
    case "loading":
      return "Loading…";
  }
}

function failureText(error: unknown): string {
  if (error instanceof ReplayRefused) return error.message;
  if (error instanceof ClientError) return `There is no replay: ${error.message}`;
  throw error;
}
