/** Names of kline streams. Spec: binance-protocol §2.2. */
import type { MarketKind } from "../settings.js";
import { type Interval, isInterval } from "../truth/intervals.js";

/** What a stream name asks for. `continuous` is the futures stream of a pair and contract type. */
export interface StreamTarget {
  readonly shape: "kline" | "continuous";
  /** Upper case, as in the messages. */
  readonly symbol: string;
  readonly interval: Interval;
}

/** The only contract type that is simulated; a perpetual's pair is also its symbol. */
const PERPETUAL = "perpetual";

/**
 * The kline stream that a name stands for; undefined for every name that the exchange accepts and then never serves:
 * upper case, unknown interval, other kinds of stream.
 */
export function parseStreamName(name: string, market: MarketKind): StreamTarget | undefined {
  const [, subject, kind, interval] = /^([a-z0-9_\-.]+)@(kline|continuousKline)_(\w+)$/.exec(name) ?? [];
  if (subject === undefined || interval === undefined || !isInterval(interval)) return undefined;
  if (kind === "kline") return { shape: "kline", symbol: subject.toUpperCase(), interval };
  const [pair, contractType] = splitLast(subject, "_");
  if (market !== "futures" || contractType !== PERPETUAL || pair === "") return undefined;
  return { shape: "continuous", symbol: pair.toUpperCase(), interval };
}

function splitLast(text: string, separator: string): readonly [string, string] {
  const at = text.lastIndexOf(separator);
  return at < 0 ? ["", text] : [text.slice(0, at), text.slice(at + 1)];
}
