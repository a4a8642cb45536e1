/**
 * The rules by which closed candles become messages for one subscriber: pure functions of its cursor, its mode and the
 * candles. Spec: ws-api §2.2 (catch-up), §2.3 (live).
 */
import type { Candle } from "../../market/candle.js";
import type { OutMessage } from "./messages.js";

/** How one subscriber wants its candles. */
export interface DeliveryMode {
  readonly timeframeSeconds: number;
  /** Several candles in one message instead of one message each. */
  readonly batches: boolean;
  /** Be told of the states of gaps. */
  readonly gaps: boolean;
}

/** Missing candles before the first one to be delivered: the time that was expected and the one that came, in seconds. */
export interface Gap {
  readonly expectedNextTime: number;
  readonly actualTime: number;
}

/** The candles that this cursor has not passed; candles are ascending. */
export function remaining(candles: readonly Candle[], cursor: number | null): readonly Candle[] {
  if (cursor === null) return candles;
  const first = candles.findIndex((candle) => candle.time > cursor);
  return first === 0 ? candles : first < 0 ? [] : candles.slice(first);
}

/** The gap between the cursor and the first candle, if there is one. A null cursor knows of no gap. */
export function gapBefore(first: Candle | undefined, cursor: number | null, timeframeSeconds: number): Gap | undefined {
  if (first === undefined || cursor === null) return undefined;
  const expectedNextTime = cursor + timeframeSeconds;
  return first.time > expectedNextTime ? { expectedNextTime, actualTime: first.time } : undefined;
}

/**
 * Messages for candles of one publication. A publication of a single candle is always a `candle_closed`; one of several
 * is a batch for those who asked for batches, and otherwise one message per candle, each hole inside it announced.
 */
export function liveMessages(
  candles: readonly Candle[],
  mode: DeliveryMode,
  grouping: "single" | "batch",
  gap: Gap | undefined,
): readonly OutMessage[] {
  const messages: OutMessage[] = gap === undefined ? [] : [{ type: "gap", ...gap }];
  if (candles.length === 0) return messages;
  if (grouping === "batch" && mode.batches) {
    messages.push({ type: "candles_batch", candles });
    return messages;
  }
  let previous: Candle | undefined;
  for (const candle of candles) {
    const inner = previous && gapBefore(candle, previous.time, mode.timeframeSeconds);
    if (inner !== undefined) messages.push({ type: "gap", ...inner });
    messages.push({ type: "candle_closed", candle });
    previous = candle;
  }
  return messages;
}

/** Messages for one page of a catch-up. Holes inside the page are the subscriber's to see in the data. */
export function catchUpMessages(
  candles: readonly Candle[],
  mode: DeliveryMode,
  gap: Gap | undefined,
): readonly OutMessage[] {
  const messages: OutMessage[] = gap === undefined ? [] : [{ type: "gap", ...gap }];
  if (candles.length === 0) return messages;
  if (mode.batches) messages.push({ type: "candles_batch", candles });
  else for (const candle of candles) messages.push({ type: "candle_closed", candle });
  return messages;
}
