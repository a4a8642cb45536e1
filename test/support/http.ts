/** Requests to a daemon, as tests make them. */
import type { WireCandle } from "../../src/market/candle.js";

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface CandlesBody {
  readonly series_id: string;
  readonly server_head_time: number | null;
  readonly candles: readonly WireCandle[];
}

export async function get<T>(url: string): Promise<Answer<T>> {
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as T };
}

export async function post<T>(url: string, body: unknown): Promise<Answer<T>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as T };
}

export function candles(url: string, series: string, query = ""): Promise<Answer<CandlesBody>> {
  return get(`${url}/api/market/candles?series_id=${encodeURIComponent(series)}${query}`);
}

/** A candle that is flat at `close`. */
export function flat(candle_time: number, close: number): WireCandle {
  return { candle_time, open: close, high: close, low: close, close, volume: 1 };
}

export function ingest(url: string, series_id: string, candle: WireCandle): Promise<Answer<Record<string, unknown>>> {
  return post(`${url}/api/market/ingest/candle_closed`, { series_id, candle });
}
