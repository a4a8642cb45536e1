/**
 * Changes of a series' gaps on their way to the store. Each is told when it is stored. What cannot be written now goes
 * with the next candles, in their transaction: nothing is released past a hole that is not on record.
 */
import type { Gap } from "../../market/gap.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Store } from "../../storage/store.js";
import { errorText } from "../runtime/errors.js";

export interface GapJournalOptions {
  readonly series: string;
  readonly store: Pick<Store, "commit">;
  readonly log: EventLog;
  /** Tells that a gap is not what it was. */
  readonly tell: (gap: Gap) => void;
}

export class GapJournal {
  readonly #options: GapJournalOptions;
  /** The newest state of gaps whose change is not known to be stored, by number. */
  readonly #unwritten = new Map<number, Gap>();

  constructor(options: GapJournalOptions) {
    this.#options = options;
  }

  note(gap: Gap): void {
    this.#unwritten.set(gap.id, gap);
  }

  /** Changes that must be part of the next commit. */
  unwritten(): readonly Gap[] {
    return [...this.#unwritten.values()];
  }

  /** A commit of these is durable. */
  written(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      if (this.#unwritten.get(gap.id) !== gap) continue;
      this.#unwritten.delete(gap.id);
      this.#options.tell(gap);
    }
  }

  /** Writes what is unwritten. Never rejects. */
  async save(): Promise<void> {
    const gaps = this.unwritten();
    if (gaps.length === 0) return;
    const { store, series, log } = this.#options;
    try {
      await store.commit({ series, gaps });
    } catch (error) {
      log.error("gap.write_failed", { ids: gaps.map(({ id }) => id), error: errorText(error) });
      return;
    }
    this.written(gaps);
  }
}
