/** What the publisher accepts. */
import type { Candle } from "../../market/candle.js";
import type { Gap } from "../../market/gap.js";
import type { Reply } from "../runtime/actor.js";

export type PublisherMessage =
  /** Committed candles, ascending; answered when every subscriber has been offered them. */
  | {
      readonly type: "publish_closed";
      readonly candles: readonly Candle[];
      readonly grouping: "single" | "batch";
      readonly reply: Reply<void>;
    }
  /** The factor ledger was computed anew. */
  | { readonly type: "publish_rebuilt"; readonly reply: Reply<void> }
  /** A gap is not what it was; told when that is stored. */
  | { readonly type: "publish_gap"; readonly gap: Gap }
  /** The current candle; only the latest matters. */
  | { readonly type: "publish_forming"; readonly candle: Candle };

/** Waiting publications; a series has one writer that waits for its answer, so more than a few mean a stuck publisher. */
export const PUBLISHER_MAILBOX = 256;

export function coalesceForming(message: PublisherMessage): string | undefined {
  return message.type === "publish_forming" ? "forming" : undefined;
}
