/** Everything that can go wrong with the store, by stable code. */
import type { LedgerName } from "./keys.js";

export type StoreErrorCode =
  /** The files are there but are not what was written: truncated, overwritten, a failed checksum. */
  | "store_damaged"
  /** The same of a ledger, which is computed anew: nothing is lost. */
  | "ledger_damaged"
  /** Written by a newer version of this program. */
  | "store_newer"
  /** An LMDB file of something else. */
  | "store_foreign"
  /** Another running process holds the store. */
  | "store_in_use"
  /** The folder cannot be created, read or written. */
  | "store_unusable"
  /** A commit did not reach the disk; nothing of it was stored. */
  | "commit_failed"
  /** Used after close. */
  | "store_closed";

export class StoreError extends Error {
  override readonly name: string = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What is stored of a ledger is not what was written. The ledger follows from the candles and is to be computed anew. */
export class LedgerDamage extends StoreError {
  override readonly name = "LedgerDamage";
  readonly ledger: LedgerName;

  /** @param what the part that cannot be read, as in "the rows of a block". */
  constructor(ledger: LedgerName, what: string, options?: ErrorOptions) {
    super("ledger_damaged", `${what} of the ${ledger} ledger cannot be read`, options);
    this.ledger = ledger;
  }
}
