/** The actor tree: what runs, what has crashed and why. Only rows that are unfolded are made. */
import type { RuntimeNode, RuntimeTreeAnswer } from "../../../src/client/answers/operation.js";
import { make, setText } from "../shell/dom.js";
import { showItems } from "../shell/keyed.js";
import { counted, lasting } from "../words.js";
import { section, setEmpty, type Tone } from "./section.js";
import { type MoreRow, ROWS_AT_ONCE, type TreeRow, treeRows } from "./tree-rows.js";
import type { Told } from "./watch.js";

/** More rows of a node that are shown when they are asked for. */
const MORE_ROWS = 200;

export class TreeSection {
  readonly #section = section("tree", "Actors");
  readonly #filter = make("input", {
    type: "search",
    placeholder: "Filter by name",
    "aria-label": "Filter actors by name",
  });
  readonly #rows = make("ul", { class: "tree" });
  readonly #unfolded = new Map<string, boolean>();
  readonly #shown = new Map<string, number>();
  #answer: RuntimeTreeAnswer | undefined;

  constructor() {
    this.#filter.addEventListener("input", () => this.#show());
  }

  get root(): HTMLElement {
    return this.#section.root;
  }

  show(tree: Told<RuntimeTreeAnswer>): void {
    if ("closed" in tree) {
      this.#answer = undefined;
      setText(this.#section.summary, "");
      setEmpty(this.#section.body, tree.closed);
      return;
    }
    this.#answer = tree.value;
    if (this.#rows.parentElement === null) this.#section.body.replaceChildren(this.#filter, this.#rows);
    this.#show();
  }

  #show(): void {
    if (this.#answer === undefined) return;
    const { root, now_ms } = this.#answer;
    const { actors, crashes } = countsOf(root);
    setText(
      this.#section.summary,
      `${counted(actors, "actor")} · ${crashes === 0 ? "no crash" : counted(crashes, "crash", "crashes")}`,
    );
    const choice = { unfolded: this.#unfolded, shown: this.#shown, filter: this.#filter.value.trim() };
    showItems(this.#rows, treeRows(root, choice), {
      keyOf: (row) => ("hidden" in row ? `${row.path} more` : row.path),
      make: (row) => ("hidden" in row ? this.#makeMore(row) : this.#makeRow(row)),
      update: (made, row) => ("hidden" in row ? updateMore(made, row) : updateRow(made, row, now_ms)),
    });
  }

  #makeRow({ path, node }: TreeRow): HTMLElement {
    const fold = make("button", { type: "button", class: "fold" }, [
      make("span", { class: "dot", "aria-hidden": "true" }),
      make("span", { class: "name", text: node.name }),
    ]);
    fold.addEventListener("click", () => {
      this.#unfolded.set(path, fold.getAttribute("aria-expanded") !== "true");
      this.#show();
    });
    const facts = make("span", { class: "facts" });
    return make("li", { "data-path": path }, [fold, facts, make("span", { class: "last-error" })]);
  }

  #makeMore({ path }: MoreRow): HTMLElement {
    const more = make("button", { type: "button", class: "more" });
    more.addEventListener("click", () => {
      this.#shown.set(path, (this.#shown.get(path) ?? ROWS_AT_ONCE) + MORE_ROWS);
      this.#show();
    });
    return make("li", {}, [more]);
  }
}

function updateRow(made: HTMLElement, { node, depth, severity, unfolded }: TreeRow, nowMs: number): void {
  const [fold, facts, error] = made.children as unknown as readonly HTMLElement[];
  made.style.setProperty("--depth", String(depth));
  made.dataset.state = node.state;
  made.dataset.tone = toneOf(node, severity);
  if (fold instanceof HTMLButtonElement) {
    fold.disabled = node.children.length === 0;
    if (fold.disabled) fold.removeAttribute("aria-expanded");
    else fold.setAttribute("aria-expanded", String(unfolded));
  }
  if (facts !== undefined) setText(facts, factsOf(node, nowMs));
  if (error !== undefined) setText(error, node.last_error ?? "");
}

function updateMore(made: HTMLElement, { depth, hidden }: MoreRow): void {
  made.style.setProperty("--depth", String(depth));
  const [more] = made.children;
  if (more !== undefined) setText(more, `${hidden.toLocaleString("en")} more`);
}

/** How it stands, and what is out of the ordinary. */
function factsOf({ state, since_ms, crashes, mailbox, children }: RuntimeNode, nowMs: number): string {
  const since = lasting(nowMs - since_ms);
  const parts = [state === "running" ? since : `${state} for ${since}`];
  if (crashes > 0) parts.push(counted(crashes, "crash", "crashes"));
  if (mailbox !== null && mailbox.waiting > 0) parts.push(`${mailbox.waiting} of ${mailbox.bound} waiting`);
  if (mailbox !== null && mailbox.refused > 0) parts.push(`${mailbox.refused} refused`);
  if (children.length > 9) parts.unshift(`${children.length.toLocaleString("en")} below`);
  return parts.join(" · ");
}

function toneOf({ state }: RuntimeNode, severity: TreeRow["severity"]): Tone {
  if (severity === "trouble") return "bad";
  if (state !== "running") return "idle";
  return severity === "recovered" ? "warn" : "good";
}

function countsOf(node: RuntimeNode): { readonly actors: number; readonly crashes: number } {
  let actors = node.kind === "actor" ? 1 : 0;
  let { crashes } = node;
  for (const child of node.children) {
    const below = countsOf(child);
    actors += below.actors;
    crashes += below.crashes;
  }
  return { actors, crashes };
}
