/**
 * Makes candles of a derived series out of the stored candles of its base, a bounded step at a time. Inside the ingest
 * actor of the derived series, so that nothing else writes meanwhile. Spec: ingest §7.3, §7.4; docs/derived-timeframes.md.
 */
import { type Candle, sameCandle } from "../../market/candle.js";
import { bucketTime, extended, isComplete, type OpenBucket } from "../../market/roll-up.js";
import type { SeriesId } from "../../market/series-id.js";
import { StoreError } from "../../storage/errors.js";
import type { StoreReader } from "../../storage/store.js";

/** Base candles that one step reads; it ends with the bucket in which it has come to so many. */
export const DERIVE_BASE_CANDLES = 4_096;

/** Base candles that are read from the store at once. */
const READ_CANDLES = 2_048;

/** What is to be made; times in seconds, of base candles. */
export type DeriveStep =
  /**
   * Whole buckets behind the newest stored one, published as closed. Those of base candles from `closedFromS` on as well,
   * even if they are stored: their base candles have closed just now. Begins at `fromS` when an earlier step has come there.
   */
  | { readonly type: "onward"; readonly closedFromS: number; readonly fromS?: number }
  /** The buckets of a range that the series has come past, in silence, where they are stored otherwise or not at all. */
  | { readonly type: "again"; readonly fromS: number; readonly toS: number }
  /** The newest buckets of a series without candles, in silence. */
  | { readonly type: "first" };

/** The base candles of a derived series could not be read. */
export class DeriveReadError extends Error {
  override readonly name = "DeriveReadError";
}

/** How a derived series is made of its base. */
export interface DerivationRule {
  readonly base: SeriesId;
  /** Base candles of which the first buckets of a series are made. */
  readonly firstCandles: number;
}

export interface DeriveOptions extends DerivationRule {
  readonly series: SeriesId;
  readonly store: StoreReader;
  /** Writes and publishes candles as closed just now. */
  readonly close: (candles: readonly Candle[]) => Promise<void>;
  /** Writes candles that belong to the past. */
  readonly rewrite: (candles: readonly Candle[]) => Promise<void>;
}

/**
 * @returns where the next step has to begin, in seconds, or undefined when there is nothing left.
 * @throws DeriveReadError, or what the writing throws; nothing of the step is stored then.
 */
export async function derive(step: DeriveStep, options: DeriveOptions): Promise<number | undefined> {
  const made = reading(options, () => make(step, options));
  if (made.candles.length > 0) await (step.type === "onward" ? options.close : options.rewrite)(made.candles);
  return made.nextS;
}

interface Made {
  readonly candles: readonly Candle[];
  readonly nextS: number | undefined;
}

const NOTHING: Made = { candles: [], nextS: undefined };

function make(step: DeriveStep, options: DeriveOptions): Made {
  const { series, store } = options;
  const { timeframeSeconds } = series;
  const headTime = store.head(series.text).lastTime;
  switch (step.type) {
    case "first": {
      const fromS = firstBaseTime(options);
      if (headTime !== null || fromS === undefined) return NOTHING;
      // In one go: what is stored keeps a second step from going on, and the number of candles is bounded by a setting.
      return wholeBuckets(options, fromS, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    }
    case "onward": {
      const behindHead =
        headTime === null ? firstBaseTime(options) : bucketTime(headTime, timeframeSeconds) + timeframeSeconds;
      const closedS = bucketTime(step.closedFromS, timeframeSeconds);
      const fromS = step.fromS ?? Math.min(behindHead ?? Number.POSITIVE_INFINITY, closedS);
      return Number.isFinite(fromS) ? wholeBuckets(options, fromS, Number.POSITIVE_INFINITY) : NOTHING;
    }
    case "again": {
      if (headTime === null) return NOTHING;
      const fromS = bucketTime(step.fromS, timeframeSeconds);
      const lastS = Math.min(bucketTime(step.toS, timeframeSeconds), bucketTime(headTime, timeframeSeconds));
      if (fromS > lastS) return NOTHING;
      const { candles, nextS } = wholeBuckets(options, fromS, lastS + timeframeSeconds - 1);
      return { candles: candles.filter((candle) => !isStored(options, candle)), nextS };
    }
  }
}

/** Time of the oldest of the newest base candles of which a series without candles is made. */
function firstBaseTime({ store, base, firstCandles }: DeriveOptions): number | undefined {
  return store.read(base.text, { limit: firstCandles }).firstTime ?? undefined;
}

function isStored({ store, series }: DeriveOptions, candle: Candle): boolean {
  const [stored] = store.readBetween(series.text, candle.time, candle.time, 1).candles();
  return stored !== undefined && sameCandle(stored, candle);
}

/** The buckets of the base candles with `fromS` ≤ time ≤ `toS`, as far as a step goes. */
function wholeBuckets(
  { store, base, series }: DeriveOptions,
  fromS: number,
  toS: number,
  mostCandles = DERIVE_BASE_CANDLES,
): Made {
  const sizes = { baseS: base.timeframeSeconds, timeframeS: series.timeframeSeconds };
  const candles: Candle[] = [];
  let bucket: OpenBucket | undefined;
  let newestS = fromS - 1;
  for (let read = 0; ; ) {
    const page = store.readBetween(base.text, newestS + 1, toS, READ_CANDLES).candles();
    for (const candle of page) {
      const openS = bucketTime(candle.time, sizes.timeframeS);
      if (read >= mostCandles && openS > bucketTime(newestS, sizes.timeframeS)) return { candles, nextS: openS };
      newestS = candle.time;
      read += 1;
      bucket = extended(bucket, candle, sizes);
      if (bucket === undefined || !isComplete(bucket, sizes.timeframeS)) continue;
      candles.push(bucket.candle);
      bucket = undefined;
    }
    if (page.length < READ_CANDLES) return { candles, nextS: undefined };
  }
}

/** A damaged base is no crash of the series that is made of it. */
function reading<T>({ base }: DeriveOptions, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new DeriveReadError(`${base.text} cannot be read: ${error.message}`, { cause: error });
  }
}
