/** Series ids, `<exchange>:<market>:<symbol>:<timeframe>`. Spec: ingest §1.1. */
import { timeframeSeconds } from "./timeframe.js";

/** A text that names no series. The message is part of the HTTP contract. */
export class SeriesIdError extends Error {
  override readonly name = "SeriesIdError";
}

/** The parts of a series id. The id itself stays the opaque, case-sensitive key that was given. */
export interface SeriesId {
  /** Exactly as received; the key under which the series is stored and echoed. */
  readonly text: string;
  readonly exchange: string;
  readonly market: string;
  /** May contain `:`, as in `BTC/USDT:USDT`. */
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeSeconds: number;
}

/**
 * Splits a series id into its parts, trimmed.
 * @throws SeriesIdError or TimeframeError with the text that the HTTP contract quotes.
 */
export function parseSeriesId(text: string): SeriesId {
  const parts = text.split(":").map((part) => part.trim());
  if (parts.length < 4) throw new SeriesIdError("series_id must be '{exchange}:{market}:{symbol}:{timeframe}'");
  const [exchange = "", market = ""] = parts;
  const timeframe = parts.at(-1) ?? "";
  const symbol = parts.slice(2, -1).join(":").trim();
  if ([exchange, market, symbol, timeframe].includes("")) {
    throw new SeriesIdError("invalid series_id (empty component)");
  }
  return { text, exchange, market, symbol, timeframe, timeframeSeconds: timeframeSeconds(timeframe) };
}

/** The series of another timeframe of the same symbol. @throws TimeframeError */
export function withTimeframe({ text }: SeriesId, timeframe: string): SeriesId {
  return parseSeriesId(`${text.slice(0, text.lastIndexOf(":") + 1)}${timeframe}`);
}

/** Length in seconds of the timeframe at the end of a text, which need not name a series otherwise; null if there is none. */
export function timeframeAtEnd(text: string): number | null {
  try {
    return timeframeSeconds(text.slice(text.lastIndexOf(":") + 1));
  } catch {
    return null;
  }
}
