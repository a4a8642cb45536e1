/** Closes that folds of past candles asked for lately, so that reads at random moments do not fetch them every time. */
import type { CloseColumns, CloseSource } from "../factors/close-history.js";

/** Blocks kept: 4 KB each. */
const MAX_BLOCKS = 4_096;

export class CloseCache {
  readonly #blocks = new Map<string, CloseColumns>();

  /** @param name of a series at a generation of its ledger: candles before its head do not change within one. */
  source(name: string, fetch: CloseSource): CloseSource {
    return (firstTime, count) => {
      const key = `${name}:${firstTime}:${count}`;
      const known = this.#blocks.get(key);
      if (known !== undefined) return known;
      const columns = fetch(firstTime, count);
      this.#blocks.set(key, columns);
      for (const oldest of this.#blocks.keys()) {
        if (this.#blocks.size <= MAX_BLOCKS) break;
        this.#blocks.delete(oldest);
      }
      return columns;
    };
  }
}
