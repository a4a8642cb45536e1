/** What becomes of a gap, step by step. Spec: binance-protocol F12, F32. */
import { describe, expect, test } from "vitest";
import {
  attemptedGap,
  filledGap,
  MAX_ABSENT_RANGES,
  nextRecheckMs,
  openedGap,
  reboundGap,
  recheckedGap,
  reopenedGap,
  resolvedGap,
  toWireGap,
  unrepairableGap,
} from "../../src/market/gap.js";

const HOUR_MS = 3_600_000;
const opened = openedGap({ id: 7, cause: "reconnect", fromTime: 120, toTime: null, nowMs: 1_000 });
const hole = [{ from: 180, to: 240 }];

function absentOf(missing = hole) {
  const gap = resolvedGap(opened, 300, missing, 9_000);
  if (gap.state !== "absent_at_source") throw new Error(gap.state);
  return gap;
}

describe("a gap", () => {
  test("is opened without an end, and counts its attempts with the last error", () => {
    expect(opened).toMatchObject({ state: "repairing", id: 7, detectedAtMs: 1_000, attempts: 0, lastError: null });
    const failed = attemptedGap(attemptedGap(opened, null, 2_000), `503 ${"x".repeat(1_000)}`, 3_000);
    expect(failed).toMatchObject({ attempts: 2, lastAttemptAtMs: 3_000 });
    expect(failed.lastError).toHaveLength(300);
    expect(attemptedGap(failed, null, 4_000)).toMatchObject({ attempts: 3, lastError: null });
  });

  test("can get another end, but keeps the earliest beginning", () => {
    expect(reboundGap(opened, { fromTime: 180, toTime: 240 })).toMatchObject({ fromTime: 120, toTime: 240 });
    expect(reboundGap(opened, { fromTime: 60, toTime: null })).toMatchObject({ fromTime: 60, toTime: null });
  });

  test("is repaired when nothing is missing", () => {
    expect(resolvedGap(opened, 300, [], 9_000)).toMatchObject({ state: "repaired", toTime: 300, resolvedAtMs: 9_000 });
  });

  test("never ends before it begins", () => {
    expect(resolvedGap(opened, 60, [], 9_000).toTime).toBe(120);
  });

  test("F32 is absent at the source where the exchange has nothing, with the time of the check", () => {
    expect(absentOf()).toMatchObject({ state: "absent_at_source", absent: hole, checkedAtMs: 9_000, rechecks: 0 });
    const many = Array.from({ length: 100 }, (_, n) => ({ from: n * 120, to: n * 120 }));
    const gap = absentOf(many);
    expect(gap.absent).toHaveLength(MAX_ABSENT_RANGES);
    expect(gap.absent.at(-1)?.to).toBe(99 * 120);
  });

  test("can be too long to be repaired", () => {
    expect(unrepairableGap(opened, 900, 9_000)).toMatchObject({ state: "unrepairable", toTime: 900 });
  });
});

describe("what was absent", () => {
  test("is asked for again after an hour and after a day, and then no more", () => {
    const gap = absentOf();
    expect(nextRecheckMs(gap)).toBe(9_000 + HOUR_MS);
    const once = recheckedGap(gap, 9_000 + HOUR_MS);
    expect(once).toMatchObject({ checkedAtMs: 9_000 + HOUR_MS, rechecks: 1, resolvedAtMs: 9_000 });
    expect(nextRecheckMs(once)).toBe(9_000 + 24 * HOUR_MS);
    expect(nextRecheckMs(recheckedGap(once, 0))).toBeUndefined();
  });

  test("is narrowed by what comes late, and repaired by the last of it", () => {
    const left = filledGap(absentOf(), [{ from: 240, to: 240 }], 20_000);
    expect(left).toMatchObject({ state: "absent_at_source", absent: [{ from: 240, to: 240 }], resolvedAtMs: 9_000 });
    const repaired = filledGap(absentOf(), [], 20_000);
    expect(repaired).toEqual({ ...opened, state: "repaired", toTime: 300, resolvedAtMs: 20_000 });
  });

  test("goes on as the same gap", () => {
    expect(reopenedGap(absentOf())).toEqual({ ...opened, toTime: null });
  });
});

test("the wire form has the same members in every state", () => {
  const absent = toWireGap(absentOf());
  expect(absent).toEqual({
    id: 7,
    state: "absent_at_source",
    cause: "reconnect",
    from_time: 120,
    to_time: 300,
    detected_at_ms: 1_000,
    attempts: 0,
    last_attempt_at_ms: null,
    last_error: null,
    resolved_at_ms: 9_000,
    checked_at_ms: 9_000,
    absent: [{ from_time: 180, to_time: 240 }],
  });
  const open = toWireGap(opened);
  expect(Object.keys(open)).toEqual(Object.keys(absent));
  expect(open).toMatchObject({ to_time: null, resolved_at_ms: null, checked_at_ms: null, absent: [] });
  expect(toWireGap(unrepairableGap(opened, 900, 5))).toMatchObject({ resolved_at_ms: 5, checked_at_ms: null });
});
