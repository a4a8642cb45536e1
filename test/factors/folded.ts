/** A series folded as a whole, for properties that look at everything that came of it. */
import fc from "fast-check";
import type { FactorEngine, FactorFrame } from "../../src/factors/engine.js";
import type { Candle } from "../../src/market/candle.js";
import { type AnySeries, candlesFrom, shortSeriesOf, walksOf } from "./any-series.js";
import { framesOf, standardEngine, type WireEvent, wireEvent } from "./fold.js";

export interface Folded {
  readonly engine: FactorEngine;
  readonly candles: readonly Candle[];
  readonly frames: readonly FactorFrame[];
  readonly events: readonly WireEvent[];
}

export function folded(given: AnySeries): Folded {
  const engine = standardEngine(given.major, given.minor);
  const candles = candlesFrom(given);
  const frames = framesOf(engine, candles);
  const events = frames.flatMap((frame) => frame.events.map((event) => wireEvent(engine, event)));
  return { engine, candles, frames, events };
}

/** Mostly short series, and some that are long enough for several zones and anchors. */
export function seriesForInvariants(): fc.Arbitrary<AnySeries> {
  return fc.oneof({ weight: 3, arbitrary: shortSeriesOf(140) }, { weight: 1, arbitrary: walksOf(350) });
}
