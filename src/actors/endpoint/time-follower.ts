/** Keeps the estimate of the exchange's clock fresh, and says when the machine's clock is wrong. F24, F25. */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { MarketRest } from "../../exchange/binance/market-rest.js";
import type { EventLog } from "../../observability/event-log.js";
import { errorText } from "../runtime/errors.js";

/** How often the exchange's clock is asked for, if that is due; more often while it could not be had. Milliseconds. */
const TIME_CHECK_MS = 60_000;

/** A machine's clock that is further off than this is wrong, in milliseconds. */
export const OFFSET_ALARM_MS = 1_000;

export interface TimeFollowerOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly rest: Pick<MarketRest, "time" | "syncTime">;
  readonly signal: AbortSignal;
}

export class TimeFollower {
  readonly #options: TimeFollowerOptions;
  #check: TimerHandle | undefined;
  #isOff = false;
  #asking: Promise<void> | undefined;

  constructor(options: TimeFollowerOptions) {
    this.#options = options;
  }

  /** Asks when that is due, from the first call on. */
  follow(): void {
    if (this.#check !== undefined || this.#options.signal.aborted) return;
    const { clock, rest } = this.#options;
    this.#check = clock.setTimeout(() => {
      this.#check = undefined;
      this.follow();
    }, TIME_CHECK_MS);
    // An answer that took long says little: the next one may say more.
    if (rest.time.needsSync() || rest.time.uncertaintyMs() > OFFSET_ALARM_MS) void this.sync();
  }

  /** Asks now. Never rejects: without an answer the estimate stays as it is. */
  async sync(): Promise<void> {
    try {
      await this.ask();
    } catch (error) {
      this.#options.log.debug("exchange.time_unknown", { error: errorText(error) });
    }
  }

  /** Asks now; all who wait for the time share one question. @throws RestError */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const { log, rest, signal } = this.#options;
    await rest.syncTime(signal);
    const offsetMs = Math.round(rest.time.offsetMs());
    log.debug("exchange.time_known", { offset_ms: offsetMs });
    const isOff = Math.abs(offsetMs) - rest.time.uncertaintyMs() > OFFSET_ALARM_MS;
    if (isOff === this.#isOff) return;
    this.#isOff = isOff;
    if (isOff) log.warn("clock.wrong", { offset_ms: offsetMs, limit_ms: OFFSET_ALARM_MS });
    else log.info("clock.right", { offset_ms: offsetMs });
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#check);
  }
}
