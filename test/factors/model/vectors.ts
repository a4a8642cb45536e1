/** The computed examples in test/vectors, and how their rows are read. */
import { readFileSync } from "node:fs";
import type { Candle } from "../../../src/market/candle.js";
import type { Bar, ModelEvent } from "./index.js";

/** `[candle_time, open, high, low, close, volume]`. */
export type CandleRow = [number, number, number, number, number, number];

/** An event as the examples write it. */
export interface EventRow {
  readonly candle_time: number;
  readonly factor_name: string;
  readonly kind: string;
  readonly event_key: string;
  readonly payload: unknown;
}

/** @param name of the file without its ending. */
export function loadVector<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8")) as Content;
}

export function candlesOf(rows: readonly CandleRow[]): Candle[] {
  return rows.map(([time, open, high, low, close, volume]) => ({ time, open, high, low, close, volume }));
}

/** Of rows `[time, high, low]`. */
export function barsOf(rows: readonly [number, number, number][]): Bar[] {
  return rows.map(([time, high, low]) => ({ time, high, low }));
}

/** Our event as the examples write it. */
export function rowOf({ time, factor, kind, key, payload }: ModelEvent): EventRow {
  return { candle_time: time, factor_name: factor, kind, event_key: key, payload };
}
