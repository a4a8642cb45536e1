/** What the overlay actor accepts and answers. */
import type { FactorRun } from "../../ledger/factor-ledger.js";
import type { OverlayRun } from "../../ledger/overlay-ledger.js";
import type { Reply } from "../runtime/actor.js";

export type OverlayMessage =
  /** Draws what the factor fold made of a run, and keeps the picture aside until the run is settled. */
  | {
      readonly type: "render";
      readonly factor: Pick<FactorRun, "frames" | "restart">;
      readonly reply: Reply<OverlayRendered>;
    }
  /** The run of the last picture ended: its result is taken over, or forgotten. */
  | { readonly type: "settle"; readonly outcome: "committed" | "discarded" };

export interface OverlayRendered extends OverlayRun {
  readonly durationMs: number;
}
