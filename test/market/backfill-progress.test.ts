import { describe, expect, test } from "vitest";
import { type BackfillProgress, backfillView, missingUpTo, progressPct } from "../../src/market/backfill-progress.js";
import { seriesLag } from "../../src/market/health.js";

const missing = (seconds: number) => ({ seconds, candles: seconds / 300 });

const SUCCEEDED: BackfillProgress = {
  state: "succeeded",
  startedAtS: 910,
  updatedAtS: 940,
  start: missing(600),
  current: missing(300),
  reason: "tail_coverage",
  note: "tail_coverage_partial",
};

test("the vector of the contract: begun at 910 with 600/2 missing, succeeded at 940 with 300/1, looked at at 960", () => {
  const view = backfillView(SUCCEEDED, 960, 120);
  expect(view).toEqual({
    state: "succeeded",
    progress_pct: 50,
    started_at: 910,
    updated_at: 940,
    reason: "tail_coverage",
    note: "tail_coverage_partial",
    error: null,
    recent: true,
    start_missing_seconds: 600,
    start_missing_candles: 2,
    current_missing_seconds: 300,
    current_missing_candles: 1,
  });
  expect(seriesLag(300, 960, 300, view)).toMatchObject({ status: "yellow", reason: "backfill_recent" });
});

test("recent up to the bound, inclusive", () => {
  expect([1_060, 1_061].map((now) => backfillView(SUCCEEDED, now, 120).recent)).toEqual([true, false]);
});

test("a series without a backfill is idle, complete and never recent", () => {
  expect(backfillView(undefined, 0, 120)).toMatchObject({
    state: "idle",
    progress_pct: 100,
    recent: false,
    note: null,
  });
});

describe("percent", () => {
  test.each([
    [0, 0, 100],
    [0, 300, null],
    [600, 600, 0],
    [600, 0, 100],
    [600, 900, 0],
    [600, 450, 25],
  ])("%i missing at the start and %i now: %j", (start, current, expected) => {
    expect(progressPct(missing(start), missing(current))).toBe(expected);
  });
});

test("what is missing counts from the head, without one from the beginning of time, and never below nothing", () => {
  expect(missingUpTo(900, 300, 300)).toEqual({ seconds: 600, candles: 2 });
  expect(missingUpTo(900, 301, 300)).toEqual({ seconds: 599, candles: 2 });
  expect(missingUpTo(900, null, 300)).toEqual({ seconds: 900, candles: 3 });
  expect(missingUpTo(900, 1_200, 300)).toEqual({ seconds: 0, candles: 0 });
});
