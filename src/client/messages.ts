/** The messages of `/ws/market` and `/ws/debug`, and reading one from its text. */
import type { WireGap } from "./answers/feed.js";
import type { WireCandle } from "./answers/market.js";

/** A hole before a candle: the time that was expected and the one that came, Unix seconds. */
export interface GapNotice {
  readonly expected_next_time: number;
  readonly actual_time: number;
}

/** A message of the system about a series; `factor.rebuild` means: read what is derived again. */
export interface SystemNotice {
  readonly event: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface OfSeries {
  readonly series_id: string;
}

/** A message about one series. */
export type SeriesMessage =
  | (OfSeries & { readonly type: "candle_closed"; readonly candle: WireCandle })
  | (OfSeries & { readonly type: "candles_batch"; readonly candles: readonly WireCandle[] })
  | (OfSeries & { readonly type: "candle_forming"; readonly candle: WireCandle })
  | (OfSeries & GapNotice & { readonly type: "gap" })
  | (OfSeries & { readonly type: "gap_state"; readonly gap: WireGap })
  | (OfSeries & SystemNotice & { readonly type: "system" });

export interface ErrorMessage {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  /** Only where the error is of one series. */
  readonly series_id?: string;
}

/** What `/ws/market` sends. */
export type MarketMessage = SeriesMessage | ErrorMessage;

/** What happened inside of a daemon. */
export interface DebugEvent {
  readonly ts_ms: number;
  readonly source: "backend";
  readonly pipe: "read" | "write";
  readonly event: string;
  readonly series_id: string | null;
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What `/ws/debug` sends. */
export type DebugMessage =
  | { readonly type: "debug_snapshot"; readonly events: readonly DebugEvent[] }
  | { readonly type: "debug_event"; readonly event: DebugEvent };

type Fields = Readonly<Record<string, unknown>>;

/** A message of `/ws/market`; undefined for what is none, or of a kind that this client does not know. */
export function readMarketMessage(text: unknown): MarketMessage | undefined {
  const fields = fieldsOf(text);
  if (fields === undefined) return undefined;
  return isSeriesMessage(fields) || isErrorMessage(fields) ? (fields as unknown as MarketMessage) : undefined;
}

/** A message of `/ws/debug`; undefined for what is none, or of a kind that this client does not know. */
export function readDebugMessage(text: unknown): DebugMessage | undefined {
  const fields = fieldsOf(text);
  const isSnapshot = fields?.type === "debug_snapshot" && Array.isArray(fields.events) && fields.events.every(isEvent);
  const isOne = fields?.type === "debug_event" && isEvent(fields.event);
  return isSnapshot || isOne ? (fields as unknown as DebugMessage) : undefined;
}

function fieldsOf(text: unknown): Fields | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSeriesMessage(fields: Fields): boolean {
  if (typeof fields.series_id !== "string") return false;
  switch (fields.type) {
    case "candle_closed":
    case "candle_forming":
      return isCandle(fields.candle);
    case "candles_batch":
      return Array.isArray(fields.candles) && fields.candles.every(isCandle);
    case "gap":
      return isNumber(fields.expected_next_time) && isNumber(fields.actual_time);
    case "gap_state":
      return isFields(fields.gap) && isNumber(fields.gap.id);
    case "system":
      return typeof fields.event === "string" && typeof fields.message === "string" && isFields(fields.data);
    default:
      return false;
  }
}

function isErrorMessage({ type, code, message }: Fields): boolean {
  return type === "error" && typeof code === "string" && typeof message === "string";
}

function isCandle(value: unknown): boolean {
  return (
    isFields(value) &&
    ["candle_time", "open", "high", "low", "close", "volume"].every((member) => isNumber(value[member]))
  );
}

function isEvent(value: unknown): boolean {
  return isFields(value) && typeof value.event === "string" && isNumber(value.ts_ms);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
