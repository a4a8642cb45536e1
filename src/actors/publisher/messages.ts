/** What subscribers are told, as on the wire, and its encoding. The set is closed. Spec: ws-api §1.3, §1.5. */
import { type Candle, candleJson } from "../../market/candle.js";
import { type Gap, toWireGap } from "../../market/gap.js";

export type OutMessage =
  | { readonly type: "candle_closed"; readonly candle: Candle }
  | { readonly type: "candles_batch"; readonly candles: readonly Candle[] }
  | { readonly type: "candle_forming"; readonly candle: Candle }
  | { readonly type: "gap"; readonly expectedNextTime: number; readonly actualTime: number }
  /** Only to those who asked for it. */
  | { readonly type: "gap_state"; readonly gap: Gap }
  | { readonly type: "system"; readonly event: "factor.rebuild" };

/** The text that accompanies `factor.rebuild`; clients show it as it is. */
const REBUILD_TEXT = "因子口径更新，已自动完成历史重算";

/** One encoded message. What a sender may do with it when its client is slow depends on the kind. */
export interface Frame {
  readonly kind: OutMessage["type"] | "error" | "debug";
  readonly series: string;
  readonly text: Buffer;
}

/** The message as compact JSON. */
export function encodeMessage(series: string, message: OutMessage): Frame {
  const head = `{"type":"${message.type}","series_id":${JSON.stringify(series)}`;
  return { kind: message.type, series, text: Buffer.from(`${head},${body(series, message)}}`) };
}

function body(series: string, message: OutMessage): string {
  switch (message.type) {
    case "candle_closed":
    case "candle_forming":
      return `"candle":${candleJson(message.candle)}`;
    case "candles_batch":
      return `"candles":[${message.candles.map(candleJson).join(",")}]`;
    case "gap":
      return `"expected_next_time":${message.expectedNextTime},"actual_time":${message.actualTime}`;
    case "gap_state":
      return `"gap":${JSON.stringify(toWireGap(message.gap))}`;
    case "system":
      return `"event":"${message.event}","message":"${REBUILD_TEXT}","data":{"series_id":${JSON.stringify(series)}}`;
  }
}

/** An error message; those about a request as such name no series. Spec: ws-api §1.4. */
export function encodeError(code: "bad_request" | "capacity", message: string, series?: string): Frame {
  const text = JSON.stringify({ type: "error", code, message, series_id: series });
  return { kind: "error", series: series ?? "", text: Buffer.from(text) };
}
