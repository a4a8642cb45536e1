import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BTC, board, ETH, NOW_S, SOL, series } from "./board-world.js";

describe("the snapshot", () => {
  test("has the documented members, in the order of series ids", () => {
    const { jobs, clock } = board({ guardrail: true });
    clock.advance(250);
    for (const id of [SOL, BTC, ETH]) jobs.subscribe(id);
    expect(jobs.views().map(({ series_id }) => series_id)).toEqual([BTC, ETH, SOL]);
    expect(jobs.views()[0]).toEqual({
      series_id: BTC,
      source: "binance_ws",
      refcount: 1,
      last_zero_at: null,
      started_at: NOW_S + 0.25,
      crashes: 0,
      last_crash_at: null,
      running: true,
      guardrail: {
        enabled: true,
        state: "closed",
        window_failures: 0,
        consecutive_failures: 0,
        last_failure_at: null,
        last_error: null,
        last_backoff_s: 0,
        next_retry_in_s: 0,
        config: {
          crash_budget: 5,
          budget_window_s: 60,
          backoff_initial_s: 1,
          backoff_max_s: 15,
          open_cooldown_s: 30,
        },
      },
    });
  });

  test("shows no breaker without the guardrail", () => {
    const { jobs, view } = board();
    jobs.subscribe(BTC);
    expect(view(BTC)?.guardrail).toBeNull();
  });

  test("is empty after everything was cleared", () => {
    const { jobs } = board();
    jobs.subscribe(BTC);
    jobs.clear();
    expect(jobs.views()).toEqual([]);
  });
});

test("RS-J11 whatever happens, counts and capacity hold, and no job that is wanted is dropped", () => {
  const names = ["A", "B", "C", "D"].map(series);
  const step = fc.record({
    what: fc.constantFrom("subscribe", "unsubscribe", "die", "reap", "wait"),
    who: fc.constantFrom(...names),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 3 }), (steps, maxJobs) => {
      const { jobs, down, clock } = board({ maxJobs, guardrail: true });
      const wanted = new Map<string, number>();
      for (const { what, who } of steps) {
        if (what === "subscribe" && jobs.subscribe(who)) wanted.set(who, (wanted.get(who) ?? 0) + 1);
        if (what === "unsubscribe" && (wanted.get(who) ?? 0) > 0) {
          jobs.unsubscribe(who);
          wanted.set(who, (wanted.get(who) ?? 0) - 1);
        }
        if (what === "die" && jobs.views().some(({ series_id }) => series_id === who)) {
          jobs.crashed(who, "boom");
          down.add(who);
        }
        if (what === "reap") jobs.reap();
        if (what === "wait") clock.advance(25_000);
        expect(jobs.views().length).toBeLessThanOrEqual(maxJobs);
        for (const [id, count] of wanted) {
          if (count > 0) expect(jobs.views().find(({ series_id }) => series_id === id)?.refcount).toBe(count);
        }
      }
    }),
  );
});
