import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GuardrailConfig } from "../../../src/actors/breaker/guardrail.machine.js";
import {
  FIXED_PAUSE_MS,
  fixedPause,
  Guardrail,
  type GuardrailMoved,
} from "../../../src/actors/breaker/retry-policy.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

function breaker(config: Partial<GuardrailConfig> = {}) {
  const clock = new SimulatedClock(1_700_000_000_000);
  const moves: GuardrailMoved[] = [];
  const guardrail = new Guardrail(clock, config, (moved) => moves.push(moved));
  /** Moves to `seconds` after the start. */
  const at = (seconds: number) => {
    clock.advance(seconds * 1000 - clock.monotonic());
    return guardrail;
  };
  return { clock, guardrail, moves, at };
}

describe("guardrail vectors (ingest §4.7)", () => {
  test("RS-B3 default numbers: 1, 2, 4, 8, then open for 30 s, one probe, open again, closed by success", () => {
    const { guardrail, moves, at } = breaker();
    expect([0, 1, 3, 7].map((second) => at(second).failed("refused"))).toEqual([1000, 2000, 4000, 8000]);
    expect(guardrail.state).toBe("closed");
    expect(at(15).failed("refused")).toBe(30_000);
    expect(guardrail.snapshot()).toMatchObject({
      state: "open",
      window_failures: 5,
      consecutive_failures: 5,
      last_backoff_s: 30,
      next_retry_in_s: 30,
      last_error: "refused",
      last_failure_at: 1_700_000_015,
    });
    expect(at(25).attempt()).toBe(20_000);
    expect(guardrail.snapshot().next_retry_in_s).toBe(20);
    expect(at(45).attempt()).toBe(0);
    expect(guardrail.state).toBe("half_open");
    expect(guardrail.snapshot().next_retry_in_s).toBe(0);
    expect(at(45).failed("refused again")).toBe(30_000);
    expect(guardrail.state).toBe("open");
    expect(at(75).attempt()).toBe(0);
    guardrail.succeeded();
    expect(guardrail.snapshot()).toMatchObject({
      state: "closed",
      window_failures: 0,
      consecutive_failures: 0,
      last_backoff_s: 0,
      next_retry_in_s: 0,
      last_error: "refused again",
      last_failure_at: 1_700_000_045,
    });
    expect(moves.map(({ from, to }) => `${from}>${to}`)).toEqual([
      "closed>open",
      "open>half_open",
      "half_open>open",
      "open>half_open",
      "half_open>closed",
    ]);
  });

  test("RS-B4 sparse failures every 20 s back off to 15 s and never open", () => {
    const { guardrail, at } = breaker();
    const delays = Array.from({ length: 10 }, (_, index) => at(index * 20).failed("x"));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000, 15_000, 15_000]);
    expect(guardrail.state).toBe("closed");
    expect(guardrail.snapshot().window_failures).toBe(4);
  });

  test("crash budget 2, initial 0.1 s, cooldown 5 s", () => {
    const { guardrail, at } = breaker({ crashBudget: 2, backoffInitialMs: 100, openCooldownMs: 5000 });
    expect(at(10).failed("x")).toBe(100);
    expect(at(11).failed("x")).toBe(5000);
    expect(guardrail.state).toBe("open");
  });

  test("crash budget 1, cooldown 2 s", () => {
    const { guardrail, at } = breaker({ crashBudget: 1, openCooldownMs: 2000 });
    at(20).failed("x");
    expect(at(21).attempt()).toBe(1000);
    expect(at(22.1).attempt()).toBe(0);
    expect(guardrail.state).toBe("half_open");
    at(22.2).succeeded();
    expect(guardrail.state).toBe("closed");
  });

  test("RS-B5 a failure while open extends the cooldown (Q-4)", () => {
    const { guardrail, at } = breaker({ crashBudget: 1 });
    at(0).failed("x");
    expect(at(10).failed("y")).toBe(30_000);
    expect(guardrail.state).toBe("open");
    expect(at(35).attempt()).toBe(5000);
  });

  test("numbers below their floors are raised to them", () => {
    const config = { crashBudget: 0, budgetWindowMs: 1, backoffInitialMs: -1, backoffMaxMs: -1, openCooldownMs: -1 };
    expect(breaker(config).guardrail.snapshot().config).toEqual({
      crash_budget: 1,
      budget_window_s: 1,
      backoff_initial_s: 0,
      backoff_max_s: 0,
      open_cooldown_s: 0,
    });
  });

  test("the snapshot forgets failures that have left the window", () => {
    const { at } = breaker();
    at(0).failed("x");
    expect(at(60).snapshot().window_failures).toBe(1);
    expect(at(60.001).snapshot().window_failures).toBe(0);
  });

  test("RS-B6 without the switch the pause is always two seconds and there is nothing to show", () => {
    expect([fixedPause.failed("x"), fixedPause.failed("x"), FIXED_PAUSE_MS]).toEqual([2000, 2000, 2000]);
    expect(fixedPause.attempt()).toBe(0);
    expect(fixedPause.snapshot()).toBeNull();
  });
});

describe("by hand", () => {
  test("RS-B8 an isolated breaker lets nobody through, whatever happens, until it is reset", () => {
    const { clock, guardrail, moves, at } = breaker();
    const visible = guardrail.visible("series", "x");
    visible.isolate();
    for (const second of [1, 40, 4_000]) expect(at(second).attempt()).toBeGreaterThan(0);
    guardrail.failed("late");
    guardrail.succeeded();
    expect(visible.view()).toMatchObject({ state: "isolated", next_attempt_in_ms: null, in_state_ms: 4_000_000 });
    expect(guardrail.snapshot()).toMatchObject({ state: "open", last_error: "late" });
    visible.reset();
    expect([guardrail.attempt(), guardrail.state]).toEqual([0, "closed"]);
    expect(visible.view()).toMatchObject({ failures_in_window: 0, since_ms: clock.now() });
    expect(moves.map(({ from, to }) => `${from}>${to}`)).toEqual(["closed>isolated", "isolated>closed"]);
  });

  test("a reset closes one that opened by itself", () => {
    const { guardrail, at } = breaker({ crashBudget: 1 });
    at(0).failed("x");
    expect(guardrail.attempt()).toBe(30_000);
    guardrail.visible("series", "x").reset();
    expect(guardrail.attempt()).toBe(0);
  });

  test("the last 20 transitions are shown", () => {
    const { guardrail, at } = breaker({ crashBudget: 1 });
    const visible = guardrail.visible("endpoint", "binance:spot");
    for (let round = 0; round < 30; round += 1) {
      at(round * 60).failed("x");
      at(round * 60 + 40).attempt();
    }
    const { transitions } = visible.view();
    expect(transitions).toHaveLength(20);
    expect(transitions.slice(-2)).toEqual([
      { at_ms: 1_700_000_000_000 + 29 * 60_000, from: "half_open", to: "open" },
      { at_ms: 1_700_000_000_000 + (29 * 60 + 40) * 1000, from: "open", to: "half_open" },
    ]);
  });
});

test("RS-B7 whatever happens, the breaker moves only along its chart and never lets an attempt through early", () => {
  const legal = new Set(["closed>open", "open>half_open", "half_open>open", "half_open>closed", "open>closed"]);
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 40_000 }),
    what: fc.constantFrom("attempt", "succeeded", "failed"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, crashBudget) => {
      const { clock, guardrail, moves } = breaker({ crashBudget });
      let allowedAt = 0;
      let inARow = 0;
      for (const { waitMs, what } of steps) {
        clock.advance(waitMs);
        const now = clock.monotonic();
        if (what === "attempt") {
          const waitMs = guardrail.attempt();
          expect(waitMs).toBe(guardrail.state === "open" ? allowedAt - now : 0);
          expect(waitMs > 0).toBe(guardrail.state === "open");
        } else if (what === "succeeded") {
          guardrail.succeeded();
          inARow = 0;
          expect(guardrail.state).toBe("closed");
        } else {
          inARow += 1;
          const delayMs = guardrail.failed("x");
          if (guardrail.state === "open") allowedAt = now + 30_000;
          else expect(delayMs).toBe(Math.min(15_000, 1000 * 2 ** (inARow - 1)));
        }
        expect(guardrail.state === "open" || guardrail.snapshot().next_retry_in_s === 0).toBe(true);
      }
      expect(moves.filter(({ from, to }) => !legal.has(`${from}>${to}`))).toEqual([]);
    }),
  );
});
