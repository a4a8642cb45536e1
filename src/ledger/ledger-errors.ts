/** Why a read of the ledgers cannot be answered. Spec: overlays §12, http-api §5–7. */

export type LedgerErrorCode =
  /** The factor ledger has not come as far as the candle that was asked for. */
  | "factor_out_of_sync"
  /** The drawing has not. */
  | "overlay_out_of_sync"
  /** The drawing does not show what the factor ledger says. */
  | "overlay_mismatch"
  /** Parts of one answer stand at different candles. */
  | "out_of_sync"
  /** There is no candle at or before the time that was asked for. */
  | "no_data"
  /** There is no drawing of the series. */
  | "no_overlay";

export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A ledger that has not come as far as it should. @param wanted, @param head times in seconds. */
export function outOfSync(ledger: "factor" | "overlay", wanted: number, head: number | null): LedgerError {
  const stands = head === null ? "has no readable head" : `stands at ${head}`;
  return new LedgerError(`${ledger}_out_of_sync`, `the ${ledger} ledger ${stands}, asked for ${wanted}`);
}
