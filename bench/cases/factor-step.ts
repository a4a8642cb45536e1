import type { CloseSource } from "../../src/factors/close-history.js";
import { FactorEngine, type FactorFold } from "../../src/factors/engine.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";
import type { Candle } from "../../src/market/candle.js";
import { OverlayEngine } from "../../src/overlays/engine.js";
import { recordedCandles } from "../../test/support/recorded.js";
import type { BenchmarkCase } from "../lib/case.js";
import { heldBytes } from "../lib/memory.js";
import { perSecond, round } from "../lib/stats.js";

const TIMEFRAME_S = 60;
const EARLY = 5_000;
const LATE = 500_000;
const STRETCH = 5_000;
/** Candles that a daemon catches up with in one run, after which it lets go of closes. */
const PAGE = 2_048;
/** Rounds until the machine code is what it stays, and rounds measured. */
const WARM_UP_ROUNDS = 5;
const ROUNDS = 41;

/** Candles of which states are held for their memory: enough for sr to hold all the pivots it ever does. */
const GROWN = 40_000;
/** Candles that come one at a time then, each let go of when it is stored. */
const LIVE = 200;
const STATES = 24;

const month = recordedCandles("BTCUSDT");
const monthCloses = Float64Array.from(month, ({ close }) => close);

/** The recorded month again and again from one of its candles on, with times that go on. */
class Recording {
  readonly #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  candle(index: number): Candle {
    return { ...(month[(this.#from + index) % month.length] as Candle), time: index * TIMEFRAME_S };
  }

  /** What the store does for a daemon: reads closes back that a fold has let go of. */
  readonly closes: CloseSource = (firstTime, count) => {
    const first = firstTime / TIMEFRAME_S;
    const columns = { times: new Float64Array(count), closes: new Float64Array(count) };
    for (let at = 0; at < count; at += 1) {
      columns.times[at] = (first + at) * TIMEFRAME_S;
      columns.closes[at] = monthCloses[(this.#from + first + at) % month.length] as number;
    }
    return columns;
  };
}

const engine = new FactorEngine({
  factors: STANDARD_FACTORS,
  pivotWindowMajor: 50,
  pivotWindowMinor: 5,
  logicVersion: "",
});
const overlays = new OverlayEngine({ windowCandles: 2_000 });

/** A fold with its picture, which goes on from where it stands. */
class Folding {
  readonly #recording: Recording;
  readonly #fold: FactorFold;
  readonly #picture = overlays.begin(TIMEFRAME_S);

  /** @param from candle of the month with which the series begins. */
  constructor(from = 0) {
    this.#recording = new Recording(from);
    this.#fold = engine.begin(TIMEFRAME_S, this.#recording.closes);
  }

  get count(): number {
    return this.#fold.count;
  }

  to(count: number): this {
    while (this.#fold.count < count) {
      this.#step(this.#recording.candle(this.#fold.count));
      if (this.#fold.count % PAGE === 0) this.#fold.release();
    }
    this.#fold.release();
    return this;
  }

  /** Candles that come one at a time. */
  live(count: number): this {
    for (let at = 0; at < count; at += 1) this.to(this.#fold.count + 1);
    return this;
  }

  /** Milliseconds of computing for the next stretch of candles, whatever else the machine has to do meanwhile. */
  stretch(): number {
    const candles = Array.from({ length: STRETCH }, (_, at) => this.#recording.candle(this.#fold.count + at));
    const began = process.cpuUsage();
    for (const candle of candles) {
      this.#step(candle);
      if (this.#fold.count % PAGE === 0) this.#fold.release();
    }
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000;
  }

  #step(candle: Candle): void {
    this.#picture.draw(this.#fold.step(candle));
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds of computing for the same stretch of the month, early in a series and late in another. */
interface Round {
  readonly early: number;
  readonly late: number;
}

function roundOf(young: Folding, late: Folding, nth: number): Round {
  // Whichever comes second finds another heap: they take turns.
  const [one, other] = nth % 2 === 0 ? [young, late] : [late, young];
  const [first, second] = [one.stretch(), other.stretch()];
  return one === young ? { early: first, late: second } : { early: second, late: first };
}

export const factorStep: BenchmarkCase = {
  name: "factor-step",
  measures: "factor and overlay step with default windows on one core, early and late in a series; memory of its state",
  run: async () => {
    const late = new Folding().to(LATE);
    const young = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, (_, nth) =>
      new Folding(LATE + nth * STRETCH - EARLY).to(EARLY),
    );
    // A series of a daemon has outlived many collections by then: none of them may lie among the newest objects.
    globalThis.gc?.();
    const rounds = young.map((one, nth) => roundOf(one, late, nth)).slice(WARM_UP_ROUNDS);
    return {
      candles_per_s_at_5k: perSecond(STRETCH, median(rounds.map(({ early }) => early))),
      candles_per_s_at_500k: perSecond(STRETCH, median(rounds.map((one) => one.late))),
      rate_at_500k_by_rate_at_5k: round(median(rounds.map((one) => one.early / one.late))),
      state_kb_after_40k: round((await stateBytes()) / 1024),
    };
  },
};

/** What one more grown state takes. */
async function stateBytes(): Promise<number> {
  const grown = (): Folding => new Folding().to(GROWN).live(LIVE);
  const held = Array.from({ length: 4 }, () => grown());
  const before = await heldBytes();
  while (held.length < 4 + STATES) held.push(grown());
  const after = await heldBytes();
  // The states are looked at once more, so that none of them is let go of before.
  return held.every((one) => one.count === GROWN + LIVE) ? (after - before) / STATES : Number.NaN;
}
