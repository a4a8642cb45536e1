/**
 * Messages of a stream connection. Parsing never throws and never gives a part of a candle: a message is understood whole
 * or ignored with the reason, so that one bad frame costs nothing but itself.
 * Spec: binance-protocol §2.2-2.4, F20, F39; ingest §5.2.
 */
import type { Candle } from "../../market/candle.js";
import { decimal, flag, isJsonObject, type JsonObject, type WireTime, wholeNumber, wireTime } from "./wire-values.js";

/** One state of one candle. */
export interface KlineMessage {
  readonly type: "kline";
  /** The stream it belongs to, `btcusdt@kline_1m`: as the envelope names it, else by symbol and interval. */
  readonly stream: string;
  /** When the exchange sent it, in milliseconds since the Unix epoch, UTC; null when not told. */
  readonly eventTimeMs: number | null;
  readonly candle: Candle;
  /** True only in the message that closes the candle; the last state before it is not the candle. */
  readonly final: boolean;
  /** Trades so far; null when not told. */
  readonly tradeCount: number | null;
  /** Id of the newest trade in it; null when there was none or it is not told. */
  readonly lastTradeId: number | null;
}

/** Code and text of an error as the exchange sent them. */
export interface StreamErrorDetail {
  readonly code: number;
  readonly msg: string;
}

export type RequestId = number | string | null;

export type IgnoredReason = "not_json" | "not_an_object" | "other_event" | "unknown_message" | "broken_field";

export type StreamMessage =
  | KlineMessage
  /** The answer to a control message; acknowledged does not mean that data will flow. */
  | { readonly type: "reply"; readonly id: RequestId; readonly error: StreamErrorDetail | null }
  /** An error that names no request. */
  | ({ readonly type: "error" } & StreamErrorDetail)
  /** The server is about to close the connection. `eventTimeMs` is null when it was not readable. */
  | { readonly type: "shutdown"; readonly eventTimeMs: number | null }
  /** `detail` names the field or the event, or is empty. */
  | { readonly type: "ignored"; readonly reason: IgnoredReason; readonly detail: string };

/** Longest foreign text that is passed on in `detail` or `msg`, in characters. */
const LONGEST_DETAIL_CHARS = 200;

/** Understands one text frame, combined (`stream` and `data`) or raw. */
export function parseStreamMessage(text: string): StreamMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return ignored("not_json");
  }
  if (!isJsonObject(json)) return ignored("not_an_object");
  const stream = typeof json.stream === "string" ? json.stream : null;
  const payload = stream === null && json.data === undefined ? json : json.data;
  if (!isJsonObject(payload)) return ignored("not_an_object");

  if (payload.e === "serverShutdown") return { type: "shutdown", eventTimeMs: wireTime(payload.E)?.ms ?? null };
  if (isJsonObject(payload.k) && (payload.e === undefined || payload.e === "kline")) {
    return parseKline(stream, payload, payload.k);
  }
  if (payload.e !== undefined) return ignored("other_event", payload.e);
  return parseAnswer(payload);
}

function parseKline(envelope: string | null, payload: JsonObject, kline: JsonObject): StreamMessage {
  const openTime = wireTime(kline.t);
  const open = decimal(kline.o);
  const high = decimal(kline.h);
  const low = decimal(kline.l);
  const close = decimal(kline.c);
  const volume = decimal(kline.v);
  const final = flag(kline.x);
  const tradeCount = optionalCount(kline.n);
  const lastTradeId = optionalCount(kline.L);
  const exchangeSymbol = optionalName(kline.s ?? payload.s);
  const interval = optionalName(kline.i);

  if (openTime === undefined) return ignored("broken_field", "t");
  const closeTime = optionalTime(kline.T, openTime);
  if (closeTime === undefined || (closeTime !== null && closeTime < openTime.ms)) return ignored("broken_field", "T");
  const eventTimeMs = optionalTime(payload.E, openTime);
  if (eventTimeMs === undefined) return ignored("broken_field", "E");
  if (open === undefined) return ignored("broken_field", "o");
  if (high === undefined) return ignored("broken_field", "h");
  if (low === undefined) return ignored("broken_field", "l");
  if (close === undefined) return ignored("broken_field", "c");
  if (volume === undefined) return ignored("broken_field", "v");
  if (final === undefined) return ignored("broken_field", "x");
  if (exchangeSymbol === undefined) return ignored("broken_field", "s");
  if (interval === undefined) return ignored("broken_field", "i");
  const named = exchangeSymbol && interval ? `${exchangeSymbol.toLowerCase()}@kline_${interval}` : null;
  const stream = envelope ?? named;
  // A message that names no stream, or two different ones, belongs to none.
  if (stream === null || (named !== null && named !== stream)) return ignored("broken_field", "s");
  if (tradeCount === undefined) return ignored("broken_field", "n");
  if (lastTradeId === undefined) return ignored("broken_field", "L");
  const candle = { time: Math.floor(openTime.ms / 1000), open, high, low, close, volume };
  return { type: "kline", stream, eventTimeMs, candle, final, tradeCount, lastTradeId };
}

/** A name that need not be there; null when absent, undefined when it is no name. */
function optionalName(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A time that need not be there, in milliseconds; null when absent, undefined when broken or in another unit. */
function optionalTime(value: unknown, reference: WireTime): number | null | undefined {
  if (value === undefined || value === null) return null;
  const time = wireTime(value);
  return time !== undefined && time.unit === reference.unit ? time.ms : undefined;
}

/** A count or an id that need not be there; the exchange writes -1 for "none". Undefined when it is there but broken. */
function optionalCount(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  const count = wholeNumber(value);
  return count === -1 ? null : count !== undefined && count >= 0 ? count : undefined;
}

/** Answers to control messages, in the documented form of errors and in the one seen on the wire. */
function parseAnswer(payload: JsonObject): StreamMessage {
  const id = typeof payload.id === "number" || typeof payload.id === "string" ? payload.id : null;
  const error = errorDetail(isJsonObject(payload.error) ? payload.error : payload);
  if (error !== null) return id === null ? { type: "error", ...error } : { type: "reply", id, error };
  return "result" in payload ? { type: "reply", id, error: null } : ignored("unknown_message");
}

function errorDetail(value: JsonObject): StreamErrorDetail | null {
  const code = wholeNumber(value.code);
  if (code === undefined) return null;
  return { code, msg: typeof value.msg === "string" ? value.msg.slice(0, LONGEST_DETAIL_CHARS) : "" };
}

function ignored(reason: IgnoredReason, detail: unknown = ""): StreamMessage {
  return { type: "ignored", reason, detail: typeof detail === "string" ? detail.slice(0, LONGEST_DETAIL_CHARS) : "" };
}
