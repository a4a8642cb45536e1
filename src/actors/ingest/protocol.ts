/** What the ingest actor accepts. Public: from others. Private: from its own feed, timers and repairs. */
import type { HistoryEvent } from "../../exchange/binance/history.js";
import type { Candle } from "../../market/candle.js";
import type { KlineUpdate } from "../feed/exchange-port.js";
import type { FeedJob } from "../feed/job.js";
import type { Reply } from "../runtime/actor.js";
import type { DeriveStep } from "./derive.js";
import type { RepairVerdict } from "./hole-repair.js";
import type { RunPolicy } from "./policy.js";
import type { RunResult } from "./run-result.js";

export type IngestPublicMessage =
  /** Closed candles from anyone but the feed. No candles: only the ledgers catch up. */
  | {
      readonly type: "run";
      readonly candles: readonly Candle[];
      readonly policy: RunPolicy;
      readonly reply: Reply<RunResult>;
    }
  /** Settled candles as REST has them: what is stored otherwise is corrected. Answered with how many were. */
  | { readonly type: "verify"; readonly candles: readonly Candle[]; readonly reply: Reply<number> }
  /** Make candles of those of the base series. Answered with where the next step begins, in seconds. */
  | { readonly type: "derive"; readonly step: DeriveStep; readonly reply: Reply<number | undefined> }
  /** The forming candle of the base series. */
  | { readonly type: "base_forming"; readonly candle: Candle }
  /** Forget the drawing, so that the next run makes it anew. */
  | { readonly type: "reset_overlay"; readonly reply: Reply<void> }
  /** Follow the exchange's stream on behalf of a job, or of none any longer. */
  | { readonly type: "follow"; readonly job: FeedJob | undefined }
  /** Stop following for now; answered when what was received has been written and published. */
  | { readonly type: "drain"; readonly reply: Reply<void> }
  /** Answered when everything that was told before it has been done. */
  | { readonly type: "barrier"; readonly reply: Reply<void> };

export type IngestPrivateMessage =
  | { readonly type: "ledgers_lagging" }
  | { readonly type: "attaching" }
  | { readonly type: "refused" }
  | { readonly type: "subscribed" }
  | { readonly type: "final"; readonly candle: Candle }
  | { readonly type: "forming"; readonly update: KlineUpdate }
  | { readonly type: "flush_due" }
  | { readonly type: "final_overdue" }
  | {
      readonly type: "repaired";
      readonly candles: Extract<HistoryEvent, { type: "page" }>["candles"];
      readonly reply: Reply<void>;
    }
  | { readonly type: "repair_attempted"; readonly error: string | null }
  | { readonly type: "gap_rechecked"; readonly id: number; readonly candles: readonly Candle[] }
  | { readonly type: "repair_reached"; readonly finalUpToMs: number; readonly reply: Reply<RepairVerdict> };

export type IngestMessage = IngestPublicMessage | IngestPrivateMessage;

/** Runs and finals that may wait. A refused final is fetched again from the exchange; a refused run is told so. */
export const INGEST_MAILBOX = 1_024;

/** Notices of which only the latest matters; none of them is ever refused for lack of room. */
export function latestOf(message: IngestMessage): string | undefined {
  switch (message.type) {
    case "run":
    case "verify":
    case "derive":
    case "reset_overlay":
    case "drain":
    case "barrier":
    case "final":
    case "repaired":
    case "repair_attempted":
    case "repair_reached":
    case "gap_rechecked":
      return undefined;
    case "attaching":
    case "refused":
      return "standing";
    default:
      return message.type;
  }
}
