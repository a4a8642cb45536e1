/**
 * The one gate that every REST request of a market passes: it keeps the address's request weight under a ceiling and is
 * shut while the exchange demands silence. Spec: binance-protocol §4.2, F26-F28; feed-behaviour B7-B10.
 */
import { setMaxListeners } from "node:events";
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import { RestError } from "./rest-errors.js";
import { LONGEST_SILENCE_MS, type Refusal, type Silence, silenceFor } from "./silence.js";
import {
  hasRoom,
  minuteIndex,
  newMinute,
  untilNextMinuteMs,
  usedWeight,
  type WeightMinute,
  type WeightPriority,
  withAnswered,
  withSent,
  withStraddler,
  withUnsent,
} from "./weight-minute.js";

/** Most requests that wait for weight at once; more are refused with `queue_full`. */
export const MAX_WAITING_REQUESTS = 2_000;

/** What became of a request that was let through. */
export type RequestOutcome =
  /** `usedWeight`: the header `X-MBX-USED-WEIGHT-1M`, null without it. */
  | { readonly type: "answered"; readonly usedWeight: number | null }
  | { readonly type: "refused"; readonly usedWeight: number | null; readonly refusal: Refusal }
  /** Sent, but no answer came. */
  | { readonly type: "unanswered" }
  | { readonly type: "unsent" };

/** Leave to send one request. To be settled exactly once; further calls do nothing. */
export interface WeightPermit {
  settle(outcome: RequestOutcome): void;
}

export interface WeightGovernorOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The exchange's clock, milliseconds since the Unix epoch, UTC: its minutes and ban ends count. */
  readonly exchangeNowMs: () => number;
  /** Until {@link WeightGovernor.setLimit} tells the present one. */
  readonly limitPerMinute: number;
}

/** For health output. */
export interface WeightSnapshot {
  readonly limitPerMinute: number;
  readonly usedWeight: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly silence: Silence | null;
}

interface Waiter {
  readonly weight: number;
  readonly priority: WeightPriority;
  readonly grant: () => void;
  readonly refuse: (error: RestError) => void;
}

export class WeightGovernor {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #exchangeNowMs: () => number;
  #limitPerMinute: number;
  #minute: WeightMinute;
  #totalInFlight = 0;
  #waiters: readonly Waiter[] = [];
  #minuteTimer: TimerHandle | undefined;
  /**
   * By the monotonic clock: a silence is counted from the moment it was demanded, and ends when that time is over, whatever
   * the machine's clock or the estimate of the exchange's is moved to meanwhile.
   */
  #silent: { readonly cause: Silence["cause"]; readonly endsMonotonicMs: number } | null = null;
  /** Refusals since the last answer that was none. */
  #refusals = 0;
  readonly #silenceListeners = new Set<(silence: Silence) => void>();

  constructor(options: WeightGovernorOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#exchangeNowMs = options.exchangeNowMs;
    this.#limitPerMinute = options.limitPerMinute;
    this.#minute = newMinute(minuteIndex(options.exchangeNowMs()));
  }

  /**
   * Waits until the minute has room; first come, first served, `live` before `bulk`. Never waits out a silence: that can
   * last for days, and what may be done meanwhile is the caller's to decide.
   * @throws RestError `silenced` (with `retryAfterMs`), `queue_full` or `aborted`.
   */
  acquire(weight: number, signal: AbortSignal, priority: WeightPriority = "bulk"): Promise<WeightPermit> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusalToQueue(signal);
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      const onAbort = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new RestError("aborted", "given up while waiting for request weight"));
        this.#letThrough();
      };
      const waiter: Waiter = {
        weight,
        priority,
        grant: () => {
          signal.removeEventListener("abort", onAbort);
          resolve(this.#permit(weight));
        },
        refuse: (error) => {
          signal.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      // One signal may stand for many waiting requests; their number is bounded here, so Node need not warn of a leak.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters = [...this.#waiters, waiter];
      this.#letThrough();
    });
  }

  /** Takes over the limit that exchangeInfo names. */
  setLimit(limitPerMinute: number): void {
    this.#limitPerMinute = limitPerMinute;
    this.#letThrough();
  }

  /** The silence in force; null when requests may be sent. */
  silence(): Silence | null {
    const leftMs = this.silenceLeftMs();
    if (this.#silent === null || leftMs === 0) return null;
    return { cause: this.#silent.cause, untilMs: this.#exchangeNowMs() + leftMs };
  }

  /** Whole milliseconds left of the silence in force; 0 without one. */
  silenceLeftMs(): number {
    if (this.#silent === null) return 0;
    return Math.max(0, Math.ceil(this.#silent.endsMonotonicMs - this.#clock.monotonic()));
  }

  /** Calls back whenever a silence begins or gets longer, so that it can outlive the process. Returns the way out. */
  onSilence(listener: (silence: Silence) => void): () => void {
    this.#silenceListeners.add(listener);
    return () => {
      this.#silenceListeners.delete(listener);
    };
  }

  /**
   * Takes over what is left of a silence from an earlier run, in milliseconds. One that is over, or shorter than the
   * present one, changes nothing.
   */
  restoreSilence(leftMs: number): void {
    const untilMs = this.#exchangeNowMs() + Math.min(leftMs, LONGEST_SILENCE_MS);
    this.#beSilent({ cause: "restored", untilMs });
  }

  /** A refusal that came another way than through a permit: the answer to a stream handshake. */
  noteRefusal(refusal: Refusal): void {
    // Answers to requests that were under way together are one refusal, not several.
    if (this.silence() === null) this.#refusals += 1;
    const earlierRefusals = Math.max(0, this.#refusals - 1);
    const nowMs = this.#exchangeNowMs();
    this.#beSilent(silenceFor(refusal, { nowMs, earlierRefusals, random: this.#random() }));
  }

  snapshot(): WeightSnapshot {
    this.#enterMinute();
    return {
      limitPerMinute: this.#limitPerMinute,
      usedWeight: usedWeight(this.#minute),
      inFlight: this.#totalInFlight,
      waiting: this.#waiters.length,
      silence: this.silence(),
    };
  }

  #refusalToQueue(signal: AbortSignal): RestError | undefined {
    if (signal.aborted) return new RestError("aborted", "given up before it was sent");
    if (this.silence() !== null) return this.#silencedError();
    if (this.#waiters.length < MAX_WAITING_REQUESTS) return undefined;
    const retryAfterMs = untilNextMinuteMs(this.#exchangeNowMs());
    return new RestError("queue_full", `${MAX_WAITING_REQUESTS} requests already wait for weight`, { retryAfterMs });
  }

  #silencedError(): RestError {
    const cause = this.#silent?.cause ?? "restored";
    return new RestError("silenced", `REST is silent (${cause})`, { retryAfterMs: this.silenceLeftMs() });
  }

  /** Lets through whoever has room, in order, and makes sure that the rest is looked at again. */
  #letThrough(): void {
    this.#enterMinute();
    for (let next = this.#nextWaiter(); next !== undefined; next = this.#nextWaiter()) {
      const waiter = next;
      if (!hasRoom(this.#minute, waiter.weight, waiter.priority, this.#limitPerMinute, this.#totalInFlight)) break;
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      waiter.grant();
    }
    this.#clock.clearTimeout(this.#minuteTimer);
    this.#minuteTimer = undefined;
    if (this.#waiters.length > 0) {
      const waitMs = untilNextMinuteMs(this.#exchangeNowMs());
      this.#minuteTimer = this.#clock.setTimeout(() => this.#letThrough(), waitMs);
    }
  }

  #nextWaiter(): Waiter | undefined {
    return this.#waiters.find((waiter) => waiter.priority === "live") ?? this.#waiters[0];
  }

  #enterMinute(): void {
    const index = minuteIndex(this.#exchangeNowMs());
    if (index !== this.#minute.index) this.#minute = newMinute(index);
  }

  #permit(weight: number): WeightPermit {
    const minute = this.#minute.index;
    this.#minute = withSent(this.#minute, weight);
    this.#totalInFlight += 1;
    let settled = false;
    return {
      settle: (outcome) => {
        if (settled) return;
        settled = true;
        this.#totalInFlight -= 1;
        this.#account(minute, weight, outcome);
        if (outcome.type === "answered") this.#refusals = 0;
        if (outcome.type === "refused") this.noteRefusal(outcome.refusal);
        this.#letThrough();
      },
    };
  }

  #account(minute: number, weight: number, outcome: RequestOutcome): void {
    this.#enterMinute();
    if (minute !== this.#minute.index) {
      // The count in the answer may belong to either minute, so it says nothing about this one.
      if (outcome.type !== "unsent") this.#minute = withStraddler(this.#minute, weight);
    } else if (outcome.type === "unsent") {
      this.#minute = withUnsent(this.#minute, weight);
    } else {
      const reported = outcome.type === "unanswered" ? null : outcome.usedWeight;
      this.#minute = withAnswered(this.#minute, weight, reported);
    }
  }

  #beSilent(silence: Silence): void {
    const forMs = silence.untilMs - this.#exchangeNowMs();
    if (!(forMs > this.silenceLeftMs())) return;
    this.#silent = { cause: silence.cause, endsMonotonicMs: this.#clock.monotonic() + forMs };
    const refused = this.#waiters;
    this.#waiters = [];
    for (const waiter of refused) waiter.refuse(this.#silencedError());
    this.#letThrough();
    for (const listener of this.#silenceListeners) listener(silence);
  }
}
