/** What is known of how one derived series agrees with the exchange's own candles, and what is to be compared next. */
import { latestClosedTime } from "../../market/closed-window.js";
import type { BucketDisagreement, Reconciled } from "../../market/reconcile.js";
import type { SlotRange } from "../../market/slots.js";

/** Buckets that are compared at once; the most rows of the cheapest request of the futures market. */
export const RECONCILE_CANDLES = 499;

/** Buckets of one series that may be asked for at once. */
export const MAX_RECONCILE_CANDLES = 2_000;

/** A bucket is compared so long after its close, in milliseconds: what the exchange corrects it has corrected by then. */
export const RECONCILE_AFTER_MS = 300_000;

/** Differing buckets that are kept of a series; the oldest are forgotten. */
export const MAX_DIFFERENCES = 500;

export interface Difference extends BucketDisagreement {
  /** Unix milliseconds. */
  readonly foundMs: number;
}

/** The stored candles of a derived series, as far as they matter here; seconds. */
export interface StoredRange {
  readonly firstTime: number | null;
  readonly lastTime: number | null;
}

export class ReconcileRecord {
  /** First and last bucket that were compared in turn. */
  compared: SlotRange | undefined;
  /** Buckets that were compared, asked for or in turn. */
  count = 0;
  /** Unix milliseconds of the last comparison. */
  checkedMs: number | null = null;
  lastError: string | null = null;
  /** What was asked for and is still to be compared. */
  requested: SlotRange | undefined;
  readonly #timeframeS: number;
  readonly #differences = new Map<number, Difference>();

  constructor(timeframeS: number) {
    this.#timeframeS = timeframeS;
  }

  /** Ascending by time. */
  get differences(): readonly Difference[] {
    return [...this.#differences.values()].sort((a, b) => a.time - b.time);
  }

  /** What is to be compared now; undefined when nothing is. @param nowMs the exchange's time. */
  due({ firstTime, lastTime }: StoredRange, nowMs: number): SlotRange | undefined {
    if (firstTime === null || lastTime === null) return undefined;
    const step = this.#timeframeS;
    const newestS = Math.min(lastTime, latestClosedTime(Math.floor((nowMs - RECONCILE_AFTER_MS) / 1000), step));
    const within = (fromS: number, toS: number): SlotRange | undefined => {
      const range = { fromS: Math.max(firstTime, fromS), toS: Math.min(newestS, toS) };
      return range.fromS > range.toS
        ? undefined
        : { ...range, toS: Math.min(range.toS, range.fromS + (RECONCILE_CANDLES - 1) * step) };
    };
    const requested = this.requested && within(this.requested.fromS, this.requested.toS);
    // What was asked for of buckets that there are none of is done.
    if (requested === undefined) this.requested = undefined;
    const fromS = this.compared === undefined ? newestS - (RECONCILE_CANDLES - 1) * step : this.compared.toS + step;
    return requested ?? within(fromS, newestS);
  }

  /** Takes in what came of a range. @returns what differs and did not before. */
  done({ fromS, toS }: SlotRange, { compared, differences }: Reconciled, nowMs: number): readonly Difference[] {
    this.checkedMs = nowMs;
    this.lastError = null;
    this.count += compared;
    this.#advance({ fromS, toS });
    const known = new Set(this.#differences.keys());
    for (const time of known) if (time >= fromS && time <= toS) this.#differences.delete(time);
    for (const one of differences) this.#differences.set(one.time, { ...one, foundMs: nowMs });
    for (const { time } of this.differences.slice(0, -MAX_DIFFERENCES)) this.#differences.delete(time);
    return differences.filter(({ time }) => !known.has(time)).map((one) => ({ ...one, foundMs: nowMs }));
  }

  #advance({ fromS, toS }: SlotRange): void {
    const next = toS + this.#timeframeS;
    if (this.requested !== undefined) {
      this.requested = next > this.requested.toS ? undefined : { ...this.requested, fromS: next };
    } else {
      this.compared = { fromS: this.compared?.fromS ?? fromS, toS };
    }
  }
}
