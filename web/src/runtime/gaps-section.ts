/** Gaps of the series that the page shows: the newest first, what is still missing before all. */
import type { WireGap } from "../../../src/client/answers/feed.js";
import { make, setText } from "../shell/dom.js";
import { showItems } from "../shell/keyed.js";
import { gapCause, gapOutcome, gapRange } from "./gap-words.js";
import { section, setBadge, setEmpty, type Tone } from "./section.js";

/** Gaps shown at most. */
const ROWS = 20;

const LOOK: Readonly<Record<WireGap["state"], { readonly word: string; readonly tone: Tone; readonly rank: number }>> =
  {
    repairing: { word: "repairing", tone: "warn", rank: 0 },
    unrepairable: { word: "unrepairable", tone: "bad", rank: 1 },
    absent_at_source: { word: "absent", tone: "idle", rank: 1 },
    repaired: { word: "repaired", tone: "good", rank: 1 },
  };

export class GapsSection {
  readonly #section = section("gaps", "Gaps");
  readonly #rows = make("div", { class: "rows" });

  get root(): HTMLElement {
    return this.#section.root;
  }

  /** @param nowMs what the daemon's clock shows. */
  show(series: string, gaps: readonly WireGap[], nowMs: number): void {
    const [, market = "", symbol = "", timeframe = ""] = series.split(":");
    const open = gaps.filter(({ state }) => state === "repairing").length;
    setText(this.#section.heading, `Gaps of ${symbol} ${timeframe}, ${market}`);
    setText(this.#section.summary, open === 0 ? "none open" : `${open} open`);
    if (gaps.length === 0) {
      setEmpty(this.#section.body, "Nothing was ever missing.");
      return;
    }
    if (this.#rows.parentElement === null) this.#section.body.replaceChildren(this.#rows);
    const sorted = [...gaps].sort((a, b) => LOOK[a.state].rank - LOOK[b.state].rank || b.id - a.id);
    showItems(this.#rows, sorted.slice(0, ROWS), {
      keyOf: ({ id }) => `${series} ${id}`,
      make: () => make("div", { class: "gap" }, ["badge", "name", "words", "cause", "error"].map(span)),
      update: (row, gap) => updateRow(row, series, gap, nowMs),
    });
  }
}

function span(name: string): HTMLElement {
  return make("span", { class: name });
}

function updateRow(row: HTMLElement, series: string, gap: WireGap, nowMs: number): void {
  const [badge, range, words, cause, error] = row.children as unknown as readonly HTMLElement[];
  const { word, tone } = LOOK[gap.state];
  row.dataset.state = gap.state;
  if (badge !== undefined) setBadge(badge, word, tone);
  if (range !== undefined) setText(range, gapRange(series, gap));
  if (words !== undefined) setText(words, gapOutcome(gap, nowMs));
  if (cause !== undefined) setText(cause, gapCause(gap));
  if (error !== undefined) setText(error, gap.last_error ?? "");
}
