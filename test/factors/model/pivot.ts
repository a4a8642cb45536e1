/** Pivots: candles that stand out among their neighbours, known one window later. Spec: factors §8. */
import type { Candle } from "../../../src/market/candle.js";
import type { ModelSettings, PivotPayload } from "./types.js";

/** The major pivots that become known with the last of `candles`, resistance first. */
export function majorPivots(candles: readonly Candle[], { timeframeSeconds, major }: ModelSettings): PivotPayload[] {
  const centre = centreOf(candles, major, timeframeSeconds);
  if (centre === null) return [];
  const { candle, left, right } = centre;
  const resistance =
    left.every((other) => other.high < candle.high) && right.every((other) => other.high <= candle.high);
  const support = left.every((other) => other.low > candle.low) && right.every((other) => other.low >= candle.low);
  return payloads(centre, major, { resistance, support });
}

/**
 * The minor pivots that become known with the last of `candles`, resistance first.
 * @param lastMajorIdx index of the last major of any kind, this tick's included; null before the first.
 */
export function minorPivots(
  candles: readonly Candle[],
  { timeframeSeconds, minor }: ModelSettings,
  lastMajorIdx: number | null,
): PivotPayload[] {
  const centre = centreOf(candles, minor, timeframeSeconds);
  if (centre === null || lastMajorIdx === null || centre.index - minor < lastMajorIdx) return [];
  const { candle, left, right } = centre;
  const neighbours = [...left, ...right];
  const resistance = neighbours.every((other) => other.high <= candle.high);
  const support = neighbours.every((other) => other.low >= candle.low);
  return payloads(centre, minor, { resistance, support });
}

interface Centre {
  readonly index: number;
  readonly candle: Candle;
  readonly left: readonly Candle[];
  readonly right: readonly Candle[];
  readonly visibleTime: number;
}

/** The candle whose pivot would become known now: found by time, its left neighbours counted, a hole on its right fatal. */
function centreOf(candles: readonly Candle[], window: number, timeframeSeconds: number): Centre | null {
  const visibleTime = candles.at(-1)?.time;
  if (visibleTime === undefined) return null;
  const index = candles.findIndex((candle) => candle.time === visibleTime - window * timeframeSeconds);
  const candle = candles[index];
  if (candle === undefined || index - window < 0 || candles[index + window]?.time !== visibleTime) return null;
  const left = candles.slice(index - window, index);
  const right = candles.slice(index + 1, index + window + 1);
  return { index, candle, left, right, visibleTime };
}

function payloads(
  { index, candle, visibleTime }: Centre,
  window: number,
  found: { readonly resistance: boolean; readonly support: boolean },
): PivotPayload[] {
  const common = { visible_time: visibleTime, window, pivot_idx: index };
  const { time: pivot_time, high, low } = candle;
  const pivots: PivotPayload[] = [];
  if (found.resistance) pivots.push({ pivot_time, pivot_price: high, direction: "resistance", ...common });
  if (found.support) pivots.push({ pivot_time, pivot_price: low, direction: "support", ...common });
  return pivots;
}
