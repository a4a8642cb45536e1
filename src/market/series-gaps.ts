/** Where candles are missing in a whole series, found in one pass over its times. Pure. Spec: http-api §4.3. */

/** Two neighbouring candles that are more than their timeframe apart. On the wire; times in seconds. */
export interface SeriesGap {
  readonly prev_time: number;
  readonly next_time: number;
  readonly delta_seconds: number;
  readonly missing_candles: number;
}

export class SeriesGapScan {
  readonly #timeframeS: number;
  readonly #maxRecent: number;
  #firstTime: number | null = null;
  #lastTime: number | null = null;
  #candles = 0;
  #gaps = 0;
  #longestS: number | null = null;
  /** The newest ones, oldest first. */
  readonly #recent: SeriesGap[] = [];

  /** @param maxRecent gaps that are named; of all others only the number and the longest are known. */
  constructor(timeframeS: number, maxRecent: number) {
    this.#timeframeS = timeframeS;
    this.#maxRecent = maxRecent;
  }

  /** Takes the next times of the series, in seconds, ascending and later than all before. */
  add(times: Iterable<number>): void {
    for (const time of times) {
      if (this.#lastTime !== null && time - this.#lastTime > this.#timeframeS) this.#note(this.#lastTime, time);
      this.#firstTime ??= time;
      this.#lastTime = time;
      this.#candles += 1;
    }
  }

  get result() {
    return {
      firstTime: this.#firstTime,
      lastTime: this.#lastTime,
      candles: this.#candles,
      gaps: this.#gaps,
      longestS: this.#longestS,
      /** Newest first. */
      recent: this.#recent.toReversed(),
    };
  }

  #note(prev_time: number, next_time: number): void {
    const delta_seconds = next_time - prev_time;
    const missing_candles = Math.max(0, Math.floor(delta_seconds / this.#timeframeS) - 1);
    this.#gaps += 1;
    this.#longestS = Math.max(this.#longestS ?? 0, delta_seconds);
    this.#recent.push({ prev_time, next_time, delta_seconds, missing_candles });
    if (this.#recent.length > this.#maxRecent) this.#recent.shift();
  }
}
