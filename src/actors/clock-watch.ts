/**
 * Notices that the machine's clock was moved, that the machine slept, or that this process could not keep up. Deadlines
 * that were set before mean nothing then. F25.
 */
import type { Clock, TimerHandle } from "../clock/clock.js";

export type ClockMoved =
  /** The wall clock moved by this much more or less than the monotonic one; milliseconds, back below zero. */
  | { readonly type: "jumped"; readonly byMs: number }
  /** A timer came so late that the machine must have slept, or this process been stopped. */
  | { readonly type: "slept"; readonly byMs: number }
  /** A timer came late: other work was in its way. */
  | { readonly type: "late"; readonly byMs: number };

/** How often the clocks are compared, in milliseconds. */
export const CLOCK_WATCH_PERIOD_MS = 5_000;

/** Wall clock and monotonic clock may drift apart by this much in a period, in milliseconds. */
export const CLOCK_DRIFT_MS = 2_000;

/** A timer that comes this late is told as sleep, or as lateness, in milliseconds. */
export const SLEEP_MS = 30_000;
export const LATE_MS = 1_000;

export class ClockWatch {
  readonly #clock: Clock;
  readonly #onMoved: (moved: ClockMoved) => void;
  #timer: TimerHandle | undefined;

  constructor(clock: Clock, onMoved: (moved: ClockMoved) => void) {
    this.#clock = clock;
    this.#onMoved = onMoved;
  }

  start(): void {
    const armedMs = this.#clock.monotonic();
    const apartMs = this.#clock.now() - armedMs;
    this.#timer = this.#clock.setTimeout(() => {
      const now = this.#clock.monotonic();
      const driftMs = this.#clock.now() - now - apartMs;
      const lateMs = now - armedMs - CLOCK_WATCH_PERIOD_MS;
      this.start();
      if (Math.abs(driftMs) > CLOCK_DRIFT_MS) this.#onMoved({ type: "jumped", byMs: driftMs });
      else if (lateMs > LATE_MS) this.#onMoved({ type: lateMs > SLEEP_MS ? "slept" : "late", byMs: lateMs });
    }, CLOCK_WATCH_PERIOD_MS);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
