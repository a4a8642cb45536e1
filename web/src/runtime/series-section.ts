/** How series are fed: how many of each state, and why those that are neither live nor quiet are not. */
import type { FeedOfSeries, FeedStateAnswer, FeedStateName } from "../../../src/client/answers/feed.js";
import { make, setText } from "../shell/dom.js";
import { showItems } from "../shell/keyed.js";
import { counted, lasting } from "../words.js";
import { section, setBadge, setEmpty, type Tone } from "./section.js";
import type { Told } from "./watch.js";

/** Troubled series shown at most. */
const ROWS = 50;

/** The worst first. */
const TONES: Readonly<Record<FeedStateName, Tone>> = {
  invalid: "bad",
  down: "bad",
  stalled: "bad",
  halted: "warn",
  repairing: "warn",
  quiet: "idle",
  live: "good",
};

const STATES = Object.keys(TONES) as FeedStateName[];

export class SeriesSection {
  readonly #section = section("series", "Series");
  readonly #rows = make("div", { class: "rows" });

  get root(): HTMLElement {
    return this.#section.root;
  }

  /** @param nowMs what the daemon's clock shows. */
  show(feed: Told<FeedStateAnswer>, nowMs: number): void {
    if ("closed" in feed) {
      setText(this.#section.summary, "");
      setEmpty(this.#section.body, feed.closed);
      return;
    }
    const { series } = feed.value;
    const counts = STATES.map((state) => [state, series.filter((one) => one.state === state).length] as const);
    const there = counts.filter(([, count]) => count > 0).reverse();
    setText(this.#section.summary, there.map(([state, count]) => `${count} ${state}`).join(" · ") || "none followed");
    const troubled = series
      .filter(({ state }) => state !== "live" && state !== "quiet")
      .sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
    if (troubled.length === 0) {
      setEmpty(
        this.#section.body,
        series.length === 0 ? "No series is followed." : "All series are fed as they should be.",
      );
      return;
    }
    if (this.#rows.parentElement === null) this.#section.body.replaceChildren(this.#rows);
    showItems(this.#rows, troubled.slice(0, ROWS), {
      keyOf: ({ series_id }) => series_id,
      make: seriesRow,
      update: (row, one) => updateRow(row, one, nowMs),
    });
    if (troubled.length > ROWS)
      setText(this.#section.summary, `${counted(troubled.length, "series", "series")} in trouble`);
  }
}

function seriesRow({ series_id }: FeedOfSeries): HTMLElement {
  return make("div", { class: "series-row", "data-series": series_id }, [
    make("span", { class: "badge" }),
    make("span", { class: "name", text: series_id }),
    make("span", { class: "words" }),
  ]);
}

function updateRow(row: HTMLElement, { state, reason, since }: FeedOfSeries, nowMs: number): void {
  const [badge, , words] = row.children as unknown as readonly HTMLElement[];
  row.dataset.state = state;
  if (badge !== undefined) setBadge(badge, state, TONES[state]);
  if (words !== undefined) setText(words, `${lasting(nowMs - since * 1_000)}${reason === null ? "" : ` · ${reason}`}`);
}
