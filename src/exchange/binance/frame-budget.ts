/**
 * How many frames may be sent on one connection: the exchange counts every client frame, pongs included, in a strict
 * rolling second and cuts the connection that exceeds it. Spec: binance-protocol §2.1; feed-behaviour B3.
 */
import type { BinanceMarket } from "./urls.js";

export type FrameKind = "control" | "pong";

/**
 * Length of the rolling window, in milliseconds: longer than the exchange's second, so that frames which the network
 * pushes closer together than they were sent still fall into different seconds.
 */
export const FRAME_WINDOW_MS = 1_250;

/** Most frames in a window: one less than the spot limit of 5, two less than the futures limit of 10. */
export const FRAMES_PER_WINDOW: Readonly<Record<BinanceMarket, number>> = { spot: 4, futures: 8 };

/** Frames of each window that control messages leave free, so that a ping is always answered at once. */
export const FRAMES_KEPT_FOR_PONGS = 1;

/** Times are monotonic milliseconds of the caller's clock and must not decrease. One budget per connection. */
export class FrameBudget {
  readonly #capacity: number;
  /** When the frames of the current window were sent, ascending; never more than the capacity. */
  #sentMs: number[] = [];

  constructor(market: BinanceMarket) {
    this.#capacity = FRAMES_PER_WINDOW[market];
  }

  /** Takes one frame if the window has room for it. False: send nothing, ask again after {@link waitMs}. */
  tryTake(kind: FrameKind, nowMs: number): boolean {
    if (this.waitMs(kind, nowMs) > 0) return false;
    this.#sentMs.push(nowMs);
    return true;
  }

  /** Frames in the window that ends now. */
  used(nowMs: number): number {
    return this.#sentMs.filter((sentMs) => nowMs - sentMs < FRAME_WINDOW_MS).length;
  }

  /** Milliseconds until a frame of this kind may be sent; 0 when it may be sent now. */
  waitMs(kind: FrameKind, nowMs: number): number {
    this.#sentMs = this.#sentMs.filter((sentMs) => nowMs - sentMs < FRAME_WINDOW_MS);
    const allowed = kind === "pong" ? this.#capacity : this.#capacity - FRAMES_KEPT_FOR_PONGS;
    const blocking = this.#sentMs.at(-allowed);
    return blocking === undefined ? 0 : blocking + FRAME_WINDOW_MS - nowMs;
  }
}
