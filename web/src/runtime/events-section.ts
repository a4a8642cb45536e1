/** What happens inside the daemon, the newest first, as far as it is wanted. */
import type { ConnectionState } from "../../../src/client/connection.js";
import type { DebugEvent } from "../../../src/client/messages.js";
import { make, setText } from "../shell/dom.js";
import { showItems } from "../shell/keyed.js";
import { clockTime } from "../words.js";
import { EventLog, eventWords, type LoggedEvent } from "./event-log.js";
import { section } from "./section.js";

/** Events that come quicker than this are shown together, in milliseconds. */
const TOGETHER_MS = 250;

const LEVELS: readonly { readonly level: DebugEvent["level"]; readonly text: string }[] = [
  { level: "info", text: "all levels" },
  { level: "warn", text: "warnings and errors" },
  { level: "error", text: "errors" },
];

export class EventsSection {
  readonly #section = section("events", "Events");
  readonly #level = make(
    "select",
    { "aria-label": "Level of events" },
    LEVELS.map(({ level, text }) => make("option", { value: level, text })),
  );
  readonly #own = make("input", { type: "checkbox" });
  readonly #list = make("ol", { class: "events" });
  readonly #empty = make("p", { class: "empty", hidden: "" });
  readonly #log = new EventLog();
  readonly #series: () => string;
  #timer: number | undefined;

  /** @param series that the page shows. */
  constructor(series: () => string) {
    this.#series = series;
    const own = make("label", { class: "own" }, [this.#own, document.createTextNode("this series only")]);
    this.#section.body.append(make("div", { class: "filters" }, [this.#level, own]), this.#empty, this.#list);
    for (const field of [this.#level, this.#own]) field.addEventListener("change", () => this.refresh());
  }

  get root(): HTMLElement {
    return this.#section.root;
  }

  add(events: readonly DebugEvent[], isSnapshot: boolean): void {
    this.#log.add(events, isSnapshot);
    this.#timer ??= window.setTimeout(() => this.refresh(), TOGETHER_MS);
  }

  /** How the connection stands that brings the events. */
  connected(state: ConnectionState): void {
    this.#section.root.dataset.feed = state.name;
    setText(this.#section.summary, feedWords(state));
    if (state.name === "refused")
      this.#say(state.reason.includes("404") ? CLOSED : `Closed to this page: ${state.reason}`);
  }

  /** Shows what is wanted of the events now. */
  refresh(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    const level = LEVELS.find((one) => one.level === this.#level.value)?.level ?? "info";
    const events = this.#log.newest({ level, series: this.#own.checked ? this.#series() : null });
    showItems(this.#list, events, { keyOf: ({ id }) => String(id), make: eventRow, update: () => {} });
    this.#say(events.length === 0 ? "Nothing has happened that is to be seen." : "");
  }

  end(): void {
    window.clearTimeout(this.#timer);
  }

  #say(text: string): void {
    setText(this.#empty, text);
    this.#empty.hidden = text === "";
  }
}

const CLOSED = "Closed on this daemon: events are told with TRADE_CANVAS_ENABLE_DEBUG_API=1.";

function feedWords(state: ConnectionState): string {
  switch (state.name) {
    case "waiting":
      return `not connected: ${state.reason}`;
    case "connecting":
      return "connecting…";
    default:
      return "";
  }
}

function eventRow({ event }: LoggedEvent): HTMLElement {
  return make("li", { "data-level": event.level }, [
    make("time", { text: clockTime(event.ts_ms) }),
    make("span", { class: "name", text: event.event }),
    make("span", { class: "words", text: event.series_id ?? "" }),
    make("span", { class: "message", text: eventWords(event) }),
  ]);
}
