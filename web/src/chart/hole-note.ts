/** What is known of the hole that the pointer is over. */
import type { Hole } from "../model/picture.js";
import { setText } from "../shell/dom.js";

/** Room that the note needs at the right end of the chart, in pixels. */
const WIDTH_PX = 300;

export class HoleNote {
  readonly #host: HTMLElement;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  /** @param x of the pointer, in pixels from the left of the chart. */
  show(hole: Hole | undefined, x: number): void {
    this.#host.hidden = hole === undefined;
    if (hole === undefined) return;
    setText(this.#host, hole.text);
    const room = (this.#host.parentElement?.clientWidth ?? 0) - WIDTH_PX;
    this.#host.style.left = `${Math.max(8, Math.min(x + 16, room))}px`;
  }
}
