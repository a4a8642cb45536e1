/** The material of the pictures: recorded candles, folded by the daemon's own engine with its default windows. */
import { factorOverlayGroup } from "../../src/config/groups/factor-overlay.js";
import type { CloseSource } from "../../src/factors/close-history.js";
import { FactorEngine, type FactorFrame } from "../../src/factors/engine.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";
import type { Candle } from "../../src/market/candle.js";
import { loadRecording } from "../../src/sim/truth/recording.js";

export const SYMBOL = "ETHUSDT";
export const TIMEFRAME_SECONDS = 60;
export const WINDOW_MAJOR: number = factorOverlayGroup.settings.pivotWindowMajor.default;
export const WINDOW_MINOR: number = factorOverlayGroup.settings.pivotWindowMinor.default;

const MS = 1_000;

export interface FoldedRecording {
  /** From the first recorded candle on, one a minute. */
  readonly candles: readonly Candle[];
  /** Position of a candle in the fold. @param time open time in seconds. @throws RangeError when it was not folded. */
  indexOf(time: number): number;
  /** Everything known at a candle. @param time open time in seconds. @throws RangeError when it was not folded. */
  at(time: number): FactorFrame;
  /** Payloads of a kind of event that became known from one candle to another, both included; times in seconds. */
  known<Payload>(kind: string, from: number, to: number): readonly Payload[];
}

/** Seconds of a UTC time such as `2025-05-21T16:44`. */
export function utc(text: string): number {
  return Date.parse(`${text}Z`) / MS;
}

/** Folds the recording from its first candle. @param until open time of the last candle folded, seconds. */
export function foldRecording(until: number): FoldedRecording {
  const { source } = loadRecording(SYMBOL);
  const candles: Candle[] = [];
  for (let ms = source.firstMs; ms <= until * MS; ms += TIMEFRAME_SECONDS * MS) {
    const minute = source.minute(ms);
    if (minute === undefined) throw new RangeError(`${SYMBOL} has no recorded candle at ${ms} ms`);
    const { open, high, low, close, volume } = minute;
    candles.push({ time: ms / MS, open, high, low, close, volume });
  }
  const indexOf = (time: number): number => {
    const index = (time - source.firstMs / MS) / TIMEFRAME_SECONDS;
    if (candles[index] === undefined) throw new RangeError(`no candle was folded at ${time} s`);
    return index;
  };
  const closes: CloseSource = (firstTime, count) => {
    const asked = candles.slice(indexOf(firstTime), indexOf(firstTime) + count);
    return {
      times: Float64Array.from(asked, ({ time }) => time),
      closes: Float64Array.from(asked, ({ close }) => close),
    };
  };
  const fold = new FactorEngine({
    factors: STANDARD_FACTORS,
    pivotWindowMajor: WINDOW_MAJOR,
    pivotWindowMinor: WINDOW_MINOR,
    logicVersion: "",
  }).begin(TIMEFRAME_SECONDS, closes);
  const frames = candles.map((candle) => fold.step(candle));
  return {
    candles,
    indexOf,
    at: (time) => frames[indexOf(time)] as FactorFrame,
    known: <Payload>(kind: string, from: number, to: number) =>
      frames
        .slice(indexOf(from), indexOf(to) + 1)
        .flatMap(({ events }) => events)
        .filter((event) => event.kind === kind)
        .map(({ payload }) => payload as Payload),
  };
}
