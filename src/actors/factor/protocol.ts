/** What the factor actor accepts and answers. */
import type { FactorState } from "../../factors/engine.js";
import type { Candle } from "../../market/candle.js";
import type { LedgerChange } from "../../storage/store.js";
import type { Reply } from "../runtime/actor.js";

export type FactorMessage =
  /**
   * Computes the ledger with `candles` folded in, and keeps the result aside. Nothing is stored: the asker commits the
   * change together with the candles, and then settles.
   */
  | {
      readonly type: "fold";
      readonly candles: readonly Candle[];
      /** Newest stored time in seconds before this run; the ledger first catches up to it. */
      readonly storedHeadTime: number | null;
      readonly reply: Reply<FactorFolded>;
    }
  /** The run of the last fold ended: its result is taken over, or forgotten. */
  | { readonly type: "settle"; readonly outcome: "committed" | "discarded" };

export interface FactorFolded {
  /** What the commit must do to the ledger; undefined when factor ingest is off or nothing changed. */
  readonly change: LedgerChange | undefined;
  readonly state: FactorState;
  /** The ledger was computed from its beginning: first sight of the series, or another fingerprint. */
  readonly rebuilt: boolean;
  /** Candles that were folded in, those of the run included. */
  readonly candlesRead: number;
  readonly durationMs: number;
}

/** How the actor stands: switched off, level with the store, or behind it until the next run. */
export type FactorStatus = "off" | "current" | "lagging" | "rebuild_due";
