/**
 * Pens: the strokes from one effective major pivot to the next opposite one, and the legs that are not confirmed yet.
 * Spec: factors §9; design C-1, C-3.
 */
import type { CandleHistory } from "./candle-history.js";
import type { FactorDefinition } from "./definition.js";
import { candidateOf, extendingOf, follow, type Leg, type LegTracker, track, trailingOf } from "./pen-legs.js";
import { type Pivot, type PivotDirection, pivotFactor } from "./pivot.js";

export type Direction = 1 | -1;

/** A confirmed pen as clients get it. Times in seconds. */
export interface Pen {
  readonly start_time: number;
  readonly end_time: number;
  readonly start_price: number;
  readonly end_price: number;
  /** Of the prices, not of the pivots' kinds: a strong gap can make them differ. */
  readonly direction: Direction;
  readonly visible_time: number;
  readonly start_idx: number;
  readonly end_idx: number;
}

export interface PenFacts {
  /** Pens confirmed at this candle, in their order. */
  readonly confirmed: readonly Pen[];
  readonly last: Pen | null;
  /** From the second-last effective pivot to the extreme after it. */
  readonly extending: Leg | null;
  /** From there to the opposite extreme. */
  readonly candidate: Leg | null;
  /** From the last confirmed pen's end to the opposite extreme after it. */
  readonly trailing: Leg | null;
}

/** What of a pivot matters to pens. */
export interface EffectivePivot {
  readonly time: number;
  readonly price: number;
  readonly direction: PivotDirection;
  readonly idx: number;
}

export interface PenState {
  /** The last effective pivots, two at most, and what price did after each. */
  tail: { pivot: EffectivePivot; legs: LegTracker }[];
  last: Pen | null;
}

const NO_PENS: readonly Pen[] = [];

export const penFactor: FactorDefinition<PenState, PenFacts> = {
  name: "pen",
  dependsOn: ["pivot"],
  logic: 1,
  catalog: {
    label: "Pen",
    visible: true,
    subFeatures: [
      { key: "pen.confirmed", label: "Confirmed", visible: true },
      { key: "pen.extending", label: "Extending", visible: true },
      { key: "pen.candidate", label: "Candidate", visible: true },
    ],
  },
  events: [
    {
      kind: "pen.confirmed",
      bucket: "confirmed",
      key: (payload) => {
        const pen = payload as Pen;
        return `confirmed:${pen.start_time}:${pen.end_time}:${pen.direction}`;
      },
    },
  ],
  initial: (): PenState => ({ tail: [], last: null }),
  step(state, context) {
    const { candle, history } = context;
    for (const { legs } of state.tail) follow(legs, candle.time, candle.high, candle.low);
    let confirmed = NO_PENS;
    for (const pivot of context.factsOf(pivotFactor).majors) {
      const pen = takePivot(state, pivot, history);
      if (pen === undefined) continue;
      context.emit("pen.confirmed", pen);
      confirmed = [...confirmed, pen];
    }
    return penFacts(state, confirmed);
  },
  present: (state) => state.last !== null,
  head: ({ extending, candidate }) => ({ ...(extending && { extending }), ...(candidate && { candidate }) }),
};

/**
 * Takes one more major pivot. Of pivots of one direction in a row the most extreme counts; the pivot after a turn confirms
 * the pen before it, whose end can no longer move.
 * @returns the pen that it confirms.
 */
export function takePivot(state: PenState, pivot: Pivot, history: CandleHistory): Pen | undefined {
  const { direction, pivot_price: price } = pivot;
  const effective: EffectivePivot = { time: pivot.pivot_time, price, direction, idx: pivot.pivot_idx };
  const last = state.tail.at(-1)?.pivot;
  if (last?.direction === direction) {
    const moreExtreme = direction === "resistance" ? price > last.price : price < last.price;
    if (moreExtreme) state.tail[state.tail.length - 1] = { pivot: effective, legs: track(effective, history) };
    return undefined;
  }
  const from = state.tail.at(-2)?.pivot;
  state.tail = [...state.tail.slice(-1), { pivot: effective, legs: track(effective, history) }];
  if (from === undefined || last === undefined) return undefined;
  state.last = {
    start_time: from.time,
    end_time: last.time,
    start_price: from.price,
    end_price: last.price,
    direction: last.price > from.price ? 1 : -1,
    visible_time: pivot.visible_time,
    start_idx: from.idx,
    end_idx: last.idx,
  };
  return state.last;
}

function penFacts({ tail, last }: PenState, confirmed: readonly Pen[]): PenFacts {
  const start = tail.length < 2 ? undefined : tail[0];
  if (start === undefined) return { confirmed, last, extending: null, candidate: null, trailing: null };
  const extending = extendingOf(start.pivot, start.legs);
  return {
    confirmed,
    last,
    extending,
    candidate: extending && candidateOf(extending, start.legs),
    trailing: last && trailingOf(last, start.legs),
  };
}
