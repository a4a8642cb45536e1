/** The replay panel. Loaded when it is opened. */
import type { PageParts, Panel } from "../parts.js";

/** Fills the panel. @param host is empty and visible. */
export function mountReplay(host: HTMLElement, _parts: PageParts): Panel {
  return { end: () => host.replaceChildren() };
}
