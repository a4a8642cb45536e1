/** What the overlay actor accepts and answers. */
import type { FactorState } from "../../factors/engine.js";
import type { LedgerChange } from "../../storage/store.js";
import type { Reply } from "../runtime/actor.js";

export type OverlayMessage =
  /** Draws the picture at the factor state's head and keeps it aside until the run is settled. */
  | {
      readonly type: "render";
      readonly factor: FactorState;
      /** The factor ledger was computed anew: the drawing begins anew, too. */
      readonly rebuilt: boolean;
      readonly reply: Reply<OverlayRendered>;
    }
  | { readonly type: "settle"; readonly outcome: "committed" | "discarded" }
  /** The stored drawing was reset: the next picture begins anew. */
  | { readonly type: "reset" };

export interface OverlayRendered {
  /** What the commit must do to the ledger; undefined when overlay ingest is off or nothing changed. */
  readonly change: LedgerChange | undefined;
  readonly headTime: number | null;
  readonly durationMs: number;
}
