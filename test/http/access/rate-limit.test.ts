import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageRate } from "../../../src/http/access/message-rate.js";
import { BURST_S, MAX_BUCKETS, RateLimit } from "../../../src/http/access/rate-limit.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

function take(limit: RateLimit, key: string, count: number): number {
  return Array.from({ length: count }, () => limit.take(key)).filter((wait) => wait === 0).length;
}

test("a burst is let pass, then so many a second, and it is said when to come again", () => {
  const clock = new SimulatedClock();
  const limit = new RateLimit(clock, 5);
  expect(take(limit, "a", 1_000)).toBe(5 * BURST_S);
  expect(limit.take("a")).toBe(1);
  clock.advance(200);
  expect(take(limit, "a", 10)).toBe(1);
  clock.advance(1_000);
  expect(take(limit, "a", 10)).toBe(5);
});

test("asking in vain costs nothing", () => {
  const clock = new SimulatedClock();
  const limit = new RateLimit(clock, 1);
  take(limit, "a", BURST_S);
  for (let at = 0; at < 9; at += 1) {
    clock.advance(100);
    expect(limit.take("a")).toBe(1);
  }
  clock.advance(100);
  expect(limit.take("a")).toBe(0);
});

test("what is saved up is no more than a burst, however long it takes", () => {
  const clock = new SimulatedClock();
  const limit = new RateLimit(clock, 2);
  clock.advance(1_000_000);
  expect(take(limit, "a", 100)).toBe(2 * BURST_S);
  clock.advance(1_000_000);
  expect(take(limit, "a", 100)).toBe(2 * BURST_S);
});

test("one key costs another nothing", () => {
  const limit = new RateLimit(new SimulatedClock(), 1);
  expect(take(limit, "a", 100)).toBe(BURST_S);
  expect(take(limit, "b", 100)).toBe(BURST_S);
});

test("never more than the burst and the rate, whenever it is asked", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 60 }))), (steps) => {
      const clock = new SimulatedClock();
      const limit = new RateLimit(clock, 3);
      let [passed, elapsedMs] = [0, 0];
      for (const [ms, count] of steps) {
        clock.advance(ms);
        elapsedMs += ms;
        passed += take(limit, "a", count);
        expect(passed).toBeLessThanOrEqual(3 * BURST_S + (3 * elapsedMs) / 1_000 + 1e-6);
      }
    }),
  );
});

test("no more keys are remembered than there may be: the one that was quiet longest begins anew", () => {
  const limit = new RateLimit(new SimulatedClock(), 1);
  take(limit, "quiet", BURST_S);
  take(limit, "busy", BURST_S);
  for (let at = 0; at < MAX_BUCKETS - 1; at += 1) {
    limit.take(`k${at}`);
    expect(limit.take("busy")).toBe(1);
  }
  expect(limit.take("quiet")).toBe(0);
  expect(limit.take("busy")).toBe(1);
});

test("a client may say as much as its rate, and hears that it was too much", () => {
  const clock = new SimulatedClock();
  const rate = new MessageRate(clock, 50);
  for (let at = 0; at < 50 * BURST_S; at += 1) expect(rate.take()).toBe(true);
  expect(rate.take()).toBe(false);
  clock.advance(20);
  expect([rate.take(), rate.take()]).toEqual([true, false]);
});
