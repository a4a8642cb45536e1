/** Closed candle series for property tests: what markets do rarely happens here often. */
import fc from "fast-check";
import { seededRandom } from "../../src/clock/random.js";
import type { Candle } from "../../src/market/candle.js";

const DEFAULT_TIMEFRAME_SECONDS = 60;
const DEFAULT_MAX_CANDLES = 200;
const START_TICKS = 100;
const MOST_REPEATS = 9;
/** Steps of the price grid, so that 100 ticks make a price of 1e-6, 10, 50, 100 or 1e9. */
const TICK_SIZES = [1, 0.5, 0.1, 1e-8, 1e7] as const;
/** Times in seconds at which series start: the epoch, on the grid of the minute, and off it. */
const STARTS = [60, 0, 1_700_000_040, 1_700_000_000] as const;

/** How one candle follows from the one before it; all prices are counted in ticks. */
type Shape =
  | { readonly kind: "walk"; readonly move: number; readonly above: number; readonly below: number }
  /** The same prices again: plateaus, equal highs and equal lows. */
  | { readonly kind: "same" }
  /** A candle without range. */
  | { readonly kind: "point"; readonly move: number }
  /** A candle that reaches over its predecessor on both sides. */
  | { readonly kind: "outside"; readonly move: number; readonly reach: number }
  /** An opening far away from the last close. */
  | { readonly kind: "price gap"; readonly jump: number; readonly move: number };

/** Where in time one candle follows: on the next slot of the grid, after missing slots, beside the grid, or on a new grid. */
type Spacing =
  | { readonly kind: "next" }
  | { readonly kind: "hole"; readonly missing: number }
  | { readonly kind: "beside"; readonly part: number }
  | { readonly kind: "new grid"; readonly part: number };

interface Step {
  readonly shape: Shape;
  readonly spacing: Spacing;
  /** How many candles of this shape follow each other. */
  readonly repeat: number;
}

export interface SeriesOptions {
  readonly timeframeSeconds?: number;
  readonly minCandles?: number;
  readonly maxCandles?: number;
  /** Whether minutes may be missing and candles lie off the grid; true unless said otherwise. */
  readonly irregular?: boolean;
}

/** Ascending valid candles: `low <= open, close <= high`, every price finite and above zero. Shrinks by leaving out steps. */
export function candleSeriesOf(options: SeriesOptions = {}): fc.Arbitrary<Candle[]> {
  const timeframeSeconds = options.timeframeSeconds ?? DEFAULT_TIMEFRAME_SECONDS;
  const maxCandles = options.maxCandles ?? DEFAULT_MAX_CANDLES;
  const minCandles = options.minCandles ?? 0;
  const spacing = options.irregular === false ? fc.constant<Spacing>({ kind: "next" }) : SPACING;
  const step: fc.Arbitrary<Step> = fc.record({ shape: SHAPE, spacing, repeat: REPEAT });
  return fc
    .record({
      steps: fc.array(step, { minLength: minCandles, maxLength: maxCandles, size: "max" }),
      tick: fc.constantFrom(...TICK_SIZES),
      start: fc.constantFrom(...STARTS),
    })
    .map(({ steps, tick, start }) => build(steps, { tick, start, timeframeSeconds }).slice(0, maxCandles));
}

export interface WalkOptions {
  readonly seed: number;
  readonly count: number;
  readonly timeframeSeconds?: number;
  /** Open time of the first candle, seconds. */
  readonly start?: number;
  /** Price of one step of the grid. */
  readonly tick?: number;
  /** Chance in [0, 1] that minutes are missing before a candle. */
  readonly holeChance?: number;
}

/** A long series, the same for the same options, made in one pass. */
export function seededWalk({ seed, count, ...options }: WalkOptions): Candle[] {
  const { timeframeSeconds = DEFAULT_TIMEFRAME_SECONDS, start = 60, tick = 0.5, holeChance = 0 } = options;
  const random = seededRandom(seed);
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const steps = Array.from({ length: count }, (): Step => {
    const spacing: Spacing = random() < holeChance ? { kind: "hole", missing: between(1, 5) } : { kind: "next" };
    return { shape: seededShape(random(), between), spacing, repeat: 1 };
  });
  return build(steps, { tick, start, timeframeSeconds });
}

function seededShape(chance: number, between: (low: number, high: number) => number): Shape {
  if (chance < 0.06) return { kind: "same" };
  if (chance < 0.1) return { kind: "point", move: between(-3, 3) };
  if (chance < 0.14) return { kind: "outside", move: between(-2, 2), reach: between(1, 3) };
  if (chance < 0.16) return { kind: "price gap", jump: between(-20, 20), move: between(-2, 2) };
  return { kind: "walk", move: between(-4, 4), above: between(0, 3), below: between(0, 3) };
}

const MOVE = fc.integer({ min: -4, max: 4 });
const WICK = fc.integer({ min: 0, max: 3 });

const SHAPE: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("walk" as const), move: MOVE, above: WICK, below: WICK }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("same" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("point" as const), move: MOVE }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("outside" as const), move: MOVE, reach: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("price gap" as const),
      jump: fc.integer({ min: -60, max: 60 }),
      move: MOVE,
    }),
  },
);

const PART = fc.double({ min: 0.05, max: 0.95, noNaN: true });

const SPACING: fc.Arbitrary<Spacing> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ kind: fc.constant("next" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("hole" as const), missing: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("beside" as const), part: PART }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("new grid" as const), part: PART }) },
);

const REPEAT = fc.oneof(
  { weight: 12, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: MOST_REPEATS }) },
);

/** Prices in whole ticks. */
interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

function build(
  steps: readonly Step[],
  {
    tick,
    start,
    timeframeSeconds,
  }: { readonly tick: number; readonly start: number; readonly timeframeSeconds: number },
): Candle[] {
  const candles: Candle[] = [];
  let bar: Bar = { open: START_TICKS, high: START_TICKS, low: START_TICKS, close: START_TICKS };
  let grid = start;
  let time = start - timeframeSeconds;
  for (const { shape, spacing, repeat } of steps) {
    for (let nth = 0; nth < repeat; nth += 1) {
      const slot = timeAfter(time, grid, timeframeSeconds, nth === 0 ? spacing : { kind: "next" });
      time = slot.time;
      grid = slot.grid;
      bar = barAfter(bar, shape);
      candles.push(candleOf(time, bar, tick));
    }
  }
  return candles;
}

function timeAfter(
  time: number,
  grid: number,
  timeframeSeconds: number,
  spacing: Spacing,
): { readonly time: number; readonly grid: number } {
  const next = grid + (Math.floor((time - grid) / timeframeSeconds) + 1) * timeframeSeconds;
  if (spacing.kind === "next") return { time: next, grid };
  if (spacing.kind === "hole") return { time: next + spacing.missing * timeframeSeconds, grid };
  const beside = next + Math.max(1, Math.floor(spacing.part * timeframeSeconds));
  return { time: beside, grid: spacing.kind === "new grid" ? beside : grid };
}

function barAfter(before: Bar, shape: Shape): Bar {
  switch (shape.kind) {
    case "same":
      return before;
    case "walk":
      return barOf(before.close, before.close + shape.move, shape.above, shape.below);
    case "point": {
      const price = bounced(before.close + shape.move);
      return { open: price, high: price, low: price, close: price };
    }
    case "outside": {
      const { open, high, low, close } = barOf(before.close, before.close + shape.move, 0, 0);
      return {
        open,
        high: Math.max(high, before.high) + shape.reach,
        low: Math.max(1, Math.min(low, before.low) - shape.reach),
        close,
      };
    }
    case "price gap": {
      const open = before.close + shape.jump;
      return barOf(open, open + shape.move, 1, 1);
    }
  }
}

function barOf(from: number, to: number, above: number, below: number): Bar {
  const open = bounced(from);
  const close = bounced(to);
  return { open, high: Math.max(open, close) + above, low: Math.max(1, Math.min(open, close) - below), close };
}

/** Keeps a price above zero by turning it round at the bottom. */
function bounced(ticks: number): number {
  return ticks >= 1 ? ticks : 2 - ticks;
}

function candleOf(time: number, { open, high, low, close }: Bar, tick: number): Candle {
  const volume = (high - low) * 2 + 1;
  return { time, open: open * tick, high: high * tick, low: low * tick, close: close * tick, volume };
}
