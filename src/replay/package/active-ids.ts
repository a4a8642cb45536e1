/** The ids that are shown, in order, and how they change from bar to bar. Spec: replay §4, "Active ids". */
import { firstNotBelow } from "../../ledger/event-block.js";

/** Both ascending. */
export interface IdChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export class ActiveIds {
  /** Ascending; kept in order, because sorting thousands of ids at every checkpoint takes longer than the rest of a build. */
  readonly #sorted: string[] = [];

  /** All ids as a JSON array. */
  json(): string {
    return JSON.stringify(this.#sorted);
  }

  /** Shows or hides the ids of `touched` that are not as `isShown` says. */
  update(touched: Iterable<string>, isShown: (id: string) => boolean): IdChange {
    const added: string[] = [];
    const removed: string[] = [];
    for (const id of touched) {
      const place = firstNotBelow(this.#sorted, id);
      const was = this.#sorted[place] === id;
      const is = isShown(id);
      if (was === is) continue;
      if (is) this.#sorted.splice(place, 0, id);
      else this.#sorted.splice(place, 1);
      (is ? added : removed).push(id);
    }
    return { added: added.sort(), removed: removed.sort() };
  }
}
