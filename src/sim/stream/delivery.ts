/** A kline event on its way to one connection; what delivery faults work on. */
import type { KlineEvent } from "./kline-message.js";

export interface Frame {
  readonly data: string | Buffer;
  readonly binary: boolean;
}

export interface Delivery {
  readonly event: KlineEvent;
  /** Sent this much later than it should; ms. */
  readonly delayMs: number;
  /** Whether a delayed event says the time at which it is really sent (a late event) or keeps its own (a slow line). */
  readonly restamp: boolean;
  /** Spoils the written message. */
  readonly spoil?: (text: string) => Frame;
}
