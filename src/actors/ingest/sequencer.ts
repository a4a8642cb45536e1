/**
 * Puts the finals of a stream into the one order in which they may be released: ascending, each once, and none past a
 * hole that has not been filled or proven empty at the source. Pure; it assumes no grid, so a hole is any step longer
 * than the timeframe. Feed bounds: B5, B7.
 */
import type { Candle } from "../../market/candle.js";

/** Candles that may be missing: `afterTime` < time < `beforeTime`, in seconds; open-ended while nothing later is held. */
export interface Hole {
  readonly afterTime: number;
  readonly beforeTime: number | null;
}

export type Offered = "accepted" | "duplicate" | "overflow";

/** Finals that are held while a hole is open. Beyond it they are let go, to be fetched again with the hole. */
export const MAX_HELD_FINALS = 1_000;

export class FinalSequencer {
  readonly #timeframeSeconds: number;
  #releasedTime: number | null;
  #hole: Hole | undefined;
  #held: Candle[] = [];
  /** Nothing was released yet: what counts as released is only where the series was taken to begin. */
  #isBeginning = false;
  /** Up to here, in seconds, everything that is not released is proven empty. */
  #emptyTo = Number.NEGATIVE_INFINITY;

  /** @param releasedTime time in seconds of the newest candle that counts as released; null when there is none. */
  constructor(timeframeSeconds: number, releasedTime: number | null) {
    this.#timeframeSeconds = timeframeSeconds;
    this.#releasedTime = releasedTime;
  }

  get releasedTime(): number | null {
    return this.#releasedTime;
  }

  get hole(): Hole | undefined {
    return this.#hole;
  }

  get held(): readonly Candle[] {
    return this.#held;
  }

  /** Time in seconds of the newest final that is known, released or held; null when there is none. */
  get newestTime(): number | null {
    return this.#held.at(-1)?.time ?? this.#releasedTime;
  }

  /** Counts everything up to `timeS` as released, for a series that begins now. @returns what counts as released. */
  beginAfter(timeS: number): number {
    if (this.#releasedTime === null) {
      this.#releasedTime = timeS;
      this.#isBeginning = true;
    }
    return this.#releasedTime;
  }

  /** Takes a final. What has been released already is a duplicate; among held ones of a time the last counts. */
  offer(candle: Candle): Offered {
    this.#beginEarlier(candle.time);
    if (this.#releasedTime !== null && candle.time <= this.#releasedTime) return "duplicate";
    const at = this.#held.findIndex((held) => held.time >= candle.time);
    if (at < 0) this.#held.push(candle);
    else this.#held.splice(at, this.#held[at]?.time === candle.time ? 1 : 0, candle);
    if (this.#held.length > MAX_HELD_FINALS) {
      this.#letGo();
      return "overflow";
    }
    this.#boundHole();
    return "accepted";
  }

  /** Opens a hole after what was released, or after `afterTime`. A hole that is open already stays as it is. */
  openHole(afterTime: number): void {
    this.#hole ??= { afterTime, beforeTime: this.#held[0]?.time ?? null };
  }

  /**
   * Up to `upTo`, in seconds, the hole holds no more candles than were delivered: what follows from there may go. What
   * comes later than that is behind another hole: the clock that said how far the hole went may have been wrong (F25).
   */
  closeHole(upTo: number): void {
    this.#hole = undefined;
    this.#emptyTo = Math.max(this.#emptyTo, upTo);
  }

  /**
   * The finals that may be released now, contiguous from what was released. A step longer than the timeframe opens a
   * hole and ends them.
   */
  releasable(): readonly Candle[] {
    if (this.#hole !== undefined) return [];
    let previous = this.#releasedTime === null ? null : Math.max(this.#releasedTime, this.#emptyTo);
    const count = this.#held.findIndex((candle) => {
      const follows = previous === null || candle.time <= previous + this.#timeframeSeconds;
      previous = candle.time;
      return !follows;
    });
    const ready = count < 0 ? [...this.#held] : this.#held.slice(0, count);
    if (ready.length === 0 && this.#held[0] !== undefined && this.#releasedTime !== null)
      this.openHole(this.#releasedTime);
    return ready;
  }

  /** Candles up to `timeS` have been released: by {@link releasable}, or fetched from elsewhere. */
  released(timeS: number): void {
    this.#releasedTime = Math.max(this.#releasedTime ?? timeS, timeS);
    this.#isBeginning = false;
    this.#held = this.#held.filter((candle) => candle.time > timeS);
    this.#boundHole();
  }

  /** A first final from well before the beginning: the clock that set it was ahead, and the series begins here (F24). */
  #beginEarlier(timeS: number): void {
    if (!this.#isBeginning || this.#releasedTime === null) return;
    if (timeS < this.#releasedTime) this.#releasedTime = timeS - this.#timeframeSeconds;
  }

  #boundHole(): void {
    const first = this.#held[0];
    if (this.#hole === undefined || first === undefined) return;
    const { afterTime } = this.#hole;
    // A late final may be all that was missing.
    const filled = first.time <= afterTime + this.#timeframeSeconds;
    this.#hole = filled ? undefined : { afterTime, beforeTime: first.time };
  }

  #letGo(): void {
    this.#held = [];
    const afterTime = this.#hole?.afterTime ?? this.#releasedTime;
    this.#hole = afterTime === null ? undefined : { afterTime, beforeTime: null };
  }
}
