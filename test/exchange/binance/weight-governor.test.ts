import { describe, expect, it, onTestFinished } from "vitest";
import { MAX_WAITING_REQUESTS } from "../../../src/exchange/binance/weight-governor.js";
import {
  MAX_REQUESTS_IN_FLIGHT,
  MINUTE_GUARD_MS,
  WEIGHT_CEILING,
} from "../../../src/exchange/binance/weight-minute.js";
import { answered, learn, MINUTE_MS, never, refused, setUp, watch } from "./governor-world.js";

describe("the first request of a minute", () => {
  it("goes alone; the others wait for the count in its answer", async () => {
    const { clock, governor } = setUp();
    const first = watch(governor.acquire(2, never));
    const others = [1, 2, 3].map(() => watch(governor.acquire(2, never)));
    await clock.advanceSettled(0);
    expect([first.permit !== undefined, ...others.map((other) => other.permit !== undefined)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    first.permit?.settle(answered(2));
    await clock.advanceSettled(0);
    expect(others.every((other) => other.permit !== undefined)).toBe(true);
  });

  it("is followed by a single one again when no answer came", async () => {
    const { clock, governor } = setUp();
    const [first, second, third] = [1, 2, 3].map(() => watch(governor.acquire(2, never)));
    await clock.advanceSettled(0);
    first?.permit?.settle({ type: "unanswered" });
    await clock.advanceSettled(0);
    expect([second?.permit !== undefined, third?.permit !== undefined]).toEqual([true, false]);
  });

  it("goes even when it weighs more than the ceiling, or nothing would ever be learnt", async () => {
    const { clock, governor } = setUp({ limitPerMinute: 10 });
    const heavy = watch(governor.acquire(20, never));
    await clock.advanceSettled(0);
    expect(heavy.permit).toBeDefined();
  });
});

describe("the count of the exchange", () => {
  it("F28, B10: is the truth: when others have used nearly all, one request a minute is sent and none is refused", async () => {
    const { clock, governor, exchangeNowMs } = setUp();
    const othersUse = 5960;
    const used = new Map<number, number>();
    let refusals = 0;
    const exchange = async (): Promise<void> => {
      const permit = await governor.acquire(2, never, "live");
      const minute = Math.floor(exchangeNowMs() / MINUTE_MS);
      const count = (used.get(minute) ?? othersUse) + 2;
      used.set(minute, count);
      if (count > 6000) refusals += 1;
      permit.settle(answered(count));
    };
    const done = Promise.all(Array.from({ length: 5 }, exchange));
    await clock.advanceSettled(5 * MINUTE_MS);
    await done;
    expect(refusals).toBe(0);
    expect([...used.values()]).toEqual(Array(5).fill(5962));
  });

  it("below the ceiling bounds what is under way, so that a sudden rise is not overrun", async () => {
    const { clock, governor } = setUp();
    await learn(governor, 100);
    const waiting = Array.from({ length: 10 }, () => watch(governor.acquire(2, never)));
    await clock.advanceSettled(0);
    const sent = waiting.filter((waiter) => waiter.permit !== undefined);
    expect(sent).toHaveLength(MAX_REQUESTS_IN_FLIGHT);
    sent[0]?.permit?.settle(answered(5990));
    await clock.advanceSettled(0);
    expect(waiting.filter((waiter) => waiter.permit !== undefined)).toHaveLength(MAX_REQUESTS_IN_FLIGHT);
  });

  it("smaller than the own one does not lower it", async () => {
    const { governor } = setUp({ limitPerMinute: 100 });
    await learn(governor, 1);
    (await governor.acquire(30, never)).settle(answered(1));
    expect(governor.snapshot().usedWeight).toBe(31);
  });

  it("starts anew with the exchange's minute, not with the machine's", async () => {
    const { clock, governor } = setUp({ offsetMs: 45_000 });
    await learn(governor, 5000);
    const waiter = watch(governor.acquire(2, never));
    await clock.advanceSettled(5_000 + MINUTE_GUARD_MS - 1);
    const another = watch(governor.acquire(2, never));
    await clock.advanceSettled(0);
    expect([waiter.permit, another.permit]).toEqual([undefined, undefined]);
    await clock.advanceSettled(1);
    expect(waiter.permit).toBeDefined();
  });

  it("from a request of the minute before says nothing about this one, whose weight it may be", async () => {
    const { clock, governor } = setUp();
    const permit = await governor.acquire(20, never);
    await clock.advanceSettled(MINUTE_MS);
    permit.settle(answered(5999));
    expect(governor.snapshot()).toMatchObject({ usedWeight: 20, inFlight: 0 });
  });

  it("is not touched by a request that was not sent after all, nor by settling twice", async () => {
    const { governor } = setUp();
    await learn(governor, 7);
    const permit = await governor.acquire(20, never);
    expect(governor.snapshot()).toMatchObject({ usedWeight: 27, inFlight: 1 });
    permit.settle({ type: "unsent" });
    permit.settle(refused(429));
    expect(governor.snapshot()).toMatchObject({ usedWeight: 7, inFlight: 0, silence: null });
  });
});

describe("waiting", () => {
  it("is in order of arrival, live before bulk", async () => {
    const { clock, governor } = setUp();
    await learn(governor, 6000);
    const order: string[] = [];
    const wait = async (name: string, priority: "live" | "bulk"): Promise<void> => {
      const permit = await governor.acquire(2, never, priority);
      order.push(name);
      permit.settle(answered(2));
    };
    const all = Promise.all([
      wait("bulk 1", "bulk"),
      wait("bulk 2", "bulk"),
      wait("live 1", "live"),
      wait("live 2", "live"),
    ]);
    await clock.advanceSettled(MINUTE_MS);
    await all;
    expect(order).toEqual(["live 1", "live 2", "bulk 1", "bulk 2"]);
  });

  it("ends for live requests where bulk ones still have to wait", async () => {
    const { clock, governor } = setUp();
    await learn(governor, 6000 * WEIGHT_CEILING.bulk);
    const bulk = watch(governor.acquire(2, never, "bulk"));
    const live = watch(governor.acquire(2, never, "live"));
    await clock.advanceSettled(0);
    expect([bulk.permit, live.permit !== undefined]).toEqual([undefined, true]);
  });

  it("F37: follows a limit that the exchange has changed", async () => {
    const { clock, governor } = setUp({ limitPerMinute: 100 });
    await learn(governor, 90);
    const waiter = watch(governor.acquire(2, never));
    await clock.advanceSettled(0);
    expect(waiter.permit).toBeUndefined();
    governor.setLimit(1000);
    await clock.advanceSettled(0);
    expect(waiter.permit).toBeDefined();
    expect(governor.snapshot().limitPerMinute).toBe(1000);
  });

  it("is bounded, and within the bound one signal may stand for everyone", async () => {
    const { governor } = setUp();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    await learn(governor, 6000);
    const stop = new AbortController();
    const waiting = Array.from({ length: MAX_WAITING_REQUESTS }, () => governor.acquire(2, stop.signal));
    const settled = Promise.allSettled(waiting);
    await expect(governor.acquire(2, never)).rejects.toMatchObject({
      code: "queue_full",
      retryAfterMs: 50_000 + MINUTE_GUARD_MS,
    });
    stop.abort();
    expect((await settled).every((result) => result.status === "rejected")).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  it("ends when the caller gives up, leaving no timer and no place taken", async () => {
    const { clock, governor } = setUp();
    await learn(governor, 6000);
    const stop = new AbortController();
    const waiter = governor.acquire(2, stop.signal);
    expect(governor.snapshot().waiting).toBe(1);
    expect(clock.pendingTimers).toBe(1);
    stop.abort();
    await expect(waiter).rejects.toMatchObject({ code: "aborted" });
    expect(governor.snapshot().waiting).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    await expect(governor.acquire(2, stop.signal)).rejects.toMatchObject({ code: "aborted" });
  });
});
