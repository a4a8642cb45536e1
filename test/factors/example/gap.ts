/** Gaps: candles that open beyond the whole range of the candle before. */
import type { FactorDefinition, StepContext } from "../../../src/factors/definition.js";
import { penFactor } from "../../../src/factors/pen.js";

/** A gap counts when it is larger than this share of the price. */
const LEAST_SHARE = 0.001;

/** A gap as clients get it. Times in seconds. */
export interface Gap {
  readonly gap_time: number;
  /** The edge of the candle before, and the open beyond it. */
  readonly from_price: number;
  readonly to_price: number;
  readonly direction: 1 | -1;
  /** Whether it goes the way of the last confirmed pen; null before the first pen. */
  readonly with_pen: boolean | null;
  readonly visible_time: number;
}

export interface GapFacts {
  readonly opened: Gap | null;
  readonly last: Gap | null;
}

export const gapFactor: FactorDefinition<{ last: Gap | null }, GapFacts> = {
  name: "gap",
  dependsOn: ["pen"],
  logic: 1,
  catalog: { label: "Gap", visible: true, subFeatures: [{ key: "gap.opened", label: "Gaps", visible: true }] },
  events: [{ kind: "gap.opened", bucket: "opened", key: (payload) => `opened:${(payload as Gap).gap_time}` }],
  initial: () => ({ last: null }),
  step(state, context) {
    const opened = gapAt(context);
    if (opened !== null) {
      context.emit("gap.opened", opened);
      state.last = opened;
    }
    return { opened, last: state.last };
  },
  present: (state) => state.last !== null,
  head: ({ last }) => ({ last }),
};

function gapAt({ candle, index, history, settings, factsOf }: StepContext): Gap | null {
  const { time, open } = candle;
  if (index === 0 || history.recentTime(index - 1) !== time - settings.timeframeSeconds) return null;
  const edge = Math.min(Math.max(open, history.recentLow(index - 1)), history.recentHigh(index - 1));
  if (Math.abs(open - edge) <= LEAST_SHARE * edge) return null;
  const direction = open > edge ? 1 : -1;
  const pen = factsOf(penFactor).last;
  const with_pen = pen && pen.direction === direction;
  return { gap_time: time, from_price: edge, to_price: open, direction, with_pen, visible_time: time };
}
