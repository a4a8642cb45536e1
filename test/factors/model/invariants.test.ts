/** What must hold of every ledger, whatever the candles. Spec: factors §16. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../src/market/candle.js";
import { candleSeriesOf } from "../../support/random-series.js";
import * as Model from "./index.js";

const WINDOWS = fc.record({ major: fc.integer({ min: 1, max: 5 }), minor: fc.integer({ min: 1, max: 3 }) });
const RUNS = 100;
const ROUNDING = 1e-9;

/** Runs a check over the ledgers of random series. */
function everyLedger(check: (ledger: Model.ModelLedger, candles: Candle[], settings: Model.ModelSettings) => void) {
  const series = candleSeriesOf({ maxCandles: 120 });
  const property = fc.property(series, WINDOWS, (candles, windows) => {
    const settings = { timeframeSeconds: 60, ...windows };
    check(Model.modelLedger(candles, settings), candles, settings);
  });
  fc.assert(property, { numRuns: RUNS });
}

function payloadsOf<Kind extends Model.ModelEvent["kind"]>(ledger: Model.ModelLedger, kind: Kind) {
  return ledger.events
    .filter((event) => event.kind === kind)
    .map((event) => event.payload as Extract<Model.ModelEvent, { kind: Kind }>["payload"]);
}

describe("of every ledger", () => {
  test("a prefix of the candles has a prefix of the events, and the same heads", () => {
    everyLedger((ledger, candles, settings) => {
      const prefix = candles.slice(0, Math.floor(candles.length / 2));
      const end = prefix.at(-1)?.time ?? -1;
      const part = Model.modelLedger(prefix, settings);
      expect(part.events).toEqual(ledger.events.filter((event) => event.time <= end));
      expect(part.headsAt(end)).toEqual(ledger.headsAt(end));
    });
  });

  test("keys are unique, times ascend, and an event is dated when it becomes visible", () => {
    everyLedger(({ events }) => {
      expect(new Set(events.map((event) => event.key)).size).toBe(events.length);
      expect(events.map((event) => event.time)).toEqual(events.map((event) => event.time).sort((a, b) => a - b));
      for (const event of events) expect(event.payload.visible_time).toBe(event.time);
    });
  });

  test("a pivot is known one window later; a minor lies its window behind the last major of any kind", () => {
    everyLedger((ledger, candles, { major, minor }) => {
      let lastMajor: number | null = null;
      for (const { kind, payload } of ledger.events) {
        if (kind !== "pivot.major" && kind !== "pivot.minor") continue;
        const window = kind === "pivot.major" ? major : minor;
        expect(payload.window).toBe(window);
        expect(payload.visible_time - payload.pivot_time).toBe(window * 60);
        expect(candles[payload.pivot_idx]?.time).toBe(payload.pivot_time);
        if (kind === "pivot.major") lastMajor = payload.pivot_idx;
        else expect(payload.pivot_idx - minor).toBeGreaterThanOrEqual(lastMajor ?? Number.POSITIVE_INFINITY);
      }
    });
  });

  test("pens form a chain, and their head looks at no later candle", () => {
    everyLedger((ledger, candles) => {
      const pens = payloadsOf(ledger, "pen.confirmed");
      for (const [i, pen] of pens.entries()) {
        const next = pens[i + 1];
        if (next !== undefined) {
          expect([next.start_time, next.start_price]).toEqual([pen.end_time, pen.end_price]);
          expect(next.visible_time).toBeGreaterThanOrEqual(pen.visible_time);
        }
        expect(pen.start_time).toBeLessThanOrEqual(pen.end_time);
        expect(pen.end_time).toBeLessThanOrEqual(pen.visible_time);
      }
      for (const { time } of candles) {
        const view = ledger.headsAt(time);
        expect(view?.preview.extending?.end_time ?? time).toBeLessThanOrEqual(time);
        expect(view?.preview.candidate?.end_time ?? time).toBeLessThanOrEqual(time);
        expect(view?.heads.anchor?.current_anchor_ref?.end_time ?? time).toBeLessThanOrEqual(time);
      }
    });
  });

  test("zones have bounds and a past, and at most one lives", () => {
    everyLedger((ledger, candles) => {
      for (const dead of payloadsOf(ledger, "zhongshu.dead")) {
        expect(dead.zd).toBeLessThanOrEqual(dead.zg);
        expect(dead.start_time).toBeLessThanOrEqual(dead.formed_time);
        expect(dead.formed_time).toBeLessThanOrEqual(dead.death_time);
        expect(dead.end_time).toBeLessThanOrEqual(dead.death_time);
      }
      for (const { time } of candles) {
        const { alive, heads } = ledger.headsAt(time)!;
        expect(heads.zhongshu?.alive ?? []).toEqual(alive === null ? [] : [alive]);
        if (alive !== null) expect([alive.visible_time, alive.death_time]).toEqual([time, null]);
      }
    });
  });

  test("the anchor is there from the first pen on; healed switches have distinct starts and times", () => {
    everyLedger((ledger, candles, settings) => {
      const firstPen = payloadsOf(ledger, "pen.confirmed")[0]?.visible_time ?? Number.POSITIVE_INFINITY;
      for (const { time } of candles) expect(ledger.headsAt(time)?.anchor !== null).toBe(time >= firstPen);
      const strongTimes = payloadsOf(ledger, "anchor.switch").flatMap((row) =>
        row.reason === "strong_pen" ? [row.switch_time] : [],
      );
      expect(new Set(strongTimes).size).toBe(strongTimes.length);
      const end = candles.at(-1)?.time ?? 0;
      const history = Model.modelSlices(ledger, settings, end, candles.length * 10).anchor?.history;
      const switches = (history?.switches ?? []) as Model.SwitchPayload[];
      expect(history?.anchors ?? []).toEqual(switches.map((row) => row.new_anchor));
      expect(new Set(switches.map((row) => row.switch_time)).size).toBe(switches.length);
      expect(new Set(switches.map((row) => row.new_anchor.start_time)).size).toBe(switches.length);
    });
  });

  test("levels are few, ordered and bounded; a tick with a major takes one snapshot", () => {
    everyLedger((ledger) => {
      const majorTimes = new Set(payloadsOf(ledger, "pivot.major").map((pivot) => pivot.visible_time));
      const snapshots = payloadsOf(ledger, "sr.snapshot");
      expect(snapshots.map((snapshot) => snapshot.visible_time)).toEqual([...majorTimes]);
      for (const { levels, pivots } of snapshots) {
        expect(levels.filter((level) => level.status !== "broken").length).toBeLessThanOrEqual(10);
        expect(pivots.length).toBe(2 * levels.length);
        for (const level of levels) {
          expect(level.first_idx).toBeLessThan(level.last_idx);
          expect(level.band_low).toBeLessThanOrEqual(level.band_high);
          expect(level.band_width_atr).toBeGreaterThanOrEqual(0.5 - ROUNDING);
          expect(level.band_width_atr).toBeLessThanOrEqual(3 + ROUNDING);
          expect(level.death_price).toBe(level.status === "active" ? null : level.price);
        }
      }
    });
  });
});
