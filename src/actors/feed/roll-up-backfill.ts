/** Candles of a short timeframe made of the minutes that are stored anyway, without asking anyone. Spec: ingest §6.5. */
import type { Candle } from "../../market/candle.js";
import { canRollUp, rollUp } from "../../market/roll-up.js";
import { type SeriesId, withTimeframe } from "../../market/series-id.js";
import { type SlotRange, slotCount } from "../../market/slots.js";
import type { StoreReader } from "../../storage/store.js";

const BASE_TIMEFRAME = "1m";
const BASE_S = 60;

/** The longest timeframe that is made of minutes, in seconds: a longer one would need more of them than are kept at hand. */
const LONGEST_TIMEFRAME_S = 900;

/** Minutes read at least, and beyond those that are needed. */
const LEAST_READ_CANDLES = 20_000;
const SPARE_CANDLES = 16;

/** The series of minutes of the same market; undefined for a timeframe that is not made of them. */
function baseOf(series: SeriesId): SeriesId | undefined {
  const { timeframeSeconds } = series;
  if (!canRollUp(BASE_S, timeframeSeconds) || timeframeSeconds > LONGEST_TIMEFRAME_S) return undefined;
  return withTimeframe(series, BASE_TIMEFRAME);
}

/**
 * What the series lacks in a range and its stored minutes make whole, ascending. A candle that is stored stays: that of
 * the exchange is better than one that was put together.
 */
export function rolledUpCandles(store: StoreReader, series: SeriesId, range: SlotRange): readonly Candle[] {
  const base = baseOf(series);
  if (base === undefined) return [];
  const { timeframeSeconds } = series;
  const { fromS, toS } = range;
  const needed = slotCount(range, timeframeSeconds) * (timeframeSeconds / BASE_S);
  const limit = Math.max(LEAST_READ_CANDLES, needed + SPARE_CANDLES);
  // Of a bucket that opens before the range a minute is left out, so none is made. To the last minute of the last bucket:
  // the one that opens at the end of the range may be complete as well.
  const minutes = store.readBetween(base.text, fromS, toS + timeframeSeconds - BASE_S, limit).candles();
  const made = rollUp(minutes, BASE_S, timeframeSeconds);
  const times = made.map(({ time }) => time);
  const stored = store.existingTimes(series.text, times);
  return made.filter(({ time }) => !stored.has(time));
}
