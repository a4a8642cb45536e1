import fc from "fast-check";
import { expect, test } from "vitest";
import { emptySlots, slotAtOrAfter, slotAtOrBefore, slotCount } from "../../src/market/slots.js";

const range = (fromS: number, toS: number) => ({ fromS, toS });

test("empty slots are told as ranges, at the ends as in the middle", () => {
  expect(emptySlots([], range(0, 240), 60)).toEqual([range(0, 240)]);
  expect(emptySlots([0, 60, 120, 180, 240], range(0, 240), 60)).toEqual([]);
  expect(emptySlots([60, 180], range(0, 240), 60)).toEqual([range(0, 0), range(120, 120), range(240, 240)]);
  expect(emptySlots([60], range(120, 60), 60)).toEqual([]);
});

test("a candle off the grid fills no slot, and one outside the range counts for nothing", () => {
  expect(emptySlots([0, 61, 95, 120], range(0, 120), 60)).toEqual([range(60, 60)]);
  expect(emptySlots([0, 300], range(60, 180), 60)).toEqual([range(60, 180)]);
});

test("slots next to a time", () => {
  expect([slotAtOrAfter(60, 60), slotAtOrAfter(61, 60), slotAtOrBefore(60, 60), slotAtOrBefore(59, 60)]).toEqual([
    60, 120, 60, 0,
  ]);
});

test("every slot is either the time of a candle or in exactly one range", () => {
  const times = fc.uniqueArray(fc.nat(40 * 60), { maxLength: 60 }).map((list) => [...list].sort((a, b) => a - b));
  fc.assert(
    fc.property(times, fc.nat(20), fc.nat(20), (given, from, more) => {
      const whole = range(from * 60, (from + more) * 60);
      const empty = emptySlots(given, whole, 60);
      for (let slot = whole.fromS; slot <= whole.toS; slot += 60) {
        const ranges = empty.filter(({ fromS, toS }) => fromS <= slot && slot <= toS);
        expect(ranges).toHaveLength(given.includes(slot) ? 0 : 1);
      }
      const covered = given.filter((time) => time % 60 === 0 && time >= whole.fromS && time <= whole.toS).length;
      expect(empty.reduce((sum, one) => sum + slotCount(one, 60), covered)).toBe(slotCount(whole, 60));
    }),
  );
});
