/** The rows of a klines answer. Spec: binance-protocol §3.4, §4.1. */
import type { Candle } from "../../market/candle.js";
import { RestError } from "./rest-errors.js";
import { decimal, wireTime } from "./wire-values.js";

/** One row. Nothing in it says whether the candle is final: the newest row may still be forming. */
export interface KlineRow {
  readonly candle: Candle;
  /** First and last millisecond of its interval, since the Unix epoch, UTC. */
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
}

/** Longest part of a bad row that is quoted, in characters. */
const LONGEST_QUOTE_CHARS = 120;

/**
 * All rows, ascending by open time. One bad row spoils the answer: skipping it would look like a hole of the market.
 * @throws RestError `unexpected_shape`, naming the first bad row.
 */
export function parseKlineRows(json: unknown): readonly KlineRow[] {
  if (!Array.isArray(json)) throw new RestError("unexpected_shape", `klines answer is no array: ${quote(json)}`);
  const rows: KlineRow[] = [];
  for (const [index, value] of json.entries()) {
    const row = parseRow(value);
    if (row === undefined) throw new RestError("unexpected_shape", `klines row ${index} is broken: ${quote(value)}`);
    const previous = rows.at(-1);
    if (previous !== undefined && row.openTimeMs <= previous.openTimeMs) {
      throw new RestError("unexpected_shape", `klines row ${index} does not ascend by open time: ${quote(value)}`);
    }
    rows.push(row);
  }
  return rows;
}

function parseRow(value: unknown): KlineRow | undefined {
  if (!Array.isArray(value)) return undefined;
  const openTime = wireTime(value[0]);
  const [open, high, low, close, volume] = value.slice(1, 6).map(decimal);
  const closeTime = wireTime(value[6]);
  if (openTime === undefined || closeTime === undefined) return undefined;
  if (openTime.unit !== closeTime.unit || closeTime.ms < openTime.ms) return undefined;
  if (open === undefined || high === undefined || low === undefined || close === undefined || volume === undefined) {
    return undefined;
  }
  return {
    candle: { time: Math.floor(openTime.ms / 1000), open, high, low, close, volume },
    openTimeMs: openTime.ms,
    closeTimeMs: closeTime.ms,
  };
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, LONGEST_QUOTE_CHARS);
}
