/** A chart that is drawn from increments: it keeps what it is sent and shows what it is told to. Spec: overlays §7. */
import { expect } from "vitest";
import type { DrawBody, PatchItem } from "./ledger-answers.js";

export class PollingClient {
  readonly window: number;
  readonly #held = new Map<string, PatchItem>();
  #shown: readonly string[] = [];
  #cursor = 0;

  constructor(window: number) {
    this.window = window;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** Takes an increment in. */
  apply({ instruction_catalog_patch, active_ids, next_cursor }: DrawBody): void {
    for (const item of instruction_catalog_patch) this.#held.set(item.instruction_id, item);
    this.#shown = active_ids;
    this.#cursor = next_cursor.version_id;
  }

  get shown(): readonly string[] {
    return this.#shown;
  }

  /** Fails unless every id that is to be shown looks as in a fresh picture. */
  expectLooksLike(fresh: DrawBody): void {
    const definitions = new Map(fresh.instruction_catalog_patch.map((item) => [item.instruction_id, item.definition]));
    for (const id of fresh.active_ids) {
      expect(this.#held.get(id)?.definition, id).toEqual(definitions.get(id));
    }
  }
}
