import { expect, test } from "vitest";
import { FORCE_INTERVAL_MS, ForceLimiter, MAX_REMEMBERED_KEYS } from "../../src/http/force-limiter.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

test("a key passes once per interval, whatever others do", () => {
  const clock = new SimulatedClock(1_000_000);
  const limiter = new ForceLimiter(clock);
  expect([limiter.pass("a"), limiter.pass("a"), limiter.pass("b")]).toEqual([true, false, true]);
  clock.advance(FORCE_INTERVAL_MS - 1);
  expect(limiter.pass("a")).toBe(false);
  clock.advance(1);
  expect([limiter.pass("a"), limiter.pass("a")]).toEqual([true, false]);
});

test("of too many keys none more passes, until the interval is over", () => {
  const clock = new SimulatedClock(1_000_000);
  const limiter = new ForceLimiter(clock);
  for (let key = 0; key < MAX_REMEMBERED_KEYS; key += 1) expect(limiter.pass(String(key))).toBe(true);
  expect(limiter.pass("one more")).toBe(false);
  clock.advance(FORCE_INTERVAL_MS);
  expect(limiter.pass("one more")).toBe(true);
});
