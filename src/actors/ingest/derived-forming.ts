/**
 * The forming candle of a derived series: the stored base candles of its bucket and the base's forming one. Only shown,
 * never stored; what is stored does not depend on it. Spec: ingest §7.2.
 */
import type { Clock } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import { bucketTime, merged } from "../../market/roll-up.js";
import type { SeriesId } from "../../market/series-id.js";
import type { StoreReader } from "../../storage/store.js";
import { FormingThrottle } from "./forming.js";

export interface DerivedFormingOptions {
  readonly series: SeriesId;
  readonly base: SeriesId;
  readonly store: Pick<StoreReader, "readBetween" | "head">;
  readonly clock: Clock;
  /** Least time between two updates of one bucket, in milliseconds. */
  readonly minIntervalMs: number;
  readonly publish: (candle: Candle) => void;
}

/** What the closed base candles of a bucket make so far. */
interface Finished {
  readonly openS: number;
  /** Open time of the newest base candle that is in it, in seconds; before the bucket while there is none. */
  readonly throughS: number;
  readonly candle: Candle | undefined;
}

export class DerivedForming {
  readonly #options: DerivedFormingOptions;
  readonly #throttle: FormingThrottle;
  #finished: Finished | undefined;

  constructor(options: DerivedFormingOptions) {
    this.#options = options;
    this.#throttle = new FormingThrottle(options);
  }

  /** @param forming of the base */
  offer(forming: Candle): void {
    const { series, base, store, clock } = this.#options;
    if (forming.time % base.timeframeSeconds !== 0) return;
    const openS = bucketTime(forming.time, series.timeframeSeconds);
    const finished = this.#finishedBefore(forming.time, openS);
    this.#finished = finished;
    // Without the candle before it, which has closed and is not stored yet, the shape would be wrong.
    if (forming.time !== openS && finished.throughS !== forming.time - base.timeframeSeconds) return;
    const candle = finished.candle === undefined ? forming : merged(finished.candle, forming);
    const update = { candle: { ...candle, time: openS }, final: false, eventTimeMs: clock.monotonic() };
    this.#throttle.offer(update, store.head(series.text).lastTime);
  }

  /** Base candles are others than they were. */
  forget(): void {
    this.#finished = undefined;
  }

  /** Forgets updates that wait for a bucket which is closed now. */
  closed(timeS: number): void {
    this.#throttle.closed(timeS);
  }

  stop(): void {
    this.#throttle.stop();
  }

  #finishedBefore(timeS: number, openS: number): Finished {
    const { base, store } = this.#options;
    const known = this.#finished;
    const goesOn = known?.openS === openS && known.throughS < timeS;
    let finished = goesOn ? known : { openS, throughS: openS - 1, candle: undefined };
    for (const next of store.readBetween(base.text, finished.throughS + 1, timeS - 1).candles()) {
      if (next.time % base.timeframeSeconds !== 0) continue;
      const candle = finished.candle === undefined ? next : merged(finished.candle, next);
      finished = { openS, throughS: next.time, candle };
    }
    return finished;
  }
}
