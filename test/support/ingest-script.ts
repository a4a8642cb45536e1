/** Calls of the write path as they happen: single candles and batches, with late, corrected and repeated ones between. */
import fc from "fast-check";
import { type Candle, sameCandle } from "../../src/market/candle.js";
import { candleSeriesOf, type SeriesOptions } from "./random-series.js";

export interface IngestCall {
  readonly candles: readonly Candle[];
  /** Time in seconds of the earliest candle that is not later than all before, and new or different; undefined: none. */
  readonly changedFrom: number | undefined;
}

export interface IngestScript {
  readonly calls: readonly IngestCall[];
  /** What is stored in the end, ascending. */
  readonly candles: readonly Candle[];
  /** Positions of calls before which the process is restarted. */
  readonly restarts: readonly number[];
}

interface Disturbance {
  readonly kind: "late" | "corrected" | "repeated";
  /** Which candle, as a part of the series in [0, 1). */
  readonly at: number;
  /** Calls after which it happens. */
  readonly delay: number;
  readonly raise: number;
}

export interface ScriptOptions extends SeriesOptions {
  /** Candles per call, drawn from these. */
  readonly sizes?: readonly number[];
  readonly disturbances?: number;
  readonly restarts?: number;
}

export function ingestScriptOf(options: ScriptOptions = {}): fc.Arbitrary<IngestScript> {
  const { sizes = [1, 1, 1, 2, 5, 20], disturbances = 4, restarts = 1 } = options;
  return fc
    .record({
      candles: candleSeriesOf(options),
      sizes: fc.array(fc.constantFrom(...sizes), { minLength: 1, maxLength: 8 }),
      disturbances: fc.array(DISTURBANCE, { maxLength: disturbances }),
      restarts: fc.array(fc.nat(30), { maxLength: restarts }),
    })
    .map((parts) => scriptOf(parts.candles, parts.sizes, parts.disturbances, parts.restarts));
}

const DISTURBANCE: fc.Arbitrary<Disturbance> = fc.record({
  kind: fc.constantFrom("late" as const, "corrected" as const, "repeated" as const),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  delay: fc.nat(6),
  raise: fc.integer({ min: 1, max: 6 }),
});

export function scriptOf(
  series: readonly Candle[],
  sizes: readonly number[],
  disturbances: readonly Disturbance[],
  restarts: readonly number[],
): IngestScript {
  const planned = disturbances.map((one) => ({ ...one, index: Math.floor(one.at * series.length) }));
  const late = new Set(planned.flatMap(({ kind, index }) => (kind === "late" ? [index] : [])));
  const waiting = [...planned];
  const runs: (readonly Candle[])[] = [];
  let from = 0;
  for (let at = 0; from < series.length; at += 1) {
    const to = from + (sizes[at % sizes.length] as number);
    runs.push(series.slice(from, to).filter((_, offset) => !late.has(from + offset)));
    from = to;
    for (const one of waiting.splice(0)) {
      if (one.index >= to || one.delay > 0) waiting.push({ ...one, delay: one.delay - (one.index < to ? 1 : 0) });
      else runs.push([disturbed(series[one.index] as Candle, one)]);
    }
  }
  for (const one of waiting) runs.push([disturbed(series[one.index] as Candle, one)]);
  return recorded(
    runs.filter((run) => run.length > 0),
    restarts,
  );
}

function disturbed(candle: Candle, { kind, raise }: Disturbance): Candle {
  if (kind !== "corrected") return candle;
  const { open, high, low, close } = candle;
  const by = (high - low || close * 0.01) * raise;
  return raise % 2 === 0
    ? { ...candle, high: high + by, close: Math.max(open, close) }
    : { ...candle, open, high: high + by };
}

/** The calls with what each of them changes of what was stored before. */
function recorded(runs: readonly (readonly Candle[])[], restarts: readonly number[]): IngestScript {
  const stored = new Map<number, Candle>();
  const calls = runs.map((candles) => {
    const head = Math.max(...stored.keys());
    const changes = candles.filter((candle) => {
      const before = stored.get(candle.time);
      return candle.time <= head && (before === undefined || !sameCandle(before, candle));
    });
    for (const candle of candles) stored.set(candle.time, candle);
    const changedFrom = changes.length === 0 ? undefined : Math.min(...changes.map(({ time }) => time));
    return { candles, changedFrom };
  });
  const candles = [...stored.values()].sort((a, b) => a.time - b.time);
  return { calls, candles, restarts };
}
