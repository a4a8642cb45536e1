/** What the factor actor accepts and answers. */
import type { FactorRun } from "../../ledger/factor-ledger.js";
import type { Candle } from "../../market/candle.js";
import type { Reply } from "../runtime/actor.js";

export type FactorMessage =
  /**
   * Computes the ledger with `candles` folded in, and keeps the result aside. Nothing is stored: the asker commits the
   * change together with the candles, and then settles. No candles: the ledger catches up with the store by a page.
   */
  | {
      readonly type: "fold";
      readonly candles: readonly Candle[];
      /** Earliest candle of the run, in seconds, among those that the ledger has folded, that is not stored like this. */
      readonly changedFrom: number | undefined;
      readonly reply: Reply<FactorFolded>;
    }
  /** The run of the last fold ended: its result is taken over, or forgotten. */
  | { readonly type: "settle"; readonly outcome: "committed" | "discarded" };

export interface FactorFolded extends FactorRun {
  readonly durationMs: number;
}

/** How the actor stands: switched off, level with the store, or behind it until the next run. */
export type FactorStatus = "off" | "current" | "lagging" | "rebuild_due";
