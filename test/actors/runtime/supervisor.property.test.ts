import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChildSpec, Strategy } from "../../../src/actors/runtime/supervisor.js";
import { family } from "./supervisor-world.js";

test("RS-S21 after any storm of crashes nothing runs twice, and every child runs, is suspended, or all are stopped", async () => {
  const storm = fc.array(
    fc.record({
      who: fc.constantFrom("a" as const, "b" as const, "c" as const),
      waitMs: fc.integer({ min: 0, max: 6000 }),
    }),
    { maxLength: 25 },
  );
  const policy = fc.constantFrom<ChildSpec["onExhausted"]>("escalate", { suspendMs: 5_000 });
  await fc.assert(
    fc.asyncProperty(
      storm,
      fc.constantFrom<Strategy>("one_for_one", "rest_for_one"),
      fc.record({ a: policy, b: policy, c: policy }),
      async (crashes, strategy, policies) => {
        const { supervisor, clock, log, crashes: told, settle, start, ...puppets } = family(strategy, policies);
        await start();
        for (const { who, waitMs } of crashes) {
          if (puppets[who].up) puppets[who].crash();
          if (waitMs > 1000) await clock.advanceSettled(waitMs);
        }
        await settle();
        expect(log.filter((line) => line.startsWith("!"))).toEqual([]);
        for (const { id, state } of supervisor.children()) {
          const { up } = puppets[id as "a" | "b" | "c"];
          expect([up, state]).toEqual([
            state === "running",
            told.length > 0 ? "stopped" : up ? "running" : "suspended",
          ]);
        }
        expect(told.length).toBeLessThanOrEqual(1);
        await supervisor.stop("shutdown");
        expect(clock.pendingTimers).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
