/** Ways to spoil a written message. Spec: binance-protocol §6, F20. */
import type { Frame } from "../stream/delivery.js";

/** The decimal strings of a kline message. */
const DECIMAL_FIELD = /"([ochlvqVQ])":"(-?[\d.]+)"/g;
const BYTE_FLIP = 0xa5;

export const SPOIL = {
  "not-json": () => textFrame("<html><body>Bad Gateway</body></html>"),
  truncated: (text) => textFrame(text.slice(0, Math.floor(text.length / 2))),
  binary: (text) => ({ data: Buffer.from(Buffer.from(text).map((byte) => byte ^ BYTE_FLIP)), binary: true }),
  "unknown-event": (text) => textFrame(text.replace('"e":"kline"', '"e":"klineSnapshot"')),
  "extra-fields": (text) => textFrame(text.replace('"k":{', '"st":1,"k":{"zz":{"new":[1,2]},')),
  numbers: (text) => textFrame(text.replaceAll(DECIMAL_FIELD, (_all, name, value) => `"${name}":${Number(value)}`)),
  nulls: (text) => textFrame(text.replaceAll(DECIMAL_FIELD, '"$1":null')),
  "broken-close": (text) => textFrame(text.replace(/"c":"[\d.]+"/, '"c":"n/a"')),
  null: () => textFrame("null"),
} as const satisfies Record<string, (text: string) => Frame>;

function textFrame(data: string): Frame {
  return { data, binary: false };
}
