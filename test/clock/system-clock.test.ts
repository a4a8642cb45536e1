import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import {
  createSystemClock,
  formatClockScale,
  IO_TIMEOUT_REAL_FLOOR_MS,
  parseClockScale,
} from "../../src/clock/system-clock.js";

afterEach(() => void vi.useRealTimers());

/** From here on the machine's time is the test's. */
function ownTime(nowMs = 1_764_000_000_000): void {
  vi.useFakeTimers({ now: nowMs, toFake: ["setTimeout", "clearTimeout", "setImmediate", "Date", "performance"] });
}

/** Calls back after a time, and tells after how much of the machine's time that was. */
function firedAfter(start: (callback: () => void) => void, limitMs: number): number | undefined {
  const from = performance.now();
  let firedMs: number | undefined;
  start(() => {
    firedMs = performance.now() - from;
  });
  vi.advanceTimersByTime(limitMs);
  return firedMs;
}

test("unscaled, it is the machine's clock", () => {
  ownTime(1_764_000_000_123);
  const clock = createSystemClock();
  expect(clock.now()).toBe(1_764_000_000_123);
  const before = clock.monotonic();
  vi.advanceTimersByTime(1_500);
  expect(clock.now()).toBe(1_764_000_001_623);
  expect(clock.monotonic() - before).toBe(1_500);
});

test("the monotonic clock does not follow the wall clock's jumps", () => {
  ownTime();
  const clock = createSystemClock();
  const before = clock.monotonic();
  vi.setSystemTime(0);
  expect(clock.monotonic()).toBe(before);
  expect(clock.now()).toBe(0);
});

test("scaled, every timer and timestamp runs faster alike", () => {
  ownTime();
  const realMs = performance.timeOrigin + performance.now();
  const clock = createSystemClock({ virtualMs: 1_000_000, realMs, speed: 60 });
  expect(clock.now()).toBeCloseTo(1_000_000, 3);
  const before = clock.monotonic();
  vi.advanceTimersByTime(1_000);
  expect(clock.now()).toBeCloseTo(1_060_000, 3);
  expect(clock.monotonic() - before).toBeCloseTo(60_000, 6);
  expect(firedAfter((callback) => clock.setTimeout(callback, 60_000), 5_000)).toBe(1_000);
});

test("two processes with the same scale agree about the time", () => {
  ownTime();
  const scale = { virtualMs: 1_746_403_200_000, realMs: performance.timeOrigin + performance.now() - 5_000, speed: 60 };
  const one = createSystemClock(scale);
  vi.advanceTimersByTime(777);
  const two = createSystemClock(scale);
  expect(two.now()).toBe(one.now());
  expect(two.now()).toBeCloseTo(1_746_403_200_000 + 60 * 5_777, 2);
});

test("deadlines of input and output are shortened no further than to the floor", () => {
  ownTime();
  const clock = createSystemClock({ virtualMs: 0, realMs: Date.now(), speed: 60 });
  const io = (ms: number) => firedAfter((callback) => clock.ioTimeout(callback, ms), 400_000);
  expect(io(10_000)).toBe(IO_TIMEOUT_REAL_FLOOR_MS);
  expect(io(120_000)).toBe(IO_TIMEOUT_REAL_FLOOR_MS);
  expect(io(600_000)).toBe(10_000);
  // A deadline shorter than the floor is not made longer than it is.
  expect(io(500)).toBe(500);
});

test("unscaled and slowed clocks take deadlines as they are", () => {
  ownTime();
  const real = createSystemClock();
  expect(firedAfter((callback) => real.ioTimeout(callback, 500), 1_000)).toBe(500);
  const slow = createSystemClock({ virtualMs: 0, realMs: Date.now(), speed: 0.5 });
  expect(firedAfter((callback) => slow.ioTimeout(callback, 500), 2_000)).toBe(1_000);
});

test("waits longer than the machine's longest timer end when they should, once", () => {
  ownTime();
  const clock = createSystemClock();
  const days = 24 * 3_600_000;
  let fired = 0;
  clock.setTimeout(() => {
    fired += 1;
  }, 60 * days);
  vi.advanceTimersByTime(60 * days - 1);
  expect(fired).toBe(0);
  vi.advanceTimersByTime(1);
  expect(fired).toBe(1);
  vi.advanceTimersByTime(60 * days);
  expect(fired).toBe(1);
});

test("a cleared timer does not fire, also when it is a long one on its way", () => {
  ownTime();
  const clock = createSystemClock();
  const fired = vi.fn();
  const short = clock.setTimeout(fired, 10);
  const long = clock.setTimeout(fired, 2 ** 32);
  clock.clearTimeout(short);
  vi.advanceTimersByTime(2 ** 31);
  clock.clearTimeout(long);
  clock.clearTimeout(undefined);
  vi.advanceTimersByTime(2 ** 33);
  expect(fired).not.toHaveBeenCalled();
});

test("a wait of nothing, or less, is a wait for the next turn", () => {
  ownTime();
  const clock = createSystemClock();
  for (const ms of [0, -5]) expect(firedAfter((callback) => clock.setTimeout(callback, ms), 5)).toBeLessThanOrEqual(1);
});

test("real timers: no wait ends before its time", async () => {
  const clock = createSystemClock();
  const wait = async (ms: number): Promise<number> => {
    const before = clock.monotonic();
    await new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
    return clock.monotonic() - before - ms;
  };
  const early = await Promise.all(Array.from({ length: 40 }, (_, index) => wait(5 + index / 3)));
  expect(Math.min(...early)).toBeGreaterThanOrEqual(0);
  await new Promise<void>((resolve) => clock.immediate(resolve));
});

test("the text of a scale", () => {
  expect(parseClockScale("1746403200000@1764000000000x60")).toEqual({
    virtualMs: 1_746_403_200_000,
    realMs: 1_764_000_000_000,
    speed: 60,
  });
  expect(parseClockScale(" 0@1.5x0.25 ")).toEqual({ virtualMs: 0, realMs: 1.5, speed: 0.25 });
  expect(formatClockScale({ virtualMs: 5, realMs: 6.5, speed: 60 })).toBe("5@6.5x60");
});

test("what is no scale is refused with its value and the form", () => {
  for (const text of [
    "",
    "5",
    "5@6",
    "5x6",
    "5@6x",
    "5@6x0",
    "5@6x-1",
    "-5@6x1",
    "a@bxc",
    "5@6x1x2",
    "5@6 x1",
    "1e3@6x1",
  ]) {
    expect(() => parseClockScale(text), text).toThrow(`TRADE_CANVAS_SIM_CLOCK: '${text}' is not of the form`);
  }
});

test("a scale is read back from its text", () => {
  const ms = fc.integer({ min: 0, max: 4e12 });
  const speed = fc.integer({ min: 1, max: 60_000 }).map((hundredths) => hundredths / 100);
  fc.assert(
    fc.property(ms, ms, speed, (virtualMs, realMs, factor) => {
      const scale = { virtualMs, realMs, speed: factor };
      expect(parseClockScale(formatClockScale(scale))).toEqual(scale);
    }),
  );
});
