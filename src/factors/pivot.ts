/** Pivots: candles that stand out from their neighbours. Spec: factors §8; design C-1, C-2. */
import type { CandleHistory } from "./candle-history.js";
import type { FactorDefinition, StepContext } from "./definition.js";

export type PivotDirection = "resistance" | "support";

/** A pivot as clients get it. Times in seconds. */
export interface Pivot {
  readonly pivot_time: number;
  /** The high of a resistance, the low of a support. */
  readonly pivot_price: number;
  readonly direction: PivotDirection;
  /** When it became known: `window` candles after `pivot_time`. */
  readonly visible_time: number;
  readonly window: number;
  /** Position of the pivot's candle in the fold, from 0. */
  readonly pivot_idx: number;
}

export interface PivotFacts {
  /** Major pivots that became known at this candle, resistance before support. */
  readonly majors: readonly Pivot[];
  readonly minors: readonly Pivot[];
}

interface PivotState {
  /** Index of the last major pivot of any kind; null before the first. */
  lastMajor: number | null;
}

const NO_PIVOTS: readonly Pivot[] = [];
const NOTHING: PivotFacts = { majors: NO_PIVOTS, minors: NO_PIVOTS };

export const pivotFactor: FactorDefinition<PivotState, PivotFacts> = {
  name: "pivot",
  dependsOn: [],
  logic: 1,
  catalog: {
    label: "Pivot",
    visible: true,
    subFeatures: [
      { key: "pivot.major", label: "Major", visible: true },
      { key: "pivot.minor", label: "Minor", visible: false },
    ],
  },
  events: [
    { kind: "pivot.major", bucket: "major", key: (payload) => pivotKey("major", payload as Pivot) },
    { kind: "pivot.minor", bucket: "minor", key: (payload) => pivotKey("minor", payload as Pivot) },
  ],
  initial: (): PivotState => ({ lastMajor: null }),
  step(state, context) {
    const { pivotWindowMajor, pivotWindowMinor } = context.settings;
    const majors = pivotsAt(context, pivotWindowMajor, isMajor);
    if (majors.length > 0) state.lastMajor = context.index - pivotWindowMajor;
    const afterMajor = state.lastMajor !== null && context.index - 2 * pivotWindowMinor >= state.lastMajor;
    const minors = afterMajor ? pivotsAt(context, pivotWindowMinor, isMinor) : NO_PIVOTS;
    if (majors === NO_PIVOTS && minors === NO_PIVOTS) return NOTHING;
    for (const pivot of majors) context.emit("pivot.major", pivot);
    for (const pivot of minors) context.emit("pivot.minor", pivot);
    return { majors, minors };
  },
  present: (state) => state.lastMajor !== null,
  head: () => ({}),
};

function pivotKey(size: "major" | "minor", pivot: Pivot): string {
  return `${size}:${pivot.pivot_time}:${pivot.direction}:${pivot.window}`;
}

type Outstanding = (history: CandleHistory, centre: number, window: number) => boolean;

/** The pivots whose window ends at this candle. A hole in the window's right half leaves none. */
function pivotsAt(
  { index, candle, history, settings }: StepContext,
  window: number,
  outstanding: Readonly<Record<PivotDirection, Outstanding>>,
): readonly Pivot[] {
  const centre = index - window;
  if (centre < window) return NO_PIVOTS;
  const time = candle.time - window * settings.timeframeSeconds;
  if (history.recentTime(centre) !== time) return NO_PIVOTS;
  const resistance = outstanding.resistance(history, centre, window);
  const support = outstanding.support(history, centre, window);
  if (!resistance && !support) return NO_PIVOTS;
  const pivot = (direction: PivotDirection, price: number): Pivot => ({
    pivot_time: time,
    pivot_price: price,
    direction,
    visible_time: candle.time,
    window,
    pivot_idx: centre,
  });
  const found: Pivot[] = [];
  if (resistance) found.push(pivot("resistance", history.recentHigh(centre)));
  if (support) found.push(pivot("support", history.recentLow(centre)));
  return found;
}

/** On a plateau only the earliest candle stands out: a tie on the left disqualifies, one on the right does not. */
const isMajor: Readonly<Record<PivotDirection, Outstanding>> = {
  resistance(history, centre, window) {
    const high = history.recentHigh(centre);
    for (let distance = 1; distance <= window; distance += 1) {
      if (history.recentHigh(centre - distance) >= high || history.recentHigh(centre + distance) > high) return false;
    }
    return true;
  },
  support(history, centre, window) {
    const low = history.recentLow(centre);
    for (let distance = 1; distance <= window; distance += 1) {
      if (history.recentLow(centre - distance) <= low || history.recentLow(centre + distance) < low) return false;
    }
    return true;
  },
};

/** Ties do not matter to minors. */
const isMinor: Readonly<Record<PivotDirection, Outstanding>> = {
  resistance(history, centre, window) {
    const high = history.recentHigh(centre);
    for (let distance = 1; distance <= window; distance += 1) {
      if (history.recentHigh(centre - distance) > high || history.recentHigh(centre + distance) > high) return false;
    }
    return true;
  },
  support(history, centre, window) {
    const low = history.recentLow(centre);
    for (let distance = 1; distance <= window; distance += 1) {
      if (history.recentLow(centre - distance) < low || history.recentLow(centre + distance) < low) return false;
    }
    return true;
  },
};
