/** The messages of both WebSockets, as clients see them. Descriptions, as those of answers. Spec: ws-api §1, §3. */
import { type TSchema, Type } from "typebox";
import { Gap } from "../answers/feed.js";
import { Candle } from "../answers/market.js";
import {
  always,
  list,
  map,
  named,
  nullable,
  object,
  oneOf,
  SERIES_ID,
  text,
  unixMilliseconds,
  unixSeconds,
} from "../answers/parts.js";
import { LONGEST_SERIES_ID } from "../wire-schemas.js";

/** A kind of message. */
export interface MessageKind {
  /** When it is sent, in a line. */
  readonly summary: string;
  readonly payload: TSchema;
}

/** Messages by their names. */
export type MessageKinds = Readonly<Record<string, MessageKind>>;

/** Absent and null are the same. */
function orAbsent<S extends TSchema>(schema: S) {
  return Type.Optional(nullable(schema));
}

/** What a client of `/ws/market` may say. */
export const MARKET_CLIENT_MESSAGES: MessageKinds = {
  subscribe: {
    summary: "Follows a series from a cursor. Not acknowledged: it succeeds with what the client has missed.",
    payload: named("Subscribe", "Follows a series.", {
      type: always("subscribe"),
      series_id: Type.String({ minLength: 1, maxLength: LONGEST_SERIES_ID, description: "The series." }),
      since: orAbsent(
        Type.Integer({ description: "Open time of the newest candle that the client has, Unix seconds." }),
      ),
      supports_batch: orAbsent(Type.Boolean({ description: "Several candles may come in one message." })),
      gaps: orAbsent(Type.Boolean({ description: "States of gaps are told." })),
    }),
  },
  unsubscribe: {
    summary: "Follows a series no longer. Never answered.",
    payload: named("Unsubscribe", "Follows a series no longer.", {
      type: always("unsubscribe"),
      series_id: SERIES_ID,
    }),
  },
};

/** What the server says on `/ws/market`; the set is closed. */
export const MARKET_SERVER_MESSAGES: MessageKinds = {
  candle_closed: {
    summary: "One closed candle.",
    payload: named("CandleClosed", "A closed candle.", {
      type: always("candle_closed"),
      series_id: SERIES_ID,
      candle: Candle,
    }),
  },
  candles_batch: {
    summary: "Several closed candles; only with `supports_batch`.",
    payload: named("CandlesBatch", "Closed candles.", {
      type: always("candles_batch"),
      series_id: SERIES_ID,
      candles: list(Candle, "Ascending by `candle_time`."),
    }),
  },
  candle_forming: {
    summary: "The current candle as it is now; best effort, never repeated.",
    payload: named("CandleForming", "The forming candle.", {
      type: always("candle_forming"),
      series_id: SERIES_ID,
      candle: Candle,
    }),
  },
  gap: {
    summary: "The closed candle that follows is later than the one expected.",
    payload: named("CandleGap", "A hole before the candle that follows.", {
      type: always("gap"),
      series_id: SERIES_ID,
      expected_next_time: unixSeconds("Open time of the candle that was expected."),
      actual_time: unixSeconds("Open time of the one that follows."),
    }),
  },
  gap_state: {
    summary: "A gap is not what it was; only with `gaps`.",
    payload: named("GapState", "An entry of the gap ledger that changed.", {
      type: always("gap_state"),
      series_id: SERIES_ID,
      gap: Gap,
    }),
  },
  system: {
    summary: "The factors were computed from the beginning: what was derived from them is to be fetched again.",
    payload: named("SystemNotice", "A notice.", {
      type: always("system"),
      series_id: SERIES_ID,
      event: always("factor.rebuild"),
      message: text("For people."),
      data: object({ series_id: SERIES_ID }),
    }),
  },
  error: {
    summary: "A message of the client was refused. The connection stays open.",
    payload: Type.Union(
      [
        object({ type: always("error"), code: always("bad_request"), message: text("What is wrong.") }),
        object({
          type: always("error"),
          code: always("capacity"),
          message: always("ondemand_ingest_capacity"),
          series_id: SERIES_ID,
        }),
      ],
      { title: "MarketError", description: "A refusal; those about a request as such name no series." },
    ),
  },
};

const DebugEvent = named("DebugEvent", "Something that happened inside.", {
  ts_ms: unixMilliseconds("When."),
  source: always("backend"),
  pipe: oneOf(["read", "write"]),
  event: text("Its name; docs/api/ws-debug.md lists them."),
  series_id: nullable(text("The series it is about, or null.")),
  level: oneOf(["info", "warn", "error"]),
  message: text("For people."),
  data: Type.Optional(map({}, "Members by event; absent if there are none.")),
});

/** What a client of `/ws/debug` may say. */
export const DEBUG_CLIENT_MESSAGES: MessageKinds = {
  subscribe_debug: {
    summary: "Brings a fresh snapshot.",
    payload: named("DebugSubscribe", "Asks for a snapshot.", { type: always("subscribe") }),
  },
};

/** What the server says on `/ws/debug`. */
export const DEBUG_SERVER_MESSAGES: MessageKinds = {
  debug_snapshot: {
    summary: "The newest events, first and after each request.",
    payload: named("DebugSnapshot", "The newest 2,000 events.", {
      type: always("debug_snapshot"),
      events: list(DebugEvent, "Oldest first."),
    }),
  },
  debug_event: {
    summary: "A new event.",
    payload: named("DebugEventMessage", "A new event.", { type: always("debug_event"), event: DebugEvent }),
  },
};
