/**
 * Notes of ledgers that were found damaged: what has to be computed anew with the next run of the series. A reader finds
 * most of it, and a reader must not write. Nothing is lost with the notes: who reads there again finds the damage again.
 */
import type { EventLog } from "../observability/event-log.js";
import { LedgerDamage, StoreError } from "../storage/errors.js";
import type { LedgerName } from "../storage/keys.js";

export class DamageNotes {
  readonly #log: EventLog;
  /** Ledgers by name and series: two for each stored series at most. */
  readonly #damaged = new Set<string>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  note(series: string, damage: LedgerDamage): void {
    const key = noteKey(series, damage.ledger);
    if (!this.#damaged.has(key)) this.tell(series, damage);
    this.#damaged.add(key);
  }

  /** Tells the operator of damage that is being repaired already. */
  tell(series: string, { ledger, message, cause }: LedgerDamage): void {
    const why = cause instanceof Error ? { cause: cause.message } : {};
    this.#log.error("ledger.damaged", { series_id: series, ledger, error: message, ...why });
  }

  isDamaged(series: string, ledger: LedgerName): boolean {
    return this.#damaged.has(noteKey(series, ledger));
  }

  /** The damaged ledger is forgotten. */
  clear(series: string, ledger: LedgerName): void {
    this.#damaged.delete(noteKey(series, ledger));
  }
}

function noteKey(series: string, ledger: LedgerName): string {
  return `${ledger}:${series}`;
}

/** Does what needs a part of a stored ledger. @throws LedgerDamage when that part does not serve for it. */
export function reading<T>(ledger: LedgerName, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new LedgerDamage(ledger, what, { cause: error });
  }
}
