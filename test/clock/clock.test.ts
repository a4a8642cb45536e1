import { expect, test } from "vitest";
import { nextTurn, nowSeconds, sleep, withLimit } from "../../src/clock/clock.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("a sleep ends when its time has come, not before", async () => {
  const clock = new SimulatedClock();
  let awake = false;
  const sleeping = sleep(clock, 1_000).then(() => {
    awake = true;
  });
  clock.advance(999);
  await settle();
  expect(awake).toBe(false);
  clock.advance(1);
  await sleeping;
  expect(clock.pendingTimers).toBe(0);
});

test("an abort ends a sleep at once and leaves no timer", async () => {
  const clock = new SimulatedClock();
  const abort = new AbortController();
  const sleeping = sleep(clock, 1_000, abort.signal);
  abort.abort();
  await sleeping;
  expect(clock.pendingTimers).toBe(0);
});

test("a sleep that is aborted before it begins does not begin", async () => {
  const clock = new SimulatedClock();
  await sleep(clock, 1_000, AbortSignal.abort());
  expect(clock.pendingTimers).toBe(0);
});

test("a sleep that ended leaves no listener on its signal", async () => {
  const clock = new SimulatedClock();
  let listeners = 0;
  const signal = {
    aborted: false,
    addEventListener: () => {
      listeners += 1;
    },
    removeEventListener: () => {
      listeners -= 1;
    },
  } as unknown as AbortSignal;
  const sleeping = sleep(clock, 10, signal);
  expect(listeners).toBe(1);
  clock.advance(10);
  await sleeping;
  expect(listeners).toBe(0);
});

test("seconds are whole, and never those to come", () => {
  expect(nowSeconds(new SimulatedClock(1_999))).toBe(1);
  expect(nowSeconds(new SimulatedClock(2_000))).toBe(2);
});

test("the next turn comes after what was under way, and without time passing", async () => {
  const clock = new SimulatedClock(5);
  const order: string[] = [];
  const turn = nextTurn(clock).then(() => order.push("turn"));
  await Promise.resolve();
  order.push("promise");
  await turn;
  expect(order).toEqual(["promise", "turn"]);
  expect(clock.now()).toBe(5);
});

test("work with a limit is told when its time is over, and not before", async () => {
  const clock = new SimulatedClock();
  let limit: AbortSignal | undefined;
  const work = withLimit(clock, 1_000, (signal) => {
    limit = signal;
    return new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("late")));
  });
  clock.advance(999);
  expect(limit?.aborted).toBe(false);
  clock.advance(1);
  expect(await work).toBe("late");
});

test.each([
  ["ends", () => Promise.resolve("done")],
  ["fails", () => Promise.reject(new Error("no"))],
])("a limit leaves no timer when the work %s", async (_, work) => {
  const clock = new SimulatedClock();
  await withLimit<string>(clock, 1_000, work).catch(() => undefined);
  expect(clock.pendingTimers).toBe(0);
});
