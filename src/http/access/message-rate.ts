/** How much one WebSocket client may say. */
import type { Clock } from "../../clock/clock.js";
import { RateLimit } from "./rate-limit.js";

/** Messages and pings of one client; the first beyond its rate is the last that is looked at. */
export class MessageRate {
  readonly #limit: RateLimit;

  constructor(clock: Clock, perSecond: number) {
    this.#limit = new RateLimit(clock, perSecond);
  }

  /** Counts one. @returns false when it was one too many. */
  take(): boolean {
    return this.#limit.take("") === 0;
  }
}
