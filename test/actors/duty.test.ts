import { expect, test } from "vitest";
import { every, inTurns } from "../../src/actors/duty.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("work is done once per interval, from the end of the first until it is stopped", () => {
  const clock = new SimulatedClock();
  let times = 0;
  const duty = every(clock, 10, () => {
    times += 1;
  });
  duty.start();
  clock.advance(9);
  expect(times).toBe(0);
  clock.advance(21);
  expect(times).toBe(3);
  duty.stop();
  clock.advance(100);
  expect(times).toBe(3);
  expect(clock.pendingTimers).toBe(0);
});

test("turns never overlap: the pause begins when the work has ended", async () => {
  const clock = new SimulatedClock();
  const ends: (() => void)[] = [];
  const duty = inTurns(clock, 10, () => new Promise<void>((resolve) => ends.push(resolve)));
  duty.start();
  clock.advance(10);
  expect(ends).toHaveLength(1);
  clock.advance(100);
  await settle();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await settle();
  clock.advance(9);
  expect(ends).toHaveLength(1);
  clock.advance(1);
  expect(ends).toHaveLength(2);
  duty.stop();
});

test("a turn that ends after the stop is the last one", async () => {
  const clock = new SimulatedClock();
  const ends: (() => void)[] = [];
  const duty = inTurns(clock, 10, () => new Promise<void>((resolve) => ends.push(resolve)));
  duty.start();
  clock.advance(10);
  duty.stop();
  ends[0]?.();
  await settle();
  expect(clock.pendingTimers).toBe(0);
});
