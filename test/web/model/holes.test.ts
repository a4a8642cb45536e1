import { expect, test } from "vitest";
import type { WireGap } from "../../../src/client/answers/feed.js";
import { holeOfNotice, holesOf, MAX_GAPS, withGap } from "../../../web/src/model/holes.js";

const gap = (changed: Partial<WireGap> = {}): WireGap => ({
  ...{ id: 1, state: "repairing", cause: "reconnect", from_time: 600, to_time: 720, detected_at_ms: 1_700_000_000_000 },
  ...{ attempts: 0, last_attempt_at_ms: null, last_error: null, resolved_at_ms: null, checked_at_ms: null, absent: [] },
  ...changed,
});

test("a hole says what the ledger knows of it", () => {
  const [hole] = holesOf([gap({ attempts: 2, last_error: "timed out" })], []);
  expect(hole).toMatchObject({ from_time: 600, to_time: 720 });
  expect(hole?.text).toBe(
    "Gap 1: being repaired. Noticed 2023-11-14 22:13 UTC because something closed while the subscription was renewed. " +
      "Asked 2 times. Last error: timed out",
  );
});

test("what is repaired is no hole, and what the exchange lacks is as many as it says", () => {
  const absent = [
    { from_time: 600, to_time: 600 },
    { from_time: 720, to_time: 720 },
  ];
  const holes = holesOf([gap({ state: "repaired" }), gap({ id: 2, state: "absent_at_source", absent })], []);
  expect(holes.map(({ from_time, to_time }) => [from_time, to_time])).toEqual([
    [600, 600],
    [720, 720],
  ]);
});

test("what the feed told of counts until the ledger knows of it", () => {
  const told = holeOfNotice({ expected_next_time: 600, actual_time: 780 }, 60);
  expect([told.from_time, told.to_time]).toEqual([600, 720]);
  expect(holesOf([], [told])).toEqual([told]);
  expect(holesOf([gap({ from_time: 660 })], [told])).toHaveLength(1);
  expect(holesOf([gap({ state: "repaired" })], [told])).toEqual([]);
  expect(holesOf([gap({ from_time: 6_000, to_time: null })], [told])).toHaveLength(2);
});

test("the ledger takes what has changed, and is bounded", () => {
  const known = withGap(withGap([], gap({ id: 2 })), gap());
  expect(withGap(known, gap({ state: "repaired" })).map(({ id, state }) => [id, state])).toEqual([
    [1, "repaired"],
    [2, "repairing"],
  ]);
  let many: readonly WireGap[] = [];
  for (let id = 1; id <= MAX_GAPS + 1; id++) many = withGap(many, gap({ id }));
  expect([many.length, many[0]?.id]).toEqual([MAX_GAPS, 2]);
});
