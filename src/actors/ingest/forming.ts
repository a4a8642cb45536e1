/**
 * Thins out the updates of the forming candle at its source: the first of a candle at once, later ones no more often
 * than allowed, the latest never lost; nothing that goes back in time. Spec: ingest §5.5, ws-api §2.4; feed bound B22.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import type { KlineUpdate } from "../feed/exchange-port.js";

export interface FormingOptions {
  readonly clock: Clock;
  /** Least time between two updates of one candle, in milliseconds. */
  readonly minIntervalMs: number;
  readonly publish: (candle: Candle) => void;
}

export class FormingThrottle {
  readonly #options: FormingOptions;
  #newest: KlineUpdate | undefined;
  #publishedMs = Number.NEGATIVE_INFINITY;
  #publishedTime: number | undefined;
  #timer: TimerHandle | undefined;

  constructor(options: FormingOptions) {
    this.#options = options;
  }

  /** @param closedTime seconds; candles up to it are closed and never shown as forming. */
  offer(update: KlineUpdate, closedTime: number | null): void {
    const newest = this.#newest;
    if (closedTime !== null && update.candle.time <= closedTime) return;
    if (newest !== undefined && isOlder(update, newest)) return;
    this.#newest = update;
    const { clock, minIntervalMs } = this.#options;
    const dueMs = this.#publishedMs + minIntervalMs;
    const now = clock.monotonic();
    if (update.candle.time !== this.#publishedTime || now >= dueMs) this.#publish();
    else this.#timer ??= clock.setTimeout(() => this.#publish(), dueMs - now);
  }

  /** Forgets updates that wait for a candle which is closed now. */
  closed(timeS: number): void {
    if (this.#newest !== undefined && this.#newest.candle.time <= timeS) this.stop();
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #publish(): void {
    this.stop();
    const candle = this.#newest?.candle;
    if (candle === undefined) return;
    this.#publishedMs = this.#options.clock.monotonic();
    this.#publishedTime = candle.time;
    this.#options.publish(candle);
  }
}

function isOlder(update: KlineUpdate, newest: KlineUpdate): boolean {
  if (update.candle.time !== newest.candle.time) return update.candle.time < newest.candle.time;
  // An old state that was held up may carry the time at which it was sent; but the volume of a candle only grows.
  return update.eventTimeMs < newest.eventTimeMs || update.candle.volume < newest.candle.volume;
}
