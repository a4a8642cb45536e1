/** Everything that can go wrong with the store, by stable code. */

export type StoreErrorCode =
  /** The files are there but are not what was written: truncated, overwritten, a failed checksum. */
  | "store_damaged"
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
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
