import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  INTERVALS,
  isInterval,
  nextOpenTime,
  openTimeAt,
  previousOpenTime,
  utcMidnightMs,
} from "../../../src/sim/truth/intervals.js";

const anyMoment = fc.integer({ min: -2_000_000_000_000, max: 7_000_000_000_000 });

describe("intervals", () => {
  it("are production's, told apart by case", () => {
    expect(INTERVALS).toEqual([
      "1m",
      "3m",
      "5m",
      "15m",
      "30m",
      "1h",
      "2h",
      "4h",
      "6h",
      "8h",
      "12h",
      "1d",
      "3d",
      "1w",
      "1M",
    ]);
    expect(["1m", "1M", "1w"].every(isInterval)).toBe(true);
    expect(["1s", "1x", "1D", "", "toString"].some(isInterval)).toBe(false);
  });

  it.each(INTERVALS.map((interval) => [interval]))("tile time without holes or overlaps: %s", (interval) => {
    fc.assert(
      fc.property(anyMoment, (ms) => {
        const openMs = openTimeAt(interval, ms);
        const nextMs = nextOpenTime(interval, openMs);
        expect(openMs).toBeLessThanOrEqual(ms);
        expect(nextMs).toBeGreaterThan(ms);
        expect(openTimeAt(interval, openMs)).toBe(openMs);
        expect(openTimeAt(interval, nextMs)).toBe(nextMs);
        expect(previousOpenTime(interval, nextMs)).toBe(openMs);
      }),
    );
  });

  it("open weeks on Monday and months on the first, as the machine's calendar does", () => {
    fc.assert(
      fc.property(anyMoment, (ms) => {
        const week = new Date(openTimeAt("1w", ms));
        expect([week.getUTCDay(), week.getUTCHours()]).toEqual([1, 0]);
        const date = new Date(ms);
        expect(openTimeAt("1M", ms)).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
        const midnight = utcMidnightMs(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
        expect(midnight).toBe(openTimeAt("1d", ms));
      }),
    );
  });
});
