/** The runtime panel: what is in trouble, what is being done about it, and what happened. Loaded when it is opened. */
import "../styles/runtime.css";
import type { PageParts, Panel } from "../parts.js";
import { make, setText } from "../shell/dom.js";
import { clockTime } from "../words.js";
import { BreakersSection } from "./breakers-section.js";
import { BudgetsSection } from "./budgets-section.js";
import { type DaemonTime, daemonNow, sampled } from "./daemon-time.js";
import { EventsSection } from "./events-section.js";
import { GapsSection } from "./gaps-section.js";
import { SeriesSection } from "./series-section.js";
import { TreeSection } from "./tree-section.js";
import { type RuntimeSnapshot, RuntimeWatch } from "./watch.js";

/** How often what is counted up or down is written anew, in milliseconds. */
const TICK_MS = 500;

/** Fills the panel. @param host is empty and visible; its `data-` attributes tell how fresh it is. */
export function mountRuntime(host: HTMLElement, parts: PageParts): Panel {
  const panel = new RuntimePanel(host, parts);
  return { end: () => panel.end() };
}

class RuntimePanel {
  readonly #host: HTMLElement;
  readonly #status = make("p", { class: "runtime-status", role: "status", text: "Reading…" });
  readonly #series = new SeriesSection();
  readonly #breakers = new BreakersSection();
  readonly #gaps = new GapsSection();
  readonly #budgets = new BudgetsSection();
  readonly #tree = new TreeSection();
  readonly #events: EventsSection;
  readonly #watch: RuntimeWatch;
  readonly #endings: (() => void)[] = [];
  #time: DaemonTime | null = null;
  #snapshot: RuntimeSnapshot | undefined;

  constructor(host: HTMLElement, { client, series }: PageParts) {
    this.#host = host;
    this.#events = new EventsSection(() => series.current);
    host.append(make("header", { class: "panel-head" }, [make("h2", { text: "Runtime" }), this.#status]));
    for (const { root } of [this.#series, this.#breakers, this.#gaps, this.#budgets, this.#tree, this.#events])
      host.append(root);
    this.#watch = new RuntimeWatch({
      client,
      series: () => series.current,
      told: (snapshot) => this.#show(snapshot),
      failed: (reason) => this.#failed(reason),
      setTimeout: (callback, ms) => window.setTimeout(callback, ms),
      clearTimeout: (timer) => window.clearTimeout(timer as number),
    });
    const debug = client.debug({
      events: (events, isSnapshot) => {
        this.#events.add(events, isSnapshot);
        if (!isSnapshot) this.#watch.happened(events);
      },
      state: (state) => this.#events.connected(state),
    });
    const ticks = window.setInterval(() => this.#tick(), TICK_MS);
    const endTelling = series.onChange(() => {
      this.#watch.refresh();
      this.#events.refresh();
    });
    this.#endings.push(
      endTelling,
      () => window.clearInterval(ticks),
      () => debug.end(),
    );
  }

  end(): void {
    for (const end of this.#endings) end();
    this.#watch.end();
    this.#events.end();
    delete this.#host.dataset.readMs;
    this.#host.replaceChildren();
  }

  #show(snapshot: RuntimeSnapshot): void {
    this.#snapshot = snapshot;
    const { breakers, feed, tree, series, gaps } = snapshot;
    this.#time = sampled(this.#time, breakers.now_ms, performance.now());
    const nowMs = breakers.now_ms;
    this.#series.show(feed, nowMs);
    this.#breakers.show(breakers, nowMs);
    this.#gaps.show(series, gaps, nowMs);
    this.#budgets.show(feed);
    this.#tree.show(tree);
    this.#host.dataset.readMs = String(nowMs);
    this.#say(`as of ${clockTime(nowMs)} UTC`, "good");
  }

  #failed(reason: string): void {
    this.#say(`The daemon does not answer: ${reason}`, "bad");
  }

  #tick(): void {
    if (this.#time === null || this.#snapshot === undefined) return;
    const nowMs = daemonNow(this.#time, performance.now());
    this.#breakers.tick(nowMs);
    this.#gaps.show(this.#snapshot.series, this.#snapshot.gaps, nowMs);
  }

  #say(text: string, tone: "good" | "bad"): void {
    setText(this.#status, text);
    this.#status.dataset.tone = tone;
  }
}
