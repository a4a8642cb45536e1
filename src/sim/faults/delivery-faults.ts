/** Faults of the messages on open sockets. Spec: binance-protocol §6, F01 to F08, F20, F23. */
import { Type } from "typebox";
import type { Delivery } from "../stream/delivery.js";
import type { Kline } from "../truth/kline.js";
import { defineFault } from "./definition.js";
import { SPOIL } from "./spoil.js";

/** Which messages of a stream a fault concerns; left out: all. */
const MESSAGES = Type.Optional(Type.Union([Type.Literal("all"), Type.Literal("finals"), Type.Literal("updates")]));

function concerns(messages: "all" | "finals" | "updates" | undefined, delivery: Delivery): boolean {
  return messages === undefined || messages === "all" || (messages === "finals") === delivery.event.final;
}

/** F01, F02, F03: nothing comes, the socket stays open. */
export const silence = defineFault("silence", "no kline messages; sockets stay open and answer", {}, () => ({
  delivery: () => [],
}));

/** F04: finals that never come. */
export const dropFinals = defineFault("drop-finals", "final messages are never sent", {}, () => ({
  delivery: (delivery) => (delivery.event.final ? [] : undefined),
}));

/** Delayed messages wait in memory; an hour of them is enough for any feed. */
const LONGEST_DELAY_MS = 3_600_000;

/** F05 (late finals, stamped when sent) and F23 (old data: `keepEventTime`). */
export const delay = defineFault(
  "delay",
  "messages are sent late; with keepEventTime they still say the time at which they were due",
  {
    delayMs: Type.Number({ minimum: 0, maximum: LONGEST_DELAY_MS }),
    messages: MESSAGES,
    keepEventTime: Type.Optional(Type.Boolean()),
  },
  ({ delayMs, messages, keepEventTime }) => ({
    delivery: (delivery) =>
      concerns(messages, delivery)
        ? [{ ...delivery, delayMs: delivery.delayMs + delayMs, restamp: keepEventTime !== true }]
        : undefined,
  }),
);

const MOST_COPIES = 100;

/** F06: the same message several times. */
export const duplicate = defineFault(
  "duplicate",
  "messages are sent again",
  { copies: Type.Integer({ minimum: 1, maximum: MOST_COPIES }), messages: MESSAGES },
  ({ copies, messages }) => ({
    delivery: (delivery) =>
      concerns(messages, delivery) ? Array.from({ length: 1 + copies }, () => delivery) : undefined,
  }),
);

/** F07: after the final, an older state of the same candle comes again. */
export const staleUpdates = defineFault(
  "stale-updates",
  "after each final an older, still open state of its candle is sent",
  {},
  () => ({
    delivery: (delivery) => {
      const { event } = delivery;
      if (!event.final || event.kline.trades < 2) return undefined;
      const stale = { ...event, kline: earlyState(event.kline), final: false, eventMs: staleEventMs(event.kline) };
      return [delivery, { ...delivery, event: stale }];
    },
  }),
);

/** F08: the end of every candle is seen in its final alone. */
export const hiddenTail = defineFault(
  "hidden-tail",
  "no updates in the last part of a candle, so that its final differs from the last update",
  { hiddenMs: Type.Number({ minimum: 1 }) },
  ({ hiddenMs }) => ({
    delivery: ({ event }) => (!event.final && event.eventMs > event.kline.closeMs - hiddenMs ? [] : undefined),
  }),
);

/** F20: messages that cannot be read as they should. */
export const garble = defineFault(
  "garble",
  "messages are spoilt; with keepOriginal the good message follows",
  {
    shape: Type.Union([
      Type.Literal("not-json"),
      Type.Literal("truncated"),
      Type.Literal("binary"),
      Type.Literal("unknown-event"),
      Type.Literal("extra-fields"),
      Type.Literal("numbers"),
      Type.Literal("nulls"),
      Type.Literal("broken-close"),
      Type.Literal("null"),
    ]),
    messages: MESSAGES,
    keepOriginal: Type.Optional(Type.Boolean()),
  },
  ({ shape, messages, keepOriginal }) => ({
    delivery: (delivery) => {
      if (!concerns(messages, delivery)) return undefined;
      const spoilt = { ...delivery, spoil: SPOIL[shape] };
      return keepOriginal === true ? [spoilt, delivery] : [spoilt];
    },
  }),
);

/** Less than half of a candle, ended at its open price: a state it can have had. */
function earlyState(kline: Kline): Kline {
  const trades = Math.max(1, Math.floor(kline.trades / 3));
  return {
    ...kline,
    high: kline.open,
    low: kline.open,
    close: kline.open,
    volume: 0,
    quoteVolume: 0,
    takerVolume: 0,
    takerQuoteVolume: 0,
    trades,
    lastTradeId: kline.firstTradeId + trades - 1,
  };
}

function staleEventMs(kline: Kline): number {
  return kline.openMs + Math.floor((kline.closeMs - kline.openMs) / 3);
}
