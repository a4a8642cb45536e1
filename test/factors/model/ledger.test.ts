/** The whole ledger against the computed examples 07 and 10. Where ours differs on purpose, both values are written down. */
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../src/market/candle.js";
import { type FactorName, type ModelEvent, modelLedger, modelSlices } from "./index.js";
import { type CandleRow, candlesOf, type EventRow, loadVector, rowOf } from "./vectors.js";

const SETTINGS = { timeframeSeconds: 60, major: 2, minor: 1 };

interface Slice {
  readonly history: Readonly<Record<string, unknown>>;
  readonly head: unknown;
}

const vector = loadVector<{
  candles: CandleRow[];
  expected_events_in_id_order: (EventRow & { id: number })[];
  expected_head_rows_sample: { candle_time: number; factor_name: FactorName; head: unknown }[];
  queries: {
    at_time: number;
    window_candles: number;
    body: { at_time: number; candle_id: string | null; factors: string[]; snapshots: Record<string, Slice> };
  }[];
}>("07_factor_slices");
const quirks = loadVector<{ cases: readonly Quirk[] }>("10_quirks").cases;
type Quirk = { readonly id: string } & Readonly<Record<string, unknown>>;

const ledger = modelLedger(candlesOf(vector.candles), SETTINGS);

/** The anchor that starts at 1200, grown to 1800 and 13.5 strong. */
const GROWN_ANCHOR = { kind: "candidate", start_time: 1200, end_time: 1800, direction: -1 };
/** What the reference falls back to, one candle per call: the same anchor as it was at its switch. */
const FORGOTTEN_GROWTH = { kind: "candidate", start_time: 1200, end_time: 1560, direction: -1 };
const ALIVE_AT_END = {
  start_time: 1200,
  end_time: 2640,
  zg: 49.5,
  zd: 45,
  entry_direction: -1,
  formed_time: 2460,
  formed_reason: "price_cross",
  death_time: null,
  visible_time: 2640,
};

describe("07: events", () => {
  // C-1: the anchor is 13.5 strong by 1800. The leg of 13 that starts at 1920 becomes the anchor only when the zone entry of
  // 2460 has made the confirmed pen of 12.5 the anchor. The reference has forgotten the growth and switches at 2460 at once.
  const OURS_ONLY = "strong_pen:2520:candidate:1920:2340:1";
  const REFERENCE_ONLY = "strong_pen:2460:candidate:1920:2340:1";

  test("all are equal but one anchor switch", () => {
    const expected = vector.expected_events_in_id_order.map(({ id: _, ...row }) => row);
    const ours = ledger.events.map(rowOf);
    const common = JSON.stringify(expected.filter((row) => row.event_key !== REFERENCE_ONLY));
    expect(JSON.stringify(ours.filter((row) => row.event_key !== OURS_ONLY))).toBe(common);
    const theirs = expected.find((row) => row.event_key === REFERENCE_ONLY);
    expect(theirs?.payload).toMatchObject({ switch_time: 2460, visible_time: 2460 });
    expect(ours.find((row) => row.event_key === OURS_ONLY)).toEqual({
      ...theirs,
      candle_time: 2520,
      event_key: OURS_ONLY,
      payload: { ...(theirs?.payload as object), switch_time: 2520, visible_time: 2520 },
    });
  });

  test("the anchor grows silently", () => {
    expect(ledger.headsAt(1740)?.anchor).toEqual({ ref: FORGOTTEN_GROWTH, strength: 12.5 });
    expect(ledger.headsAt(1800)?.anchor).toEqual({ ref: GROWN_ANCHOR, strength: 13.5 });
    expect(ledger.headsAt(2460)?.anchor).toEqual({ ref: { ...FORGOTTEN_GROWTH, kind: "confirmed" }, strength: 12.5 });
  });
});

describe("07: head rows", () => {
  /** Rows of the reference that are not our heads. */
  const DIFFERENT = new Map<string, { ours: unknown; reference: unknown }>([
    // C-3: presence is what the slice shows. The reference stores an empty row here, and its slice leaves the factor out.
    ["780 zhongshu", { ours: undefined, reference: { alive: [] } }],
    // C-1: the anchor keeps the end that it has grown to.
    [
      "2040 anchor",
      { ours: { current_anchor_ref: GROWN_ANCHOR }, reference: { current_anchor_ref: FORGOTTEN_GROWTH } },
    ],
  ]);

  test.each(vector.expected_head_rows_sample)("$candle_time $factor_name", ({ candle_time, factor_name, head }) => {
    const ours = ledger.headsAt(candle_time)?.heads[factor_name];
    const difference = DIFFERENT.get(`${candle_time} ${factor_name}`);
    expect(head).toEqual(difference?.reference ?? head);
    expect(JSON.stringify(ours)).toBe(JSON.stringify(difference === undefined ? head : difference.ours));
  });
});

describe("07: slices", () => {
  /** Parts of slices that differ: `<at_time>/<window> <factor>.<part>`. */
  const DIFFERENT = new Map<string, { ours: unknown; reference: unknown }>([
    // C-1, as in the head row.
    [
      "2040/2000 anchor.head",
      { ours: { current_anchor_ref: GROWN_ANCHOR }, reference: { current_anchor_ref: FORGOTTEN_GROWTH } },
    ],
    // C-1: the one switch that comes a candle later (below), in every history that holds it.
    ["2640/2000 anchor.history", { ours: [780, 1680, 2520], reference: [780, 1680, 2460] }],
    ["2640/10 anchor.history", { ours: [2520], reference: [2460] }],
    ["9999/5 anchor.history", { ours: [2520], reference: [2460] }],
    // C-3: the window cuts history only; the zone lives, however little of its past is asked for.
    ["2640/10 zhongshu.head", { ours: { alive: [ALIVE_AT_END] }, reference: { alive: [] } }],
    ["9999/5 zhongshu.head", { ours: { alive: [ALIVE_AT_END] }, reference: undefined }],
    ["9999/5 zhongshu.history", { ours: { dead: [] }, reference: undefined }],
  ]);

  test.each(vector.queries)("at $at_time, window $window_candles", ({ at_time, window_candles, body }) => {
    const ours = modelSlices(ledger, SETTINGS, at_time, window_candles) as Record<string, Slice>;
    const view = ledger.headsAt(at_time);
    expect(body.candle_id === null ? null : body.at_time).toBe(view?.time ?? null);
    const late = window_candles === 5 ? ["pivot", "pen", "zhongshu", "anchor", "sr"] : body.factors;
    expect(Object.keys(ours)).toEqual(late);
    for (const factor of late) {
      for (const part of ["history", "head"] as const) {
        const difference = DIFFERENT.get(`${at_time}/${window_candles} ${factor}.${part}`);
        const shown = part === "history" && factor === "anchor" && difference !== undefined ? switchTimes : asIs;
        const reference = shown(body.snapshots[factor]?.[part]);
        expect(reference).toEqual(difference === undefined ? reference : difference.reference);
        expect(JSON.stringify(shown(ours[factor]?.[part]))).toBe(JSON.stringify(difference?.ours ?? reference));
      }
    }
  });

  function asIs(part: unknown): unknown {
    return part;
  }

  function switchTimes(history: unknown): unknown {
    return (history as { switches: { switch_time: number }[] }).switches.map((row) => row.switch_time);
  }
});

describe("10: quirks that ours does not have", () => {
  const quirk = <Case>(id: string): Case => quirks.find((one) => one.id === id) as Case;

  /** The series of the examples: a wave of eight candles on a slow rise. */
  function wave(count: number): Candle[] {
    return Array.from({ length: count }, (_, i) => {
      const middle = 100 + [0, 2, 5, 3, 1, -2, -4, -1][i % 8]! + 0.5 * Math.floor(i / 8);
      return { time: 60 * (i + 1), open: middle, high: middle + 1, low: middle - 1, close: middle + 0.25, volume: 1 };
    });
  }

  function majorsOf(events: readonly ModelEvent[]) {
    return events.flatMap((event) => (event.kind === "pivot.major" ? [event.payload] : []));
  }

  test("sr_batch_lookahead: levels see no candle after their tick, in every batching", () => {
    const { per_candle } = quirk<{ per_candle: string[] }>("sr_batch_lookahead");
    const keys = ledger.events.filter((event) => event.factor === "sr").map((event) => event.key);
    expect(keys).toEqual(per_candle);
  });

  test("stale_heads_between_batches: heads are exact at every candle", () => {
    type Rows = { at_time: number; per_candle: { pen_head: unknown; anchor_head: unknown } }[];
    for (const { at_time, per_candle } of quirk<{ rows: Rows }>("stale_heads_between_batches").rows) {
      const heads = ledger.headsAt(at_time)?.heads;
      expect(heads?.pen).toEqual(per_candle.pen_head);
      // C-1: at 2040 the reference's anchor has lost its growth.
      const forgot = { current_anchor_ref: at_time === 2040 ? FORGOTTEN_GROWTH : heads?.anchor?.current_anchor_ref };
      expect(per_candle.anchor_head).toEqual(forgot);
    }
    expect(ledger.headsAt(2040)?.heads.anchor).toEqual({ current_anchor_ref: GROWN_ANCHOR });
  });

  test("pivot_idx_saturates: ours is the position in the whole series", () => {
    type Case = { majors_tail: { pivot_time: number; pivot_idx: number }[]; last_sr_snapshot_level_count: number };
    const { majors_tail, last_sr_snapshot_level_count } = quirk<Case>("pivot_idx_saturates");
    expect(majors_tail.map((pivot) => pivot.pivot_idx)).toEqual([107, 107, 107, 107, 107, 107]);
    const { events, headsAt } = modelLedger(wave(200), SETTINGS);
    const tail = majorsOf(events).slice(-6);
    expect(tail.map((pivot) => pivot.pivot_time)).toEqual(majors_tail.map((pivot) => pivot.pivot_time));
    // C-2: a candle at 60·(i+1) has index i.
    expect(tail.map((pivot) => pivot.pivot_idx)).toEqual([174, 178, 182, 186, 190, 194]);
    expect(last_sr_snapshot_level_count).toBe(3);
    expect(headsAt(12_000)?.heads.sr?.levels.length).toBe(19);
  });

  test("first_ingest_trims_store: the fold starts at the first candle", () => {
    const { first_major } = quirk<{ first_major: { event_key: string } }>("first_ingest_trims_store");
    expect(first_major.event_key).toBe("major:2100:resistance:2");
    const [first] = majorsOf(modelLedger(wave(130), SETTINGS).events);
    expect(first).toMatchObject({ pivot_time: 180, pivot_idx: 2, direction: "resistance" });
  });

  test("oversized_second_batch_skips_candles: every candle is folded", () => {
    const { last_event_candle_time } = quirk<{ last_event_candle_time: number }>(
      "oversized_second_batch_skips_candles",
    );
    expect(last_event_candle_time).toBe(9840);
    expect(modelLedger(wave(400), SETTINGS).events.at(-1)?.time).toBe(24_000);
  });
});
