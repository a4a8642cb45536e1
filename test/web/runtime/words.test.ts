/** What the runtime panel says. */
import { describe, expect, test } from "vitest";
import type { Breaker, WireGap } from "../../../src/client/answers/feed.js";
import type { DebugEvent } from "../../../src/client/messages.js";
import { breakerTitle, breakerWords, sortedBreakers } from "../../../web/src/runtime/breaker-words.js";
import { daemonNow, sampled } from "../../../web/src/runtime/daemon-time.js";
import { EventLog, eventWords, MAX_EVENTS } from "../../../web/src/runtime/event-log.js";
import { gapCause, gapOutcome, gapRange } from "../../../web/src/runtime/gap-words.js";
import { lasting } from "../../../web/src/words.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const NOW = 1_746_532_861_000;

test.each([
  [400, "0 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [200_000, "3 min 20 s"],
  [7_500_000, "2 h 5 min"],
  [273_600_000, "3 d 4 h"],
  [-5, "0 s"],
])("%i ms last %s", (ms, text) => {
  expect(lasting(ms)).toBe(text);
});

const breaker = (change: Partial<Breaker> = {}): Breaker => ({
  kind: "series",
  name: SERIES,
  state: "closed",
  since_ms: NOW - 12_000,
  in_state_ms: 12_000,
  failures_in_window: 0,
  last_error: null,
  next_attempt_in_ms: 0,
  transitions: [],
  ...change,
});

describe("breakers", () => {
  test("that are open are counted down from when they were read", () => {
    const open = breaker({ state: "open", failures_in_window: 5, next_attempt_in_ms: 18_000 });
    expect(breakerWords(open, NOW, NOW)).toBe("open for 12 s · 5 failures in a minute · next attempt in 18 s");
    expect(breakerWords(open, NOW, NOW + 10_000)).toMatch(/open for 22 s .* next attempt in 8 s$/);
    expect(breakerWords(open, NOW, NOW + 19_000)).toMatch(/next attempt now$/);
  });

  test("in other states say what comes next", () => {
    expect(breakerWords(breaker(), NOW, NOW)).toBe("closed for 12 s");
    expect(breakerWords(breaker({ state: "half_open" }), NOW, NOW)).toBe("half open for 12 s · one attempt decides");
    expect(breakerWords(breaker({ state: "isolated", next_attempt_in_ms: null }), NOW, NOW)).toMatch(
      /held open by hand$/,
    );
  });

  test("in trouble come first", () => {
    const half = breaker({ state: "half_open" });
    const open = breaker({ kind: "rest", state: "open", name: "binance:spot:klines" });
    const failing = breaker({ kind: "endpoint", failures_in_window: 1 });
    const calm = breaker();
    const answer = {
      schema_version: 1,
      now_ms: NOW,
      series: [calm, half],
      endpoints: [failing],
      rest: [open],
    } as const;
    expect(sortedBreakers(answer)).toEqual({ troubled: [open, half, failing], calm: [calm] });
    expect(breakerTitle(open)).toBe("requests for binance:spot:klines");
  });
});

describe("gaps", () => {
  const gap: WireGap = {
    id: 3,
    state: "repaired",
    cause: "reconnect",
    from_time: 1_746_532_800,
    to_time: 1_746_533_100,
    detected_at_ms: NOW,
    attempts: 1,
    last_attempt_at_ms: NOW,
    last_error: null,
    resolved_at_ms: NOW + 4_000,
    checked_at_ms: null,
    absent: [],
  };

  test("have a range in candles", () => {
    expect(gapRange(SERIES, gap)).toBe("2025-05-06 12:00 – 12:05, 6 candles");
    expect(gapRange(SERIES, { ...gap, to_time: gap.from_time })).toBe("2025-05-06 12:00");
    expect(gapRange(SERIES, { ...gap, to_time: null })).toBe("from 2025-05-06 12:00");
    expect(gapRange(SERIES, { ...gap, to_time: gap.from_time + 86_400 })).toBe(
      "2025-05-06 12:00 – 2025-05-07 12:00, 1,441 candles",
    );
    expect(gapCause(gap)).toBe("12:01:01 while reconnecting");
  });

  test("have an outcome", () => {
    expect(gapOutcome(gap, NOW)).toBe("repaired after 4 s");
    expect(gapOutcome({ ...gap, state: "repairing", attempts: 4 }, NOW + 90_000)).toBe(
      "being repaired for 1 min 30 s, asked 4 times",
    );
    expect(gapOutcome({ ...gap, state: "absent_at_source", checked_at_ms: NOW }, NOW)).toBe(
      "the exchange has none of it, last asked 12:01:01",
    );
    expect(gapOutcome({ ...gap, state: "unrepairable" }, NOW)).toBe("too long to be repaired");
  });
});

describe("the daemon's time", () => {
  test("goes on as fast as it has gone", () => {
    const first = sampled(null, NOW, 100);
    expect(daemonNow(first, 1_100)).toBe(NOW + 1_000);
    const second = sampled(first, NOW + 60_000, 1_100);
    expect(daemonNow(second, 1_600)).toBe(NOW + 90_000);
  });

  test("is not judged by samples that are close, nor by a clock that was set back", () => {
    const first = sampled(null, NOW, 0);
    const near = sampled(first, NOW + 500, 10);
    expect(near.speed).toBe(1);
    expect(sampled(near, NOW + 1_000, 1_000).speed).toBe(1);
    expect(sampled({ ...near, speed: 60 }, NOW - 1, 2_000)).toMatchObject({ speed: 1, last: { daemonMs: NOW - 1 } });
  });
});

describe("the log of events", () => {
  const event = (at: number, change: Partial<DebugEvent> = {}): DebugEvent => ({
    ts_ms: at,
    source: "backend",
    pipe: "write",
    event: "e",
    series_id: null,
    level: "info",
    message: `${at}`,
    ...change,
  });
  const all = { series: null, level: "info" } as const;

  test("holds the newest, each under a number of its own", () => {
    const log = new EventLog();
    log.add(
      Array.from({ length: 2_000 }, (_, at) => event(at)),
      true,
    );
    log.add([event(2_000)], false);
    const newest = log.newest(all);
    expect([newest.length, newest[0]?.event.ts_ms, newest.at(-1)?.event.ts_ms]).toEqual([MAX_EVENTS, 2_000, 1_501]);
    expect(new Set(newest.map(({ id }) => id)).size).toBe(MAX_EVENTS);
    log.add([event(7)], true);
    expect(log.newest(all).map(({ event: { ts_ms } }) => ts_ms)).toEqual([7]);
  });

  test("is filtered by series and level", () => {
    const log = new EventLog();
    log.add([event(1), event(2, { level: "warn", series_id: SERIES }), event(3, { level: "error" })], false);
    const seen = (series: string | null, level: DebugEvent["level"]) =>
      log.newest({ series, level }).map(({ event: { ts_ms } }) => ts_ms);
    expect([seen(null, "info"), seen(null, "warn"), seen(null, "error")]).toEqual([[3, 2, 1], [3, 2], [3]]);
    expect([seen(SERIES, "info"), seen(SERIES, "error")]).toEqual([[2], []]);
  });

  test("says what an event says, and its data when that is only its name", () => {
    expect(eventWords(event(1))).toBe("1");
    const moved = event(1, { message: "e", data: { from: "open", to: "closed", last_error: null, steps: [1] } });
    expect(eventWords(moved)).toBe("from open · to closed");
    expect(eventWords(event(1, { message: "e", data: { text: "x".repeat(500) } }))).toHaveLength(161);
    expect(eventWords(event(1, { message: "e" }))).toBe("");
  });
});
