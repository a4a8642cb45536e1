import fc from "fast-check";
import { expect, test } from "vitest";
import { backfillView } from "../../src/market/backfill-progress.js";
import { seriesLag as lagWith } from "../../src/market/health.js";

const IDLE = backfillView(undefined, 0, 120);
const seriesLag = (head: number | null, now: number, timeframe: number) => lagWith(head, now, timeframe, IDLE);

test("the vectors of the contract: 5m at 960", () => {
  expect(seriesLag(300, 960, 300)).toEqual({
    expectedTime: 600,
    lagSeconds: 660,
    missingSeconds: 300,
    missingCandles: 1,
    status: "red",
    reason: "lagging_no_recent_backfill",
  });
  expect(seriesLag(600, 960, 300)).toMatchObject({ missingSeconds: 0, status: "green", reason: "up_to_date" });
  expect(seriesLag(900, 960, 300)).toMatchObject({ status: "yellow", reason: "head_ahead_of_closed_window" });
  expect(seriesLag(null, 960, 300)).toEqual({
    expectedTime: 600,
    lagSeconds: null,
    missingSeconds: null,
    missingCandles: null,
    status: "red",
    reason: "missing_head",
  });
});

test("what is being done about a lag softens it, and nothing else", () => {
  const [running, recent, old] = [
    { state: "running", recent: false },
    { state: "succeeded", recent: true },
    { state: "succeeded", recent: false },
  ] as const;
  expect(lagWith(300, 960, 300, running)).toMatchObject({ status: "yellow", reason: "backfill_running" });
  expect(lagWith(300, 960, 300, recent)).toMatchObject({ status: "yellow", reason: "backfill_recent" });
  for (const backfill of [old, { state: "failed", recent: true }] as const) {
    expect(lagWith(300, 960, 300, backfill)).toMatchObject({ status: "red", reason: "lagging_no_recent_backfill" });
  }
  expect(lagWith(600, 960, 300, running)).toMatchObject({ status: "green" });
  expect(lagWith(900, 960, 300, running)).toMatchObject({ reason: "head_ahead_of_closed_window" });
  expect(lagWith(null, 960, 300, running)).toMatchObject({ status: "red", reason: "missing_head" });
});

test("a part of a candle counts as one that is missing", () => {
  expect(seriesLag(599, 960, 300)).toMatchObject({ missingSeconds: 1, missingCandles: 1, status: "red" });
});

test("a head ahead of the clock has no lag", () => {
  expect(seriesLag(5_000, 960, 300)).toMatchObject({ lagSeconds: 0, missingSeconds: 0, missingCandles: 0 });
});

test("green exactly if nothing is missing and nothing is ahead", () => {
  const time = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(time, time, fc.constantFrom(60, 300, 3_600), (head, now, timeframe) => {
      const { status, expectedTime, missingSeconds, missingCandles } = seriesLag(head, now, timeframe);
      expect(status === "green").toBe(head === expectedTime);
      expect(missingSeconds).toBe(Math.max(0, expectedTime - head));
      expect((missingCandles ?? 0) * timeframe).toBeGreaterThanOrEqual(missingSeconds ?? 0);
    }),
  );
});
