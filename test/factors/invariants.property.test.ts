/** What holds of each factor over every series. Spec: factors §16. */
import { expect, test } from "vitest";
import type { AnchorRef, AnchorSwitch } from "../../src/factors/anchor.js";
import { healSwitches } from "../../src/factors/anchor-history.js";
import { type Pen, penFactor } from "../../src/factors/pen.js";
import type { Pivot } from "../../src/factors/pivot.js";
import { type DeadZone, type ZhongshuFacts, zhongshuFactor } from "../../src/factors/zhongshu.js";
import type { Zone } from "../../src/factors/zhongshu-zone.js";
import { poolOf } from "./any-series.js";
import { headOf, TIMEFRAME_SECONDS, type WireEvent } from "./fold.js";
import { folded, seriesForInvariants } from "./folded.js";
import type { SrPayload, SrSnapshot } from "./model/index.js";

const holdsForAll = poolOf(seriesForInvariants(), 60, folded);

function payloadsOf<Payload>(events: readonly WireEvent[], kind: string): Payload[] {
  return events.filter((event) => event.kind === kind).map(({ payload }) => payload as Payload);
}

test("pivot: known exactly a window after it was", () => {
  holdsForAll(({ events, candles }) => {
    const pivots = [...payloadsOf<Pivot>(events, "pivot.major"), ...payloadsOf<Pivot>(events, "pivot.minor")];
    const wrong = pivots.filter(({ visible_time, pivot_time, window, pivot_idx, direction, pivot_price }) => {
      const candle = candles[pivot_idx];
      const extreme = direction === "resistance" ? candle?.high : candle?.low;
      const isDelayed = visible_time - pivot_time === window * TIMEFRAME_SECONDS;
      return !isDelayed || candle?.time !== pivot_time || extreme !== pivot_price;
    });
    expect(wrong).toEqual([]);
  });
});

test("pen: each begins where the one before ended, known no earlier", () => {
  holdsForAll(({ events }) => {
    const pens = payloadsOf<Pen>(events, "pen.confirmed");
    for (const [index, pen] of pens.entries()) {
      expect(pen.start_time <= pen.end_time && pen.end_time <= pen.visible_time).toBe(true);
      expect(pen.direction).toBe(pen.end_price > pen.start_price ? 1 : -1);
      const before = pens[index - 1];
      if (before === undefined) continue;
      expect([pen.start_time, pen.start_price, pen.start_idx]).toEqual([
        before.end_time,
        before.end_price,
        before.end_idx,
      ]);
      expect(pen.visible_time).toBeGreaterThanOrEqual(before.visible_time);
    }
  });
});

test("zhongshu: bounds and times are in order; at most one is alive, seen at the candle", () => {
  type Alive = Omit<DeadZone, "death_time"> & { readonly death_time: null };
  const isInOrder = ({ zd, zg, start_time, formed_time, end_time, visible_time }: DeadZone | Alive) =>
    zd <= zg && start_time <= formed_time && formed_time <= visible_time && end_time <= visible_time;
  holdsForAll(({ events, frames }) => {
    const dead = payloadsOf<DeadZone>(events, "zhongshu.dead");
    expect(dead.filter((zone) => !isInOrder(zone) || zone.death_time !== zone.visible_time)).toEqual([]);
    const wrong = frames.filter((frame) => {
      const { alive } = headOf(zhongshuFactor, frame) as { alive: Alive[] };
      const isSeenNow = (zone: Alive) => zone.visible_time === frame.candle.time && zone.death_time === null;
      return alive.length > 1 || !alive.every((zone) => isInOrder(zone) && isSeenNow(zone));
    });
    expect(wrong).toEqual([]);
  });
});

const isSameZone = (zone: Zone, other: Zone | null): boolean =>
  zone.start_time === other?.start_time && zone.formed_time === other.formed_time;

test("zhongshu: a zone goes only with a death, and it dies of a pen that lies outside wholly", () => {
  holdsForAll(({ frames }) => {
    let before: Zone | null = null;
    for (const frame of frames) {
      const { alive, died, formed }: ZhongshuFacts = frame.factsOf(zhongshuFactor);
      const { confirmed } = frame.factsOf(penFactor);
      for (const { zg, zd } of died) {
        const isOutside = ({ start_price, end_price }: Pen) =>
          Math.max(start_price, end_price) < zd || Math.min(start_price, end_price) > zg;
        expect(confirmed.some(isOutside)).toBe(true);
      }
      if (before !== null && !isSameZone(before, alive)) {
        const { start_time, formed_time } = before;
        expect(died).toContainEqual(expect.objectContaining({ start_time, formed_time }));
      }
      // An outside candle confirms two pens: the first may form a zone, and the second leave it.
      const known = [before, ...formed].map((zone) => zone?.start_time);
      for (const { start_time } of died) expect(known).toContain(start_time);
      before = alive;
    }
  });
});

test("anchor: one strong pen per candle; each switch leads away from the anchor before", () => {
  holdsForAll(({ events }) => {
    const switches = payloadsOf<AnchorSwitch>(events, "anchor.switch");
    const strong = switches.filter(({ reason }) => reason === "strong_pen").map(({ switch_time }) => switch_time);
    expect(new Set(strong).size).toBe(strong.length);
    for (const [index, { old_anchor, new_anchor }] of switches.entries()) {
      expect(old_anchor === null).toBe(index === 0);
      expect(old_anchor?.start_time).toBe(switches[index - 1]?.new_anchor.start_time);
      expect(new_anchor.start_time).not.toBe(old_anchor?.start_time);
    }
  });
});

test("anchor: healed, switches and anchors are one to one, and neither a time nor an anchor comes twice", () => {
  holdsForAll(({ events }) => {
    const rows = payloadsOf<AnchorSwitch>(events, "anchor.switch").map((row) => JSON.stringify(row));
    const healed = healSwitches(rows);
    const anchors = (healed.get("anchors") ?? []).map((text) => JSON.parse(text) as AnchorRef);
    const switches = (healed.get("switches") ?? []).map((text) => JSON.parse(text) as AnchorSwitch);
    expect(anchors).toEqual(switches.map(({ new_anchor }) => new_anchor));
    expect(new Set(anchors.map(({ start_time }) => start_time)).size).toBe(anchors.length);
    expect(new Set(switches.map(({ switch_time }) => switch_time)).size).toBe(switches.length);
    expect(rows).toEqual(expect.arrayContaining(healed.get("switches") as string[]));
  });
});

test("sr: levels keep their bounds", () => {
  const rounding = 1e-9;
  holdsForAll(({ events }) => {
    const snapshots: SrSnapshot[] = payloadsOf<SrPayload>(events, "sr.snapshot");
    for (const { algorithm, levels, pivots } of snapshots) {
      expect(levels.filter(({ status }) => status !== "broken").length).toBeLessThanOrEqual(10);
      expect(pivots.length).toBe(2 * levels.length);
      expect(algorithm).toBe(levels.length === 0 ? "" : "pivot_wick_overlap");
      for (const level of levels) {
        const { first_idx, last_idx, band_low, band_high, band_width_atr, count, death_idx, status } = level;
        const isBound = first_idx < last_idx && band_low <= band_high && count >= 2;
        const isWide = band_width_atr >= 0.5 - rounding && band_width_atr <= 3 + rounding;
        if (!isBound || !isWide || (death_idx === null) !== (status === "active")) {
          expect.unreachable(JSON.stringify(level));
        }
      }
    }
  });
});
