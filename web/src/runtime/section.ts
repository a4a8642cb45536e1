/** A part of the runtime panel: a heading, a few words beside it, and what is below. */
import { make } from "../shell/dom.js";

export interface Section {
  readonly root: HTMLElement;
  /** Beside the heading. */
  readonly summary: HTMLElement;
  readonly heading: HTMLElement;
  readonly body: HTMLElement;
}

/** @param name for the address of its heading, and for styles. */
export function section(name: string, title: string): Section {
  const heading = make("h3", { id: `runtime-${name}`, text: title });
  const summary = make("span", { class: "summary" });
  const body = make("div", { class: "body" });
  const root = make("section", { class: `runtime-${name}`, "aria-labelledby": heading.id }, [
    make("header", {}, [heading, summary]),
    body,
  ]);
  return { root, summary, heading, body };
}

/** A word for a state, coloured by how it stands: `good`, `warn`, `bad` or `idle`. */
export type Tone = "good" | "warn" | "bad" | "idle";

/** Sets what a badge says. */
export function setBadge(badge: HTMLElement, text: string, tone: Tone): void {
  if (badge.textContent !== text) badge.textContent = text;
  badge.className = `badge ${tone}`;
}

/** A paragraph that says why there is nothing. */
export function setEmpty(body: HTMLElement, text: string): void {
  const shown = body.firstElementChild;
  if (body.childElementCount === 1 && shown?.className === "empty" && shown.textContent === text) return;
  body.replaceChildren(make("p", { class: "empty", text }));
}
