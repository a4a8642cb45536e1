/**
 * Support and resistance: price levels that at least two major pivots of one side share, judged anew at every major
 * pivot. Spec: factors §12; design C-1 (only candles up to the tick), C-2.
 */
import type { FactorDefinition } from "./definition.js";
import { pivotFactor } from "./pivot.js";
import { AverageTrueRange, type SavedRange } from "./sr-atr.js";
import { LevelJudge } from "./sr-judge.js";
import type { SrSide } from "./sr-kept.js";
import { PivotSide, type SavedSide } from "./sr-pivots.js";
import { KeptSnapshot, type StoredSnapshot } from "./sr-rows.js";
import { type SrSnapshot, snapshotLevels } from "./sr-snapshot.js";
import { snapshotWireText } from "./sr-wire.js";

export interface SrFacts {
  /** The newest snapshot; null before the first major pivot. */
  readonly snapshot: SrSnapshot | null;
}

interface SrState {
  readonly range: AverageTrueRange;
  readonly resistance: SrSide;
  readonly support: SrSide;
  snapshot: KeptSnapshot | null;
  facts: SrFacts;
  /** Oldest candle whose close may be asked for. */
  oldest: number;
  /** Whether there was a snapshot since the last release. */
  isAtWork: boolean;
}

interface SavedSr {
  readonly range: SavedRange;
  readonly resistance: SavedSide;
  readonly support: SavedSide;
  readonly snapshot: StoredSnapshot | null;
  readonly oldest: number;
}

/** Candles in all without which there are no levels. */
const LEAST_CANDLES = 5;

export const srFactor: FactorDefinition<SrState, SrFacts> = {
  name: "sr",
  dependsOn: ["pivot"],
  logic: 1,
  catalog: {
    label: "SR",
    visible: true,
    subFeatures: [
      { key: "sr.active", label: "Active", visible: true },
      { key: "sr.broken", label: "Broken", visible: false },
    ],
  },
  events: [
    {
      kind: "sr.snapshot",
      bucket: "snapshots",
      key: (payload) => `snapshot:${(payload as StoredSnapshot).visible_time}`,
      wireText: (stored) => snapshotWireText(new KeptSnapshot(JSON.parse(stored) as StoredSnapshot), "with_time"),
    },
  ],
  initial: ({ pivotWindowMajor }): SrState => ({
    range: new AverageTrueRange(pivotWindowMajor + 1),
    resistance: sideOf(new PivotSide("resistance")),
    support: sideOf(new PivotSide("support")),
    snapshot: null,
    facts: { snapshot: null },
    oldest: 0,
    isAtWork: false,
  }),
  step(state, context) {
    const { candle, index, history, settings } = context;
    state.range.push(index, candle);
    const { majors } = context.factsOf(pivotFactor);
    if (majors.length === 0) {
      if (state.snapshot === null) state.oldest = Math.max(0, index - settings.pivotWindowMajor);
      return state.facts;
    }
    for (const { direction, pivot_idx, pivot_time, pivot_price } of majors) {
      if (pivot_price <= 0) continue;
      const high = history.recentHigh(pivot_idx);
      const low = history.recentLow(pivot_idx);
      const { pivots, judge } = state[direction];
      const atr = state.range.at(pivot_idx);
      judge.forget(pivots.add({ idx: pivot_idx, time: pivot_time, high, low, atr }, history.closes));
    }
    const ground = { closes: history.closes, index, close: candle.close, atr: state.range.at(index) };
    const rows = index + 1 < LEAST_CANDLES ? [] : snapshotLevels(state.resistance, state.support, ground);
    const stored: StoredSnapshot = { visible_time: candle.time, rows };
    context.emit("sr.snapshot", stored);
    const reachable = index - settings.pivotWindowMajor;
    state.oldest = Math.min(
      state.resistance.pivots.oldestIdx ?? reachable,
      state.support.pivots.oldestIdx ?? reachable,
    );
    state.isAtWork = true;
    state.snapshot = new KeptSnapshot(stored);
    state.facts = { snapshot: state.snapshot };
    return state.facts;
  },
  present: (state) => state.facts.snapshot !== null,
  head: ({ snapshot }) => (snapshot === null ? {} : (JSON.parse(snapshotWireText(snapshot, "without_time")) as object)),
  headText: ({ snapshot }) => (snapshot === null ? "{}" : snapshotWireText(snapshot, "without_time")),
  needsClosesFrom: ({ oldest }) => oldest,
  release(state): void {
    // What was needed since the last release will be needed again, when many candles are caught up with in several runs.
    if (!state.isAtWork) {
      for (const { pivots, judge } of [state.resistance, state.support]) {
        pivots.release();
        judge.release();
      }
      state.snapshot?.pack();
    }
    state.isAtWork = false;
  },
  save: ({ range, resistance, support, snapshot, oldest }): SavedSr => ({
    range: range.save(),
    resistance: resistance.pivots.save(),
    support: support.pivots.save(),
    snapshot: snapshot === null ? null : snapshot.stored,
    oldest,
  }),
  load(saved): SrState {
    const { range, resistance, support, snapshot: stored, oldest } = saved as SavedSr;
    const snapshot = stored && new KeptSnapshot(stored);
    return {
      range: AverageTrueRange.load(range),
      resistance: sideOf(PivotSide.load("resistance", resistance)),
      support: sideOf(PivotSide.load("support", support)),
      snapshot,
      facts: { snapshot },
      oldest,
      isAtWork: false,
    };
  },
};

function sideOf(pivots: PivotSide): SrSide {
  return { pivots, judge: new LevelJudge(pivots) };
}
