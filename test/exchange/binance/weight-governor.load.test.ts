import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WEIGHT_CEILING } from "../../../src/exchange/binance/weight-minute.js";
import { answered, MINUTE_MS, never, setUp } from "./governor-world.js";

describe("under any load", () => {
  it("never lets the address exceed its limit by more than what is under way, and serves everyone", async () => {
    const request = fc.record({
      weight: fc.integer({ min: 1, max: 20 }),
      afterMs: fc.nat(4_000),
      latencyMs: fc.integer({ min: 1, max: 3_000 }),
      priority: fc.constantFrom("live" as const, "bulk" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 40 }), fc.nat(90), async (requests, othersUse) => {
        const limitPerMinute = 100;
        const { clock, governor } = setUp({ limitPerMinute });
        const used = new Map<number, number>();
        let served = 0;
        let atMs = 0;
        for (const { weight, afterMs, latencyMs, priority } of requests) {
          atMs += afterMs;
          clock.setTimeout(async () => {
            const permit = await governor.acquire(weight, never, priority);
            const minute = Math.floor(clock.now() / MINUTE_MS);
            const count = (used.get(minute) ?? othersUse) + weight;
            used.set(minute, count);
            clock.setTimeout(() => {
              served += 1;
              permit.settle(answered(count));
            }, latencyMs);
          }, atMs);
        }
        await clock.advanceSettled(45 * MINUTE_MS, async () => {
          for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
        });
        expect(served).toBe(requests.length);
        expect(clock.pendingTimers).toBe(0);
        for (const count of used.values()) {
          expect(count).toBeLessThanOrEqual(Math.max(othersUse + 20, limitPerMinute * WEIGHT_CEILING.live + 20));
        }
      }),
      { numRuns: 40 },
    );
  });
});
