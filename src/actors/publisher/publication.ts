/** One thing that was published in a series, with the frames made from it, so that each is encoded once for all. */
import type { Candle } from "../../market/candle.js";
import type { Gap } from "../../market/gap.js";
import { encodeMessage, type Frame, type OutMessage } from "./messages.js";

export type PublicationContent =
  | { readonly type: "closed"; readonly candles: readonly Candle[]; readonly grouping: "single" | "batch" }
  | { readonly type: "forming"; readonly candle: Candle }
  | { readonly type: "gap_state"; readonly gap: Gap }
  | { readonly type: "rebuilt" };

export class Publication {
  readonly series: string;
  readonly content: PublicationContent;
  readonly #frames = new Map<object, Frame>();

  constructor(series: string, content: PublicationContent) {
    this.series = series;
    this.content = content;
  }

  /** The message's frame; the same one for every subscriber that is sent the same candle or the same list. */
  frame(message: OutMessage): Frame {
    const subject = subjectOf(message) ?? this;
    const made = message.type === "gap" ? undefined : this.#frames.get(subject);
    if (made !== undefined) return made;
    const frame = encodeMessage(this.series, message);
    if (message.type !== "gap") this.#frames.set(subject, frame);
    return frame;
  }
}

function subjectOf(message: OutMessage): object | undefined {
  switch (message.type) {
    case "candle_closed":
    case "candle_forming":
      return message.candle;
    case "candles_batch":
      return message.candles;
    case "gap_state":
      return message.gap;
    default:
      return undefined;
  }
}
