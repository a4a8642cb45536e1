import type { CloseSource } from "../../src/factors/close-history.js";
import { FactorEngine } from "../../src/factors/engine.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";
import type { Candle } from "../../src/market/candle.js";
import { OverlayEngine } from "../../src/overlays/engine.js";
import { recordedCandles } from "../../test/support/recorded.js";
import type { BenchmarkCase } from "../lib/case.js";
import { perSecond, round } from "../lib/stats.js";

const TIMEFRAME_S = 60;
const EARLY = 5_000;
const LATE = 500_000;
const STRETCH = 5_000;
/** Candles that a daemon catches up with in one run, after which it lets go of closes. */
const PAGE = 2_048;
const ROUNDS = 15;

/** Candles of which states are held for their memory: enough for sr to hold all the pivots it ever does. */
const GROWN = 40_000;
const STATES = 24;

const month = recordedCandles("BTCUSDT");

/** The recorded month again and again, with times that go on. */
function candleAt(index: number): Candle {
  return { ...(month[index % month.length] as Candle), time: index * TIMEFRAME_S };
}

const monthCloses = Float64Array.from(month, ({ close }) => close);

/** What the store does for a daemon: reads closes back that a fold has let go of. */
const closes: CloseSource = (firstTime, count) => {
  const first = firstTime / TIMEFRAME_S;
  const columns = { times: new Float64Array(count), closes: new Float64Array(count) };
  for (let at = 0; at < count; at += 1) {
    columns.times[at] = (first + at) * TIMEFRAME_S;
    columns.closes[at] = monthCloses[(first + at) % month.length] as number;
  }
  return columns;
};

const engine = new FactorEngine({
  factors: STANDARD_FACTORS,
  pivotWindowMajor: 50,
  pivotWindowMinor: 5,
  logicVersion: "",
});
const overlays = new OverlayEngine({ windowCandles: 2_000 });

/** A fold with its picture, which goes on from where it stands. */
class Folding {
  readonly #fold = engine.begin(TIMEFRAME_S, closes);
  readonly #picture = overlays.begin(TIMEFRAME_S);

  get count(): number {
    return this.#fold.count;
  }

  to(count: number): this {
    while (this.#fold.count < count) {
      this.#picture.draw(this.#fold.step(candleAt(this.#fold.count)));
      if (this.#fold.count % PAGE === 0) this.#fold.release();
    }
    this.#fold.release();
    return this;
  }

  /** Milliseconds for the next stretch of candles. */
  stretch(): number {
    const candles = Array.from({ length: STRETCH }, (_, at) => candleAt(this.#fold.count + at));
    const began = performance.now();
    for (const candle of candles) this.#picture.draw(this.#fold.step(candle));
    const tookMs = performance.now() - began;
    this.#fold.release();
    return tookMs;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * The ratio printed here is too good: benchmarks run from source, and the loader's cost for every closure is the same early
 * and late. Compiled, a step takes less than half the time, and the late rate is 0.57 to 0.78 of the early one.
 */
export const factorStep: BenchmarkCase = {
  name: "factor-step",
  measures: "factor and overlay step with default windows on one core, early and late in a series; memory of its state",
  run: async () => {
    const late = new Folding().to(LATE);
    const times: Record<"early" | "late", number[]> = { early: [], late: [] };
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      times.early.push(new Folding().to(EARLY).stretch());
      times.late.push(late.stretch());
    }
    const at5k = perSecond(STRETCH, median(times.early));
    const at500k = perSecond(STRETCH, median(times.late));
    return {
      candles_per_s_at_5k: at5k,
      candles_per_s_at_500k: at500k,
      rate_at_500k_by_rate_at_5k: round(at500k / at5k),
      state_kb_after_40k: round((await stateBytes()) / 1024),
    };
  },
};

/** Heap and buffers that one more grown state takes. Needs `--expose-gc`; without it NaN. */
async function stateBytes(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) return Number.NaN;
  const used = async (): Promise<number> => {
    // What was let go of is collected in the course of a few rounds.
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const held = Array.from({ length: 4 }, () => new Folding().to(GROWN));
  const before = await used();
  while (held.length < 4 + STATES) held.push(new Folding().to(GROWN));
  const after = await used();
  // The states are looked at once more, so that none of them is let go of before.
  return held.every((one) => one.count === GROWN) ? (after - before) / STATES : Number.NaN;
}
