import { describe, expect, test } from "vitest";
import { nextTurn, nowSeconds, sleep } from "../../src/clock/clock.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

describe("the simulated clock", () => {
  test("stands still until it is told to move", () => {
    const clock = new SimulatedClock(90_500);
    expect([clock.now(), clock.monotonic(), nowSeconds(clock)]).toEqual([90_500, 0, 90]);
    clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([90_750, 250]);
  });

  test("fires timers at their time, in order, ties in the order they were set", () => {
    const clock = new SimulatedClock();
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.setTimeout(note("b"), 20);
    clock.setTimeout(note("a"), 10);
    clock.setTimeout(note("c"), 20);
    clock.ioTimeout(note("io"), 15);
    clock.advance(19);
    expect(fired).toEqual(["a@10", "io@15"]);
    expect([clock.pendingTimers, clock.nextDueMs]).toEqual([2, 20]);
    clock.advance(1);
    expect(fired).toEqual(["a@10", "io@15", "b@20", "c@20"]);
    expect(clock.nextDueMs).toBeUndefined();
  });

  test("fires chained timers on the way, each at exactly its time", () => {
    const clock = new SimulatedClock();
    const times: number[] = [];
    const again = (): void => {
      times.push(clock.now());
      clock.setTimeout(again, 1_000);
    };
    clock.setTimeout(again, 1_000);
    clock.advance(10_000);
    expect(times).toEqual(Array.from({ length: 10 }, (_, index) => (index + 1) * 1_000));
  });

  test("a cleared timer does not fire; clearing twice, or nothing, is nothing", () => {
    const clock = new SimulatedClock();
    const timer = clock.setTimeout(() => expect.unreachable(), 5);
    clock.clearTimeout(timer);
    clock.clearTimeout(timer);
    clock.clearTimeout(undefined);
    clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
  });

  test("settled, it lets promises set further timers before it moves on", async () => {
    const clock = new SimulatedClock();
    const times: number[] = [];
    const loop = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await sleep(clock, 100);
        await nextTurn(clock);
        times.push(clock.now());
      }
    };
    void loop();
    await clock.advanceSettled(1_000);
    expect(times).toEqual([100, 200, 300]);
    expect(clock.now()).toBe(1_000);
  });
});

describe("sleep", () => {
  test("ends at once when its signal is aborted, before or meanwhile, and leaves no timer", async () => {
    const clock = new SimulatedClock();
    await sleep(clock, 1_000, AbortSignal.abort());
    const abort = new AbortController();
    const sleeping = sleep(clock, 1_000, abort.signal);
    abort.abort();
    await sleeping;
    expect([clock.now(), clock.pendingTimers]).toEqual([0, 0]);
  });
});
