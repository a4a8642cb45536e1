import { describe, expect, it } from "vitest";
import { CLOCK_JUMP_MS, ExchangeTime, TIME_SYNC_INTERVAL_MS } from "../../../src/exchange/binance/exchange-time.js";
import { SettableClock } from "../../support/settable-clock.js";

const START_MS = 1_746_403_200_000;

function setUp() {
  const clock = new SettableClock(START_MS);
  const time = new ExchangeTime(clock);
  /** A `/time` exchange with the given travel times, by an exchange that is `aheadMs` ahead of the machine's true time. */
  const sync = (aheadMs: number, outMs: number, backMs: number): void => {
    const sentMonotonicMs = clock.monotonic();
    clock.advance(outMs);
    const serverTimeMs = START_MS + clock.monotonic() + aheadMs;
    clock.advance(backMs);
    time.observe({ serverTimeMs, sentMonotonicMs, receivedMonotonicMs: clock.monotonic() });
  };
  return { clock, time, sync };
}

describe("ExchangeTime", () => {
  it("is the machine's clock until the exchange has told its time", () => {
    const { clock, time } = setUp();
    clock.advance(1234);
    expect([time.exchangeNowMs(), time.offsetMs(), time.uncertaintyMs()]).toEqual([START_MS + 1234, 0, 0]);
    expect(time.needsSync()).toBe(true);
  });

  it("F24: corrects by half the round trip", () => {
    const { clock, time, sync } = setUp();
    sync(-5_000, 40, 40);
    expect(time.offsetMs()).toBe(-5_000);
    expect(time.uncertaintyMs()).toBe(40);
    clock.advance(10_000);
    expect(time.exchangeNowMs()).toBe(START_MS + 80 + 10_000 - 5_000);
    expect(time.needsSync()).toBe(false);
  });

  it("is off by at most its uncertainty when the ways are not equally long", () => {
    for (const [outMs, backMs] of [
      [0, 900],
      [900, 0],
      [100, 800],
    ] as const) {
      const { time, sync } = setUp();
      sync(2_000, outMs, backMs);
      expect(Math.abs(time.offsetMs() - 2_000)).toBeLessThanOrEqual(time.uncertaintyMs());
    }
  });

  it("prefers the sample with the shortest round trip, and among equal ones the newest", () => {
    const { time, sync } = setUp();
    sync(1_000, 10, 10);
    sync(1_000, 0, 3_000);
    expect([time.offsetMs(), time.uncertaintyMs()]).toEqual([1_000, 10]);
    sync(1_010, 10, 10);
    expect(time.offsetMs()).toBe(1_010);
  });

  it("forgets samples that a new one contradicts", () => {
    const { time, sync } = setUp();
    sync(0, 1, 1);
    sync(60_000, 100, 100);
    expect([time.offsetMs(), time.uncertaintyMs()]).toEqual([60_000, 100]);
  });

  it("drops old samples, however good", () => {
    const { clock, time, sync } = setUp();
    sync(0, 1, 1);
    clock.advance(3 * TIME_SYNC_INTERVAL_MS);
    sync(150, 200, 200);
    expect(time.uncertaintyMs()).toBe(200);
  });

  it("F25: is not moved by a jump of the wall clock, but asks again", () => {
    const { clock, time, sync } = setUp();
    sync(0, 5, 5);
    const beforeMs = time.exchangeNowMs();
    clock.wallShiftMs = 3_600_000;
    expect(time.exchangeNowMs()).toBe(beforeMs);
    expect(time.offsetMs()).toBe(-3_600_000);
    expect(time.needsSync()).toBe(true);
    clock.wallShiftMs = CLOCK_JUMP_MS;
    expect(time.needsSync()).toBe(false);
  });

  it("asks again after a while", () => {
    const { clock, time, sync } = setUp();
    sync(0, 5, 5);
    clock.advance(TIME_SYNC_INTERVAL_MS - 1);
    expect(time.needsSync()).toBe(false);
    clock.advance(1);
    expect(time.needsSync()).toBe(true);
  });
});
