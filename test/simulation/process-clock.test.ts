import { describe, expect, test } from "vitest";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { ProcessClock } from "../../src/simulation/process-clock.js";

describe("the clock of a simulated process", () => {
  test("begins with the process, and may show another time of day than the world's", () => {
    const world = new SimulatedClock(1_000_000);
    const clock = new ProcessClock(world, 250);
    world.advance(40);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_290, 40]);
  });

  test("jumps in its time of day alone", () => {
    const world = new SimulatedClock(1_000_000);
    const clock = new ProcessClock(world, 0);
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.monotonic()), 100);
    clock.jump(-5_000);
    expect([clock.now(), clock.monotonic()]).toEqual([995_000, 0]);
    world.advance(100);
    expect(fired).toEqual([100]);
  });

  test("fires never early, at whole milliseconds, so that remainders of rounding end", () => {
    const world = new SimulatedClock(1_746_000_000_000);
    const clock = new ProcessClock(world, 0);
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.monotonic()), 1e-9);
    clock.ioTimeout(() => fired.push(clock.monotonic()), 1.5);
    world.advance(10);
    expect(fired).toEqual([1, 2]);
  });

  test("counts a later turn as an event of the world, at the same time and in order", () => {
    const world = new SimulatedClock(0);
    const clock = new ProcessClock(world, 0);
    const order: string[] = [];
    clock.setTimeout(() => order.push("timer"), 0);
    clock.immediate(() => order.push("turn"));
    expect(order).toEqual([]);
    world.advance(0);
    expect(order).toEqual(["timer", "turn"]);
  });

  test("stands still while the machine sleeps, but for the time of day; timers come so much later (F25)", () => {
    const world = new SimulatedClock(1_000_000);
    const clock = new ProcessClock(world, 0);
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(world.now() - 1_000_000), 100);
    world.advance(40);
    clock.sleep(5_000);
    clock.sleep(9_000);
    expect(clock.asleepForMs()).toBe(5_000);
    world.advance(5_000);
    expect([clock.asleepForMs(), clock.now() - 1_000_000, clock.monotonic(), fired]).toEqual([0, 5_040, 40, []]);
    clock.setTimeout(() => fired.push(world.now() - 1_000_000), 10);
    world.advance(60);
    expect(fired).toEqual([5_050, 5_100]);
  });

  test("fires nothing of a dead process, and takes nothing from it", () => {
    const world = new SimulatedClock(0);
    const clock = new ProcessClock(world, 0);
    clock.setTimeout(() => expect.unreachable(), 10);
    const cleared = clock.setTimeout(() => expect.unreachable(), 10);
    clock.clearTimeout(cleared);
    clock.clearTimeout(undefined);
    expect(clock.pendingTimers).toBe(1);
    clock.kill();
    clock.setTimeout(() => expect.unreachable(), 10);
    expect([clock.pendingTimers, world.pendingTimers]).toEqual([0, 0]);
    world.advance(100);
  });
});
