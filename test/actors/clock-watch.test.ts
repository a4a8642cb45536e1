/** Clocks that jump, machines that sleep. F25. */
import { describe, expect, test } from "vitest";
import {
  CLOCK_DRIFT_MS,
  CLOCK_WATCH_PERIOD_MS,
  type ClockMoved,
  ClockWatch,
  LATE_MS,
  SLEEP_MS,
} from "../../src/actors/clock-watch.js";
import { SettableClock } from "../support/settable-clock.js";

/** A clock whose timers can be late, as after a sleep. */
class SleepyClock extends SettableClock {
  sleptMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.sleptMs;
  }

  override now(): number {
    return super.now() + this.sleptMs;
  }
}

function watched() {
  const clock = new SleepyClock(1_000_000);
  const told: ClockMoved[] = [];
  const watch = new ClockWatch(clock, (moved) => told.push(moved));
  watch.start();
  return { clock, told, watch };
}

describe("a clock watch", () => {
  test("says nothing while both clocks go on together, and none of its timers is late", () => {
    const { clock, told } = watched();
    clock.advance(3_600_000);
    clock.wallShiftMs = CLOCK_DRIFT_MS;
    clock.sleptMs = LATE_MS;
    clock.advance(3_600_000);
    expect(told).toEqual([]);
  });

  test.each([CLOCK_DRIFT_MS + 1, -CLOCK_DRIFT_MS - 1, 3_600_000])(
    "tells a wall clock that was moved by %i ms, once",
    (byMs) => {
      const { clock, told } = watched();
      clock.advance(12_000);
      clock.wallShiftMs = byMs;
      clock.advance(60_000);
      expect(told).toEqual([{ type: "jumped", byMs }]);
    },
  );

  test.each([
    ["late", LATE_MS + 1],
    ["late", SLEEP_MS],
    ["slept", SLEEP_MS + 1],
  ])("tells that it was %s by %i ms", (type, byMs) => {
    const { clock, told } = watched();
    clock.sleptMs = byMs;
    clock.advance(60_000);
    expect(told).toEqual([{ type, byMs }]);
  });

  test("says nothing after its end", () => {
    const { clock, told, watch } = watched();
    watch.stop();
    clock.wallShiftMs = 60_000;
    clock.advance(CLOCK_WATCH_PERIOD_MS * 2);
    expect([told, clock.pendingTimers]).toEqual([[], 0]);
  });
});
