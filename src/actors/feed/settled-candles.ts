/** What those share who hold stored candles against REST without any hurry. */
import { isEndpointFailure, RestError } from "../../exchange/binance/rest-errors.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { ExchangePort } from "./exchange-port.js";

/** Shortest pause of a market whose REST refuses or fails, in milliseconds. */
const REFUSED_PAUSE_MS = 60_000;

export interface SettledCandlesQuery {
  readonly exchange: Pick<ExchangePort, "history">;
  readonly series: SeriesId;
  /** First and last open time, in seconds. */
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}

/** The final candles of a range by REST, at bulk priority. @throws RestError */
export async function settledCandles(query: SettledCandlesQuery): Promise<readonly Candle[]> {
  const { exchange, series, from, to, signal } = query;
  const { timeframeSeconds } = series;
  const maxCandles = Math.floor((to - from) / timeframeSeconds) + 1;
  const range = { afterTimeS: from - 1, beforeTimeS: to + timeframeSeconds, maxCandles };
  const found: Candle[] = [];
  for await (const event of exchange.history({ series, ...range, signal, priority: "bulk" })) {
    if (event.type === "page") found.push(...event.candles);
  }
  return found;
}

/** How long to leave REST alone, in milliseconds; undefined for an error that says nothing of the other series. */
export function marketPauseMs(error: unknown): number | undefined {
  if (!(error instanceof RestError)) return undefined;
  const { retryAfterMs } = error;
  return retryAfterMs !== null || isEndpointFailure(error) ? Math.max(retryAfterMs ?? 0, REFUSED_PAUSE_MS) : undefined;
}
