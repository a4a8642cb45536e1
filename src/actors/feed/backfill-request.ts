/** What may be asked of a backfill: a series that the exchange can have, and a range of whole candles. Pure. */
import { binanceSeries } from "../../exchange/binance/symbols.js";
import { parseSeriesId, type SeriesId } from "../../market/series-id.js";
import { type SlotRange, slotAtOrAfter, slotAtOrBefore } from "../../market/slots.js";
import { ABSENT_AFTER_MS, newestClosed } from "../ingest/feed-clock.js";

/** The year 9999, in seconds: a later time is one that was counted in milliseconds. */
const LAST_TIME_S = 253_402_300_799;

export interface BackfillRequest {
  readonly series: SeriesId;
  readonly range: SlotRange;
}

/** A request that cannot be carried out. The message names the value and the remedy. */
export class BackfillRequestError extends Error {
  override readonly name = "BackfillRequestError";
}

/**
 * @param fromS first open time wanted, Unix seconds; rounded up to the grid of the timeframe.
 * @param toS last open time wanted, rounded down; what has not been closed for half a minute by then is left to the feed.
 * @param nowMs the exchange's time, Unix milliseconds.
 * @throws BackfillRequestError
 */
export function readBackfillRequest(
  text: string,
  fromS: number,
  toS: number | undefined,
  nowMs: number,
): BackfillRequest {
  const series = backfillSeries(text);
  checkTime("from", fromS);
  if (toS !== undefined) checkTime("to", toS);
  const step = series.timeframeSeconds;
  const newestS = newestClosed(nowMs - ABSENT_AFTER_MS, step);
  const range = {
    fromS: slotAtOrAfter(fromS, step),
    toS: Math.min(slotAtOrBefore(toS ?? newestS, step), newestS),
  };
  if (toS !== undefined && toS < fromS) {
    throw new BackfillRequestError(`to ${toS} is before from ${fromS}: give a range that goes forward`);
  }
  if (range.fromS > range.toS) {
    throw new BackfillRequestError(
      `no ${series.timeframe} candle opens from ${fromS} on and has closed by ${toS ?? newestS + step}: ` +
        `the newest one that can be fetched opens at ${newestS}`,
    );
  }
  return { series, range };
}

function backfillSeries(text: string): SeriesId {
  let series: SeriesId;
  try {
    series = parseSeriesId(text);
    binanceSeries(series);
  } catch (error) {
    throw new BackfillRequestError(
      `'${text}' cannot be fetched: ${(error as Error).message}; a series is called like binance:futures:BTC/USDT:1m`,
    );
  }
  if (series.timeframe === "3d") {
    throw new BackfillRequestError(
      `'${text}' cannot be fetched: where its candles open only the exchange knows, so holes cannot be told; fetch 1d`,
    );
  }
  return series;
}

function checkTime(name: string, timeS: number): void {
  if (Number.isSafeInteger(timeS) && timeS >= 0 && timeS <= LAST_TIME_S) return;
  const hint = timeS > LAST_TIME_S ? "it looks like milliseconds" : "they count from 1970-01-01T00:00:00Z on";
  throw new BackfillRequestError(`${name} ${timeS} is not a time in Unix seconds: ${hint}`);
}
