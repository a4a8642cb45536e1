/**
 * The final candles of a series from REST, page by page. Which of the absent ones are holes of the market is the caller's
 * to decide. Spec: binance-protocol §4.1, F30-F34, F38; feed-behaviour B6.
 */
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { ExchangeTime } from "./exchange-time.js";
import type { KlineRow } from "./kline-rows.js";
import type { RestClient } from "./rest-client.js";
import { RestError } from "./rest-errors.js";
import { binanceSeries } from "./symbols.js";
import type { WeightPriority } from "./weight-minute.js";
import { CHEAPEST_KLINES_LIMIT } from "./weights.js";

/** A row counts as final this long after its close, in milliseconds of exchange time: until then values still change. */
export const SETTLE_MS = 3_000;

export interface HistorySource {
  readonly rest: Pick<RestClient, "klines">;
  readonly time: Pick<ExchangeTime, "exchangeNowMs" | "uncertaintyMs">;
}

export interface HistoryRequest {
  readonly series: SeriesId;
  /** Only candles that open after this, in seconds since the Unix epoch, UTC. */
  readonly afterTimeS: number;
  /** Only candles that open before this; without it up to the newest final one. */
  readonly beforeTimeS?: number;
  /** Most candles to fetch, at least 1. */
  readonly maxCandles: number;
  readonly signal: AbortSignal;
  readonly priority?: WeightPriority;
}

export type HistoryEvent =
  /** Never empty; ascending, and later than every page before. */
  | { readonly type: "page"; readonly candles: readonly Candle[] }
  /**
   * The last event. Every candle of the range whose close lies {@link SETTLE_MS} or more before `finalUpToMs` (exchange
   * time) has been asked for; what was not delivered was absent.
   */
  | { readonly type: "end"; readonly finalUpToMs: number };

/**
 * Fetches the final candles of a range. It may be left at any time; pages already delivered are complete.
 * @throws UnsupportedSeriesError, RangeError, or RestError (`unexpected_shape` if the exchange does not get ahead).
 */
export async function* closedCandles(source: HistorySource, request: HistoryRequest): AsyncGenerator<HistoryEvent> {
  const { series, maxCandles, signal } = request;
  if (!Number.isInteger(maxCandles) || maxCandles < 1) {
    throw new RangeError(`maxCandles ${maxCandles} is not a whole number from 1`);
  }
  const { market, exchangeSymbol: symbol, interval } = binanceSeries(series);
  const intervalMs = series.timeframeSeconds * 1000;
  const rangeEndMs = request.beforeTimeS === undefined ? Number.POSITIVE_INFINITY : request.beforeTimeS * 1000 - 1;
  let startMs = nextStartMs(request.afterTimeS * 1000, intervalMs);
  let left = maxCandles;

  for (;;) {
    const nowMs = earliestNowMs(source.time);
    const endMs = Math.min(rangeEndMs, nowMs - SETTLE_MS - intervalMs + 1);
    if (startMs > endMs) {
      yield { type: "end", finalUpToMs: nowMs };
      return;
    }
    const limit = Math.min(CHEAPEST_KLINES_LIMIT[market], left, Math.floor((endMs - startMs) / intervalMs) + 1);
    const page = { symbol, interval, startTimeMs: startMs, endTimeMs: endMs, limit, signal };
    const rows = await source.rest.klines({ ...page, priority: request.priority ?? "bulk" });
    const wanted = rowsFrom(rows, startMs).filter((row) => row.openTimeMs <= rangeEndMs);
    const final = finalRows(wanted, nowMs).slice(0, left);
    const last = final.at(-1);
    if (last !== undefined) yield { type: "page", candles: final.map((row) => row.candle) };
    left -= final.length;
    if (last === undefined || (left > 0 && final.length < wanted.length)) {
      yield { type: "end", finalUpToMs: nowMs };
      return;
    }
    if (left === 0) {
      yield { type: "end", finalUpToMs: last.closeTimeMs + SETTLE_MS };
      return;
    }
    startMs = nextStartMs(last.openTimeMs, intervalMs);
  }
}

/** The exchange's clock shows at least this: a row must not be taken for final because the estimate is ahead. */
function earliestNowMs(time: HistorySource["time"]): number {
  return Math.floor(time.exchangeNowMs() - time.uncertaintyMs());
}

/**
 * The first open time that a candle after one opening at `openMs` can have. Candles off the grid (there are such after
 * old outages) may be followed by one on the grid in less than an interval.
 */
function nextStartMs(openMs: number, intervalMs: number): number {
  return openMs % intervalMs === 0 ? openMs + intervalMs : openMs + 1000;
}

/** Rows from the asked start on. Getting only rows before it would go on for ever. */
function rowsFrom(rows: readonly KlineRow[], startMs: number): readonly KlineRow[] {
  const wanted = rows.filter((row) => row.openTimeMs >= startMs);
  if (wanted.length === 0 && rows.length > 0) {
    throw new RestError("unexpected_shape", `klines answer has only rows before the asked startTime ${startMs}`);
  }
  return wanted;
}

/** The rows before the first that is not final yet. */
function finalRows(rows: readonly KlineRow[], nowMs: number): readonly KlineRow[] {
  const firstOpen = rows.findIndex((row) => row.closeTimeMs + SETTLE_MS > nowMs);
  return firstOpen === -1 ? rows : rows.slice(0, firstOpen);
}
