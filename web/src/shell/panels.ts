/** The panels that are loaded when they are opened. One of them at a time. */
import type { PanelName } from "../location.js";
import type { PageParts, Panel } from "../parts.js";
import { element } from "./dom.js";

const MOUNTS: Readonly<Record<PanelName, (host: HTMLElement, parts: PageParts) => Promise<Panel>>> = {
  runtime: async (host, parts) => (await import("../runtime/index.js")).mountRuntime(host, parts),
  replay: async (host, parts) => (await import("../replay/index.js")).mountReplay(host, parts),
};

const NAMES: readonly PanelName[] = ["runtime", "replay"];

export class Panels {
  readonly #parts: PageParts;
  readonly #changed: (open: PanelName | null) => void;
  #open: { readonly name: PanelName; readonly panel: Promise<Panel> } | undefined;

  /** @param changed told which panel is open. */
  constructor(parts: PageParts, changed: (open: PanelName | null) => void) {
    this.#parts = parts;
    this.#changed = changed;
    for (const name of NAMES) element(`${name}-button`).addEventListener("click", () => this.toggle(name));
  }

  toggle(name: PanelName): void {
    this.show(this.#open?.name === name ? null : name);
  }

  show(name: PanelName | null): void {
    const before = this.#open;
    if (before !== undefined) {
      element(before.name).hidden = true;
      void before.panel.then((panel) => panel.end());
    }
    this.#open = undefined;
    if (name !== null) {
      const host = element(name);
      host.hidden = false;
      // The one before may be the same panel, and has to leave its host first.
      const left = before?.panel.then(() => undefined) ?? Promise.resolve();
      this.#open = { name, panel: left.then(() => MOUNTS[name](host, this.#parts)) };
    }
    for (const one of NAMES) element(`${one}-button`).setAttribute("aria-pressed", String(one === name));
    this.#changed(name);
  }
}
