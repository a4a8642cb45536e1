/** Schemas that several routes share. Spec: http-api §2. */
import { type Static, type TSchema, Type } from "typebox";
import type { Candle } from "../market/candle.js";
import { parseSeriesId, type SeriesId } from "../market/series-id.js";
import { HttpError } from "./errors.js";

/** The year 9999: a larger time is one that was counted in milliseconds. */
const LAST_TIME = 253_402_300_799;

/** Longest series id that is stored or followed, in characters. */
export const LONGEST_SERIES_ID = 200;

export const WireCandle = Type.Object(
  {
    candle_time: Type.Integer({ minimum: 0, maximum: LAST_TIME, description: "Open time, Unix seconds." }),
    open: Type.Number(),
    high: Type.Number(),
    low: Type.Number(),
    close: Type.Number(),
    volume: Type.Number(),
  },
  { description: "A candle." },
);

/** How a series id is made up; a key, echoed as it was given. */
export const SERIES_ID_FORM = "`<exchange>:<market>:<symbol>:<timeframe>`, such as `binance:futures:BTC/USDT:1m`.";

export const IngestSeriesId = Type.String({ maxLength: LONGEST_SERIES_ID, description: SERIES_ID_FORM });

/** The series id of a read: any text, as any unknown series is empty. */
export const ReadSeriesId = Type.String({ minLength: 1, description: SERIES_ID_FORM });

/** A point in time. */
export const Time = Type.Integer({ minimum: 0, description: "Unix seconds." });

/** A version of the drawing; 0 before the first. */
export const Version = Type.Integer({
  minimum: 0,
  default: 0,
  description: "Version of the drawing that the client has come to; 0 for none.",
});

/** A yes or no, as a number. */
export function zeroOrOne(description: string) {
  return Type.Integer({ minimum: 0, maximum: 1, default: 0, description });
}

/** The id of a job of replay. */
export const JobId = Type.String({ minLength: 1, description: "As it was answered when the job was asked for." });

/** A member of a body that may be null or left out. */
export function orNull<S extends TSchema>(schema: S) {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

export const WindowCandles = Type.Integer({
  minimum: 1,
  maximum: 5000,
  default: 2000,
  description: "Candles of the window, which ends with the candle that the answer is for.",
});

export function candleOf(wire: Static<typeof WireCandle>): Candle {
  const { candle_time: time, open, high, low, close, volume } = wire;
  return { time, open, high, low, close, volume };
}

/** The series of a read. One that cannot be parsed cannot have been stored: it reads like any other without candles. */
export function readSeriesOf(text: string): SeriesId {
  try {
    return parseSeriesId(text);
  } catch {
    return { text, exchange: "", market: "", symbol: "", timeframe: "", timeframeSeconds: 1 };
  }
}

/** @throws HttpError `market.bad_series_id`. */
export function seriesIdOf(text: string): SeriesId {
  try {
    return parseSeriesId(text);
  } catch (error) {
    throw new HttpError("market.bad_series_id", (error as Error).message);
  }
}
