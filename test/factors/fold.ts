/** The factor fold as tests drive it. */
import { CandleHistory } from "../../src/factors/candle-history.js";
import { CloseHistory, type CloseSource } from "../../src/factors/close-history.js";
import type { AnyFactor, FactorDefinition, FactorEvent } from "../../src/factors/definition.js";
import { type FactorCheckpoint, FactorEngine, type FactorFold, type FactorFrame } from "../../src/factors/engine.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";
import type { Candle } from "../../src/market/candle.js";

export const TIMEFRAME_SECONDS = 60;

export function standardEngine(major: number, minor: number): FactorEngine {
  return new FactorEngine({
    factors: STANDARD_FACTORS,
    pivotWindowMajor: major,
    pivotWindowMinor: minor,
    logicVersion: "",
  });
}

/** The closes of a series that is stored, as the fold reads them back. Refuses what no store could answer. */
export function closesOf(candles: readonly Candle[]): CloseSource {
  const positions = new Map(candles.map(({ time }, index) => [time, index]));
  return (firstTime, count) => {
    const from = positions.get(firstTime);
    if (from === undefined || from + count > candles.length) {
      throw new Error(`closes asked that are not there: ${count} from ${firstTime}`);
    }
    const wanted = candles.slice(from, from + count);
    return {
      times: Float64Array.from(wanted, ({ time }) => time),
      closes: Float64Array.from(wanted, ({ close }) => close),
    };
  };
}

export function beginFold(engine: FactorEngine, candles: readonly Candle[]): FactorFold {
  return engine.begin(TIMEFRAME_SECONDS, closesOf(candles));
}

/** The fold as it was saved at the start of a block, after `count` of the candles. */
export function restoreFold(
  engine: FactorEngine,
  candles: readonly Candle[],
  count: number,
  saved: string,
): FactorFold {
  const recent = candles.slice(Math.max(0, count - engine.recentCandles), count);
  return engine.restore(TIMEFRAME_SECONDS, closesOf(candles), JSON.parse(saved) as FactorCheckpoint, recent);
}

/** The frames of all candles. */
export function framesOf(engine: FactorEngine, candles: readonly Candle[]): FactorFrame[] {
  const fold = beginFold(engine, candles);
  return candles.map((candle) => fold.step(candle));
}

/** Events as clients get them, with their keys. */
export interface WireEvent {
  readonly time: number;
  readonly factor: string;
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
}

export function wireEvent(engine: FactorEngine, { time, factor, kind, payload }: FactorEvent): WireEvent {
  const { key, wireText } = engine.kind(kind);
  const stored = JSON.stringify(payload);
  const text = wireText === undefined ? stored : wireText(stored);
  return { time, factor, kind, key: key(JSON.parse(stored) as object), payload: JSON.parse(text) as unknown };
}

/** The heads of the factors that a slice shows after the fold's last step, by factor in their order. */
export function headsOf(engine: FactorEngine, fold: FactorFold): Record<string, unknown> {
  const { frame } = fold;
  if (frame === undefined) return {};
  const present = engine.factors.filter((factor) => fold.isPresent(factor));
  return Object.fromEntries(present.map((factor) => [factor.name, headOf(factor, frame)]));
}

export function headOf(factor: AnyFactor, frame: FactorFrame): object {
  return factor.head(frame.factsOf(factor) as never, frame);
}

/** A series of bare highs and lows, a minute apart; the close lies in the middle. */
export function barSeries(rows: readonly (readonly [high: number, low: number])[]): Candle[] {
  return rows.map(([high, low], index) => {
    const middle = (high + low) / 2;
    return { time: (index + 1) * TIMEFRAME_SECONDS, open: middle, high, low, close: middle, volume: 1 };
  });
}

/** A candle of which only the price range matters. */
export function barAt(time: number, high: number, low: number): Candle {
  return { time, open: low, high, low, close: high, volume: 1 };
}

export interface LoneStep<Facts> {
  readonly facts: Facts;
  readonly events: readonly FactorEvent[];
}

/** One step of one factor, given what the others made of the candle. */
export function stepAlone<State, Facts>(
  factor: FactorDefinition<State, Facts>,
  state: State,
  { candle, known = [], history = new CandleHistory(1, new CloseHistory(closesOf([]))) }: LoneInput,
): LoneStep<Facts> {
  const facts = new Map<unknown, unknown>(known);
  const events: FactorEvent[] = [];
  const made = factor.step(state, {
    candle,
    index: history.count - 1,
    settings: { timeframeSeconds: TIMEFRAME_SECONDS, pivotWindowMajor: 1, pivotWindowMinor: 1 },
    history,
    factsOf: <F>(other: FactorDefinition<never, F>): F => facts.get(other) as F,
    emit: (kind, payload) => events.push({ time: candle.time, factor: factor.name, kind, payload }),
  });
  return { facts: made, events };
}

interface LoneInput {
  readonly candle: Candle;
  readonly known?: readonly (readonly [factor: AnyFactor, facts: unknown])[];
  readonly history?: CandleHistory;
}
