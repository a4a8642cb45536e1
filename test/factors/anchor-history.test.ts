import { expect, test } from "vitest";
import type { AnchorRef } from "../../src/factors/anchor.js";
import { healSwitches } from "../../src/factors/anchor-history.js";
import { loadVector } from "./model/vectors.js";

const { history_healing } = loadVector<{
  history_healing: {
    switch_rows_in_order: { switch_time: number; new_anchor: AnchorRef; visible_time: number }[];
    expected_anchors: AnchorRef[];
    expected_switches: unknown[];
  };
}>("05_anchor");

test("healing: one switch per moment, the last; none to an anchor that was led to before", () => {
  const { switch_rows_in_order, expected_anchors, expected_switches } = history_healing;
  const healed = healSwitches(switch_rows_in_order.map((row) => JSON.stringify(row)));
  expect([...healed.keys()]).toEqual(["anchors", "switches"]);
  const parsed = (bucket: string) => healed.get(bucket)?.map((text) => JSON.parse(text) as unknown);
  expect(parsed("anchors")).toEqual(expected_anchors);
  expect(parsed("switches")).toEqual(expected_switches);
});

test("healing: rows without a time of their own go by when they were visible", () => {
  const row = (visible_time: number, start_time: number) => {
    const new_anchor = { kind: "confirmed", start_time, end_time: start_time + 60, direction: 1 };
    return JSON.stringify({ switch_time: 0, reason: "strong_pen", new_anchor, visible_time });
  };
  const rows = [row(300, 60), row(360, 120), row(360, 180)];
  expect(healSwitches(rows).get("switches")).toEqual([rows[0], rows[2]]);
});
