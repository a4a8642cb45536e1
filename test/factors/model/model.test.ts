/** The model against the computed examples, rule by rule. Where ours differs on purpose, both values are written down. */
import { describe, expect, test } from "vitest";
import * as Model from "./index.js";
import { barsOf, type CandleRow, candlesOf, type EventRow, loadVector, rowOf } from "./vectors.js";

const MINUTE_SECONDS = 60;

describe("01: pivots", () => {
  interface Case {
    name: string;
    window_major: number;
    window_minor: number;
    candles: CandleRow[];
    expected_pivot_events: EventRow[];
  }
  const { cases } = loadVector<{ cases: Case[] }>("01_pivots");

  test.each(cases)("$name", ({ window_major: major, window_minor: minor, candles, expected_pivot_events }) => {
    const { events } = Model.modelLedger(candlesOf(candles), { timeframeSeconds: MINUTE_SECONDS, major, minor });
    const rows = events.filter((event) => event.factor === "pivot").map(rowOf);
    expect(JSON.stringify(rows)).toBe(JSON.stringify(expected_pivot_events));
  });
});

describe("02: pens", () => {
  interface Case {
    name: string;
    pivots_in_arrival_order: Model.IndexedPivot[];
    expected_steps: {
      confirmed: { event_key: string; payload: Model.PenPayload }[];
      effective_pivot_times: number[];
    }[];
  }
  const { cases } = loadVector<{ cases: Case[] }>("02_pens");

  test.each(cases)("$name", ({ pivots_in_arrival_order: pivots, expected_steps }) => {
    let effective: readonly Model.IndexedPivot[] = [];
    const steps = pivots.map((pivot) => {
      const step = Model.penStep(effective, pivot);
      effective = step.effective;
      const pens = step.confirmed === null ? [] : [Model.penEvent(step.confirmed)];
      return {
        confirmed: pens.map(({ key, payload }) => ({ event_key: key, payload })),
        effective_pivot_times: effective.map((one) => one.pivot_time),
      };
    });
    expect(JSON.stringify(steps)).toBe(JSON.stringify(expected_steps));
    const confirmed = expected_steps.flatMap((step) => step.confirmed.map((pen) => pen.payload));
    expect(Model.confirmPens(pivots)).toEqual(confirmed);
  });
});

describe("03: legs in motion", () => {
  interface Vector {
    preview_cases: {
      name: string;
      candles_time_high_low: [number, number, number][];
      major_pivots: Model.PivotPoint[];
      aligned_time: number;
      expected: Model.PenHead;
    }[];
    trailing_candidate_cases: {
      candles_time_high_low: [number, number, number][];
      cases: { name: string; last_confirmed: Model.Leg; aligned_time: number; expected: Model.Leg | null }[];
    };
  }
  const vector = loadVector<Vector>("03_pen_head");

  test.each(vector.preview_cases)(
    "preview: $name",
    ({ candles_time_high_low, major_pivots, aligned_time, expected }) => {
      const head = Model.preview(barsOf(candles_time_high_low), major_pivots, aligned_time);
      expect(JSON.stringify(head)).toBe(JSON.stringify(expected));
    },
  );

  const { candles_time_high_low, cases } = vector.trailing_candidate_cases;
  test.each(cases)("trailing: $name", ({ last_confirmed, aligned_time, expected }) => {
    const leg = Model.trailing(barsOf(candles_time_high_low), last_confirmed, aligned_time);
    expect(JSON.stringify(leg)).toBe(JSON.stringify(expected));
  });

  test("nothing trails before a pen is confirmed", () => {
    expect(Model.trailing(barsOf(candles_time_high_low), null, 540)).toBeNull();
  });
});

describe("04: zones", () => {
  type Input =
    | { pen: Model.ConfirmedLeg; candle?: never }
    | { candle: { candle_time: number; high: number; low: number }; pen?: never };
  interface Case {
    name: string;
    steps: ({ step: Input } & ReturnType<typeof viewOf>)[];
  }
  const { cases } = loadVector<{ cases: Case[] }>("04_zhongshu");

  test.each(cases)("$name", ({ steps }) => {
    let state = Model.NO_ZHONGSHU;
    for (const { step: input, ...expected } of steps) {
      const step =
        input.pen === undefined
          ? Model.zhongshuCandle(state, { time: input.candle.candle_time, ...input.candle })
          : Model.zhongshuPen(state, input.pen);
      state = step.state;
      expect(viewOf(step), `after ${JSON.stringify(input)}`).toEqual(expected);
    }
  });

  /** A step in the words of the examples. They write 0 for a floor that was never set; ours has no zero that means none. */
  function viewOf({ state: { zone, floor }, dead, formedEntry }: Model.ZhongshuStep) {
    const alive = zone.kind === "alive" && {
      start_time: zone.startTime,
      end_time: zone.endTime,
      zg: zone.zg,
      zd: zone.zd,
      entry_direction: zone.entryDirection,
      formed_time: zone.formedTime,
      formed_reason: zone.formedReason,
      last_seen_visible_time: zone.lastSeen,
      awaiting_p3_confirm: zone.awaitingP3,
      p3_start_time: zone.t3,
    };
    const pending = zone.kind === "pending" && {
      entry_start_time: zone.entry.start_time,
      p3_direction: zone.dir3,
      p3_start_time: zone.t3,
      p3_start_price: zone.x0,
      p3_extreme_price: zone.extreme,
      p3_extreme_time: zone.extremeTime,
      trigger_price: zone.trigger,
      cross_time: zone.crossTime,
    };
    return {
      dead,
      formed_entry_start_time: formedEntry?.start_time ?? null,
      alive: alive || null,
      pending: pending || null,
      reseed_floor_start_time: floor ?? 0,
    };
  }
});

describe("05: anchor", () => {
  interface Vector {
    history_healing: {
      switch_rows_in_order: Model.SwitchRow[];
      expected_anchors: Model.RefLike[];
      expected_switches: Model.SwitchRow[];
    };
    strength_gate: {
      baseline: number | null;
      current_best_strength: number | null;
      pen_start_price: number;
      pen_end_price: number;
      picked: boolean;
    }[];
    append_decision: { old: Model.RefLike | null; new: Model.RefLike; append: boolean }[];
    series: { candles: CandleRow[]; expected_per_candle_ingest: Ingest; expected_single_batch_ingest: Ingest };
  }
  interface Ingest {
    anchor_events: (EventRow & { id: number })[];
    slice_anchor_at_1320: Model.ModelSlice;
  }
  const { history_healing: healing, strength_gate, append_decision, series } = loadVector<Vector>("05_anchor");

  test("healing", () => {
    const { anchors, switches } = Model.heal(healing.switch_rows_in_order);
    expect(anchors).toEqual(healing.expected_anchors);
    expect(switches).toEqual(healing.expected_switches);
  });

  test.each(strength_gate)("gate %#", ({ baseline, current_best_strength, pen_start_price, pen_end_price, picked }) => {
    const strength = Model.strengthOf({ start_price: pen_start_price, end_price: pen_end_price });
    expect(Model.isPicked(strength, baseline, current_best_strength)).toBe(picked);
  });

  test.each(append_decision)("append rule %#", ({ old, new: next, append }) => {
    expect(Model.isSwitch(old, next)).toBe(append);
  });

  test("the series: strength is continuous, so ours is what the reference computes in one batch", () => {
    const settings = { timeframeSeconds: MINUTE_SECONDS, major: 2, minor: 1 };
    const ledger = Model.modelLedger(candlesOf(series.candles), settings);
    const rows = ledger.events.filter((event) => event.factor === "anchor").map(rowOf);
    const expected = series.expected_single_batch_ingest;
    expect(rows).toEqual(expected.anchor_events.map(({ id: _, ...row }) => row));
    const { history, head } = expected.slice_anchor_at_1320;
    expect(Model.modelSlices(ledger, settings, 1320, 2000).anchor).toEqual({ history, head });

    // C-1: one candle per call, the reference forgets at 1200 that the anchor from 420 has grown from 7 to 11.
    const forgetful = series.expected_per_candle_ingest.anchor_events.map((row) => row.event_key);
    const keys = rows.map((row) => row.event_key);
    expect(forgetful.filter((key) => !keys.includes(key))).toEqual(["strong_pen:1200:candidate:840:1020:-1"]);
    expect(keys.filter((key) => !forgetful.includes(key))).toEqual([]);
  });
});

describe("06: support and resistance", () => {
  interface Vector {
    candles: CandleRow[];
    major_pivots: Model.IndexedPivot[];
    cases: {
      candles_used: number;
      majors_used: number;
      visible_time: number;
      event_key: string;
      expected_snapshot: Model.SrSnapshot;
    }[];
  }
  const { candles, major_pivots, cases } = loadVector<Vector>("06_sr");

  test.each(cases)("at $visible_time", ({ candles_used, majors_used, visible_time, event_key, expected_snapshot }) => {
    const seen = candlesOf(candles).slice(0, candles_used);
    const snapshot = Model.srSnapshot(seen, major_pivots.slice(0, majors_used));
    expect(JSON.stringify(snapshot)).toBe(JSON.stringify(expected_snapshot));
    expect(Model.srEventKey(visible_time, snapshot)).toBe(event_key);
  });
});
