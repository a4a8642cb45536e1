/**
 * Whether a stored series is whole: every candle of it is looked at, in slices, so that nothing else waits for it.
 * Spec: http-api §4.3.
 */
import { type Clock, nextTurn } from "../clock/clock.js";
import { bucketTime } from "../market/roll-up.js";
import { type SeriesGap, SeriesGapScan } from "../market/series-gaps.js";
import { type SeriesId, withTimeframe } from "../market/series-id.js";
import type { StoreReader } from "../storage/store.js";

/** Candles that are looked at in one turn of the event loop: about a millisecond of work. */
export const SCAN_SLICE_CANDLES = 20_000;

/** Series that are looked through at once; more are refused. */
export const MAX_SCANS = 4;

/** There are {@link MAX_SCANS} already. */
export class TooManyScansError extends Error {
  override readonly name = "TooManyScansError";
  readonly code = "too_many_scans";
}

/** Minutes that a bucket of a longer timeframe is made of, and those that are stored. On the wire; times in seconds. */
export interface BucketCompleteness {
  readonly bucket_open_time: number;
  readonly expected_minutes: number;
  readonly actual_minutes: number;
  readonly missing_minutes: number;
}

export interface SeriesHealth {
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  readonly candles: number;
  readonly gaps: number;
  /** The longest time between two neighbours that are a gap, in seconds; null without one. */
  readonly longestS: number | null;
  /** Newest first. */
  readonly recent: readonly SeriesGap[];
  readonly baseSeries: string;
  /** Oldest first; empty when the series is not made of minutes, or there are none. */
  readonly buckets: readonly BucketCompleteness[];
}

export interface SeriesHealthQuery {
  readonly maxRecentGaps: number;
  readonly recentBaseBuckets: number;
}

const BASE_TIMEFRAME = "1m";
const BASE_S = 60;

export class SeriesHealthReader {
  readonly #store: Pick<StoreReader, "candleTimes" | "head">;
  readonly #clock: Clock;
  #scans = 0;

  constructor(store: Pick<StoreReader, "candleTimes" | "head">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Candles that are stored meanwhile may be in it or not. @throws TooManyScansError or StoreError. */
  async read(series: SeriesId, query: SeriesHealthQuery): Promise<SeriesHealth> {
    if (this.#scans >= MAX_SCANS) throw new TooManyScansError(`${MAX_SCANS} series are being looked through`);
    this.#scans += 1;
    try {
      const scan = new SeriesGapScan(series.timeframeSeconds, query.maxRecentGaps);
      for await (const times of this.#slices(series.text, -1)) scan.add(times);
      const { text: baseSeries } = withTimeframe(series, BASE_TIMEFRAME);
      return { ...scan.result, baseSeries, buckets: await this.#buckets(series, baseSeries, query.recentBaseBuckets) };
    } finally {
      this.#scans -= 1;
    }
  }

  /** The last buckets, up to the one that holds the newest minute. */
  async #buckets({ timeframeSeconds: step }: SeriesId, base: string, count: number): Promise<BucketCompleteness[]> {
    const head = this.#store.head(base).lastTime;
    if (step <= BASE_S || head === null) return [];
    const last = bucketTime(head, step);
    const first = Math.max(0, last - (count - 1) * step);
    const minutes = new Map<number, number>();
    for await (const times of this.#slices(base, first - 1)) {
      for (const time of times) {
        const bucket = bucketTime(time, step);
        if (time % BASE_S === 0 && bucket <= last) minutes.set(bucket, (minutes.get(bucket) ?? 0) + 1);
      }
    }
    const expected = step / BASE_S;
    return Array.from({ length: (last - first) / step + 1 }, (_, index) => {
      const bucket = first + index * step;
      const actual = minutes.get(bucket) ?? 0;
      return {
        bucket_open_time: bucket,
        expected_minutes: expected,
        actual_minutes: actual,
        missing_minutes: expected - actual,
      };
    });
  }

  /** The times of a series after `afterS`, each slice in a turn of its own. */
  async *#slices(series: string, afterS: number): AsyncGenerator<Float64Array> {
    for (let nextAfterS = afterS; ; ) {
      const times = this.#store.candleTimes(series, nextAfterS, SCAN_SLICE_CANDLES);
      yield times;
      const last = times.at(-1);
      if (last === undefined || times.length < SCAN_SLICE_CANDLES) return;
      nextAfterS = last;
      await nextTurn(this.#clock);
    }
  }
}
