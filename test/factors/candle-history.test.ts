import { describe, expect, test } from "vitest";
import { CandleHistory, type SavedHistory } from "../../src/factors/candle-history.js";
import { BLOCK_CANDLES, CloseHistory, type SearchTrail } from "../../src/factors/close-history.js";
import type { Candle } from "../../src/market/candle.js";
import { seededWalk } from "../support/random-series.js";
import { closesOf } from "./fold.js";

const RECENT = 7;
const candles = seededWalk({ seed: 4, count: 2 * BLOCK_CANDLES + 20, holeChance: 0.02 });
const freshTrail = (): SearchTrail => ({ highest: -Infinity, lowest: Infinity, close: 0, time: 0 });

function pushed(history: CandleHistory, from = 0, to = candles.length): CandleHistory {
  for (const candle of candles.slice(from, to)) history.push(candle);
  return history;
}

function restoredFrom(stored: readonly Candle[], saved: SavedHistory, recent: readonly Candle[]): CandleHistory {
  return CandleHistory.restore(RECENT, CloseHistory.restore(closesOf(stored), saved), saved, recent);
}

/** Everything that can be asked of the newest candles. */
function recentOf(history: CandleHistory): (readonly [time: number, high: number, low: number])[] {
  const indices = Array.from({ length: Math.min(RECENT, history.count) }, (_, at) => history.count - 1 - at);
  return indices.map((index) => [history.recentTime(index), history.recentHigh(index), history.recentLow(index)]);
}

const newest = (count: number) =>
  candles
    .slice(Math.max(0, count - RECENT), count)
    .reverse()
    .map(({ time, high, low }) => [time, high, low]);

describe("the newest candles", () => {
  test("are known by their index, from the first candle on", () => {
    const history = new CandleHistory(RECENT, new CloseHistory(closesOf(candles)));
    expect(history.count).toBe(0);
    for (let count = 1; count <= 3 * RECENT; count += 1) {
      pushed(history, count - 1, count);
      expect(history.count).toBe(count);
      expect(recentOf(history)).toEqual(newest(count));
    }
  });

  test("are given to a restored history, which then goes on", () => {
    const saved = pushed(new CandleHistory(RECENT, new CloseHistory(closesOf(candles))), 0, BLOCK_CANDLES).save();
    for (const given of [RECENT, RECENT + 3, BLOCK_CANDLES]) {
      const recent = candles.slice(BLOCK_CANDLES - given, BLOCK_CANDLES);
      const restored = restoredFrom(candles, saved, recent);
      expect(restored.count).toBe(BLOCK_CANDLES);
      expect(recentOf(restored)).toEqual(newest(BLOCK_CANDLES));
      pushed(restored, BLOCK_CANDLES, BLOCK_CANDLES + 3);
      expect(recentOf(restored)).toEqual(newest(BLOCK_CANDLES + 3));
    }
  });

  test("may be fewer than asked for where there are no more", () => {
    const restored = restoredFrom([], { count: 0, firstBlock: 0, blocks: [] }, []);
    expect(restored.count).toBe(0);
    expect(recentOf(pushed(restored, 0, 2))).toEqual(newest(2));
  });
});

describe("the closes of all candles", () => {
  test("are known, before and after they were saved and let go of", () => {
    const top = Math.max(...candles.map(({ close }) => close));
    const expected = candles.findIndex(({ close }) => close === top);
    const history = pushed(new CandleHistory(RECENT, new CloseHistory(closesOf(candles))), 0, 2 * BLOCK_CANDLES);
    const saved = JSON.parse(JSON.stringify(history.save()));
    expect(saved.count).toBe(2 * BLOCK_CANDLES);
    const recent = candles.slice(2 * BLOCK_CANDLES - RECENT, 2 * BLOCK_CANDLES);
    const restored = restoredFrom(candles, saved, recent);
    for (const one of [history, restored]) {
      pushed(one, 2 * BLOCK_CANDLES);
      const trail = freshTrail();
      expect(one.closes.firstAbove(0, one.count, top - 0.25, trail)).toBe(expected);
      expect(trail).toMatchObject({ close: top, time: candles[expected]?.time });
    }
  });

  test("can be saved only between two blocks", () => {
    const history = pushed(new CandleHistory(RECENT, new CloseHistory(closesOf(candles))), 0, BLOCK_CANDLES + 1);
    expect(() => history.save()).toThrow("not at 257");
  });
});
