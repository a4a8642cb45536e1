/** Messages of `/ws/market`. Spec: ws-api §1. */
import { count, listOf, members, oneOf, only, type Shape, text } from "../support/shape.js";
import { candle } from "./common.js";
import { gap } from "./operation.js";

const message = (type: string, more: Readonly<Record<string, Shape>>): Shape =>
  members({ type: only(type), series_id: text, ...more });

/** What every client may be sent; the set is closed. */
export const SERVER_MESSAGES: Readonly<Record<string, Shape>> = {
  candle_closed: message("candle_closed", { candle }),
  candles_batch: message("candles_batch", { candles: listOf(candle) }),
  candle_forming: message("candle_forming", { candle }),
  gap: message("gap", { expected_next_time: count, actual_time: count }),
  system: message("system", {
    event: only("factor.rebuild"),
    message: only("因子口径更新，已自动完成历史重算"),
    data: members({ series_id: text }),
  }),
  error: oneOf(
    members({ type: only("error"), code: only("bad_request"), message: text }),
    message("error", { code: only("capacity"), message: only("ondemand_ingest_capacity") }),
  ),
};

/** What only those are sent who have asked for it with their subscription. */
export const OPTED_IN: Readonly<Record<string, { readonly by: string; readonly shape: Shape }>> = {
  candles_batch: { by: "supports_batch", shape: SERVER_MESSAGES.candles_batch as Shape },
  gap_state: { by: "gaps", shape: message("gap_state", { gap }) },
};

/** A member of `subscribe`: the values that are taken, and what is said of others. In the order of the checks. */
export interface SubscribeMember {
  readonly name: string;
  readonly takes: (value: unknown) => boolean;
  readonly refusal: string;
}

export const SUBSCRIBE: readonly SubscribeMember[] = [
  {
    name: "series_id",
    takes: (value) => typeof value === "string" && value !== "",
    refusal: "missing series_id",
  },
  {
    name: "since",
    takes: (value) => value === undefined || value === null || Number.isSafeInteger(value),
    refusal: "invalid since",
  },
  {
    name: "supports_batch",
    takes: (value) => value === undefined || value === null || typeof value === "boolean",
    refusal: "invalid supports_batch",
  },
  {
    name: "gaps",
    takes: (value) => value === undefined || value === null || typeof value === "boolean",
    refusal: "invalid gaps",
  },
];
