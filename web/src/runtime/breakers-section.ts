/** The breakers: those in trouble one by one, the others behind one line. */
import type { Breaker, BreakersAnswer } from "../../../src/client/answers/feed.js";
import { make, setText } from "../shell/dom.js";
import { showItems } from "../shell/keyed.js";
import { clockTime, counted } from "../words.js";
import { breakerTitle, breakerWords, STATE_WORDS, sortedBreakers } from "./breaker-words.js";
import { section, setBadge, type Tone } from "./section.js";

/** Calm breakers shown at most. */
const CALM_ROWS = 100;

const TONES: Readonly<Record<Breaker["state"], Tone>> = {
  open: "bad",
  half_open: "warn",
  isolated: "warn",
  closed: "good",
};

export class BreakersSection {
  readonly #section = section("breakers", "Breakers");
  readonly #troubled = make("div", { class: "rows" });
  readonly #calm = make("details", { class: "calm" }, [make("summary"), make("div", { class: "rows" })]);
  #answer: BreakersAnswer | undefined;
  #nowMs = 0;

  constructor() {
    this.#section.body.append(this.#troubled, this.#calm);
    this.#calm.addEventListener("toggle", () => this.#show());
  }

  get root(): HTMLElement {
    return this.#section.root;
  }

  /** @param nowMs what the daemon's clock shows. */
  show(answer: BreakersAnswer, nowMs: number): void {
    this.#answer = answer;
    this.tick(nowMs);
  }

  /** Time goes on. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#show();
  }

  #show(): void {
    if (this.#answer === undefined) return;
    const { troubled, calm } = sortedBreakers(this.#answer);
    const open = troubled.filter(({ state }) => state !== "closed").length;
    setText(this.#section.summary, open === 0 ? "all closed" : `${open} not closed`);
    this.#section.root.dataset.open = String(open);
    this.#rows(this.#troubled, troubled);
    const [summary, rows] = this.#calm.children;
    this.#calm.hidden = calm.length === 0;
    if (summary !== undefined) setText(summary, `${counted(calm.length, "breaker")} closed, no failures`);
    if (rows !== undefined) this.#rows(rows, this.#calm.open ? calm.slice(0, CALM_ROWS) : []);
  }

  #rows(parent: Element, breakers: readonly Breaker[]): void {
    showItems(parent, breakers, {
      keyOf: ({ kind, name }) => `${kind} ${name}`,
      make: breakerRow,
      update: (row, breaker) => this.#update(row, breaker),
    });
  }

  #update(row: HTMLElement, breaker: Breaker): void {
    const { badge, words, error, transitions } = rowParts(row);
    row.dataset.state = breaker.state;
    setBadge(
      badge,
      STATE_WORDS[breaker.state],
      breaker.state === "closed" && breaker.failures_in_window > 0 ? "warn" : TONES[breaker.state],
    );
    setText(words, breakerWords(breaker, this.#answer?.now_ms ?? this.#nowMs, this.#nowMs));
    setText(error, breaker.last_error ?? "");
    const newest = breaker.transitions
      .map(({ at_ms, from, to }) => `${clockTime(at_ms)}  ${STATE_WORDS[from]} → ${STATE_WORDS[to]}`)
      .reverse();
    setText(transitions, newest.length === 0 ? "It has always been closed." : newest.join("\n"));
  }
}

function breakerRow(breaker: Breaker): HTMLElement {
  const row = make("details", { class: "breaker", "data-name": `${breaker.kind} ${breaker.name}` }, [
    make("summary", {}, [
      make("span", { class: "badge" }),
      make("span", { class: "name", text: breakerTitle(breaker) }),
      make("span", { class: "words" }),
      make("span", { class: "error" }),
    ]),
    make("pre", { class: "transitions", "aria-label": "Last transitions, newest first" }),
  ]);
  return row;
}

function rowParts(row: HTMLElement) {
  const part = (name: string): HTMLElement => row.querySelector<HTMLElement>(`.${name}`) ?? row;
  return { badge: part("badge"), words: part("words"), error: part("error"), transitions: part("transitions") };
}
