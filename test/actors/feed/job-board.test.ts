import { describe, expect, test } from "vitest";
import type { FeedJob } from "../../../src/actors/feed/job.js";
import { BTC, board, ETH, NOW_S, SOL, series } from "./board-world.js";

describe("subscriptions", () => {
  test("RS-J1 the first starts a job, later ones are counted, and it goes on when the last has left", () => {
    const { jobs, done, view, clock, started } = board();
    expect([jobs.subscribe(BTC), jobs.subscribe(BTC)]).toEqual([true, true]);
    expect(done).toEqual([`start ${BTC}`]);
    expect(started[0]).toMatchObject({ pinned: false, historyCandles: 0 });
    expect(view(BTC)).toMatchObject({ refcount: 2, last_zero_at: null });
    jobs.unsubscribe(BTC);
    clock.advance(1_500);
    jobs.unsubscribe(BTC);
    expect(view(BTC)).toMatchObject({ refcount: 0, last_zero_at: NOW_S + 1.5 });
    expect(done).toHaveLength(1);
    jobs.subscribe(BTC);
    expect(view(BTC)).toMatchObject({ refcount: 1, last_zero_at: null });
  });

  test("too many leave-takings and unknown series are harmless", () => {
    const { jobs, view } = board();
    jobs.unsubscribe(BTC);
    jobs.subscribe(BTC);
    jobs.unsubscribe(BTC);
    jobs.unsubscribe(BTC);
    expect(view(BTC)?.refcount).toBe(0);
    expect(view(ETH)).toBeUndefined();
  });

  test("a series that cannot be fed is refused", () => {
    const { jobs, done, log } = board();
    expect(jobs.subscribe("kraken:spot:BTC/USDT:1m")).toBe(false);
    expect([done, jobs.views()]).toEqual([[], []]);
    expect(log.of("subscription.refused")[0]?.fields.reason).toContain("unsupported exchange for realtime ingest");
  });
});

describe("capacity", () => {
  test("RS-J2 of idle jobs the one idle longest makes room", () => {
    const { jobs, done, clock } = board({ maxJobs: 2 });
    jobs.subscribe(BTC);
    jobs.subscribe(ETH);
    jobs.unsubscribe(ETH);
    clock.advance(1_000);
    jobs.unsubscribe(BTC);
    expect(jobs.subscribe(SOL)).toBe(true);
    expect(done.slice(2)).toEqual([`stop ${ETH}`, `start ${SOL}`]);
    expect(jobs.views().map(({ series_id }) => series_id)).toEqual([BTC, SOL]);
  });

  test("RS-J3 without an idle job the subscription is refused, and nothing changes", () => {
    const { jobs, done, log, view } = board({ maxJobs: 1 });
    jobs.subscribe(BTC);
    expect(jobs.subscribe(ETH)).toBe(false);
    expect([done, view(ETH)]).toEqual([[`start ${BTC}`], undefined]);
    expect(log.of("subscription.refused")).toHaveLength(1);
    expect(jobs.subscribe(BTC)).toBe(true);
  });

  test("pinned jobs do not count and are no victims; dead ones count; 0 means no limit", () => {
    const { jobs, down } = board({ maxJobs: 1 });
    jobs.pin([BTC]);
    expect(jobs.subscribe(ETH)).toBe(true);
    down.add(ETH);
    expect(jobs.subscribe(SOL)).toBe(false);
    const unlimited = board();
    for (let n = 0; n < 500; n += 1) expect(unlimited.jobs.subscribe(series(`C${n}`))).toBe(true);
  });
});

describe("the whitelist", () => {
  test("RS-J4 pins its jobs: not counted, not reaped, not ended by unsubscribing", () => {
    const { jobs, started, view, clock, done } = board();
    jobs.pin([BTC]);
    expect(started[0]).toMatchObject({ series: BTC, pinned: true, historyCandles: 500 });
    expect(jobs.subscribe(BTC)).toBe(true);
    jobs.unsubscribe(BTC);
    jobs.unsubscribe(BTC);
    clock.advance(3_600_000);
    jobs.reap();
    expect(view(BTC)).toMatchObject({ refcount: -1, last_zero_at: null });
    expect(done).toEqual([`start ${BTC}`]);
  });

  test("RS-J5 skips what cannot be fed, says so, and starts the rest", () => {
    const { jobs, log } = board();
    jobs.pin(["kraken:spot:BTC/USDT:1m", BTC, "nonsense", BTC]);
    expect(jobs.views().map(({ series_id }) => series_id)).toEqual([BTC]);
    expect(log.of("whitelist.skipped").map(({ fields }) => fields.series_id)).toEqual([
      "kraken:spot:BTC/USDT:1m",
      "nonsense",
    ]);
  });
});

test("RS-J6 a process in the read role runs no jobs, and subscriptions succeed without one", () => {
  const { jobs, done } = board({ disabled: true });
  jobs.pin([BTC]);
  expect(jobs.subscribe(ETH)).toBe(true);
  jobs.unsubscribe(ETH);
  jobs.reap();
  expect([done, jobs.views()]).toEqual([[], []]);
});

describe("the reaper", () => {
  test("RS-J7 ends a job that has been idle for its time, and no sooner", () => {
    const { jobs, clock, done, view } = board();
    jobs.subscribe(BTC);
    clock.advance(120_000);
    jobs.reap();
    jobs.unsubscribe(BTC);
    clock.advance(59_999);
    jobs.reap();
    expect(done).toEqual([`start ${BTC}`]);
    clock.advance(1);
    jobs.reap();
    expect(done.at(-1)).toBe(`stop ${BTC}`);
    expect(view(BTC)).toBeUndefined();
  });

  test("RS-J8 starts a dead job again while it is wanted, with its count and its crashes", () => {
    const { jobs, done, down, view, clock } = board();
    jobs.subscribe(BTC);
    jobs.subscribe(BTC);
    jobs.pin([ETH]);
    clock.advance(2_000);
    jobs.crashed(BTC, "boom");
    for (const id of [BTC, ETH]) down.add(id);
    expect(view(BTC)?.running).toBe(false);
    jobs.reap();
    expect(done.slice(2)).toEqual([`revive ${BTC}`, `revive ${ETH}`]);
    expect(view(BTC)).toMatchObject({ refcount: 2, crashes: 1, last_crash_at: NOW_S + 2, running: true });
  });

  test("forgets a dead job that nobody wants", () => {
    const { jobs, down, done, started } = board();
    jobs.subscribe(BTC);
    jobs.unsubscribe(BTC);
    down.add(BTC);
    const job = started[0] as FeedJob;
    expect(jobs.isCurrent(job)).toBe(true);
    jobs.reap();
    expect([jobs.isCurrent(job), done.at(-1)]).toEqual([false, `stop ${BTC}`]);
  });

  test("RS-J9 with the guardrail a dead job waits as long as its breaker is open", () => {
    const { jobs, down, done, clock, view } = board({ guardrail: true });
    jobs.subscribe(BTC);
    for (let n = 0; n < 5; n += 1) jobs.crashed(BTC, "boom");
    down.add(BTC);
    jobs.reap();
    expect(jobs.subscribe(BTC)).toBe(false);
    clock.advance(29_999);
    jobs.reap();
    expect(done).toEqual([`start ${BTC}`]);
    clock.advance(1);
    expect(jobs.subscribe(BTC)).toBe(true);
    expect(done.at(-1)).toBe(`revive ${BTC}`);
    expect(view(BTC)).toMatchObject({ refcount: 2, guardrail: { state: "half_open" } });
  });
});

describe("a crash", () => {
  test("makes the next attempt wait for the breaker's pause, or for two seconds without one", () => {
    for (const [guardrail, pauses] of [
      [true, [1_000, 2_000, 4_000, 8_000, 30_000]],
      [false, [2_000, 2_000, 2_000, 2_000, 2_000]],
    ] as const) {
      const { jobs, started, clock } = board({ guardrail });
      jobs.subscribe(BTC);
      const waits = pauses.map(() => {
        jobs.crashed(BTC, "boom");
        return (started[0]?.notBeforeMs ?? 0) - clock.monotonic();
      });
      expect(waits).toEqual(pauses);
    }
  });

  test("of a series without a job is nobody's", () => {
    const { jobs } = board();
    jobs.crashed(BTC, "boom");
    expect(jobs.views()).toEqual([]);
  });

  test("RS-J10 eviction and idleness drop the breaker with the job", () => {
    const { jobs, view, clock } = board({ guardrail: true, maxJobs: 1 });
    jobs.subscribe(BTC);
    for (let n = 0; n < 5; n += 1) jobs.crashed(BTC, "boom");
    jobs.unsubscribe(BTC);
    jobs.subscribe(ETH);
    jobs.unsubscribe(ETH);
    clock.advance(60_000);
    jobs.reap();
    jobs.subscribe(BTC);
    expect(view(BTC)).toMatchObject({ crashes: 0, guardrail: { state: "closed", consecutive_failures: 0 } });
  });
});
