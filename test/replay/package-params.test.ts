import { expect, test } from "vitest";
import {
  OVERLAY_PARAMS,
  PREPARED_WINDOW,
  packageParams,
  REPLAY_PARAMS,
  within,
} from "../../src/replay/package-params.js";

const all = (value: number) => ({ windowCandles: value, windowSize: value, snapshotInterval: value });

test("what is not given, and what is null, has its default", () => {
  const expected = { windowCandles: 2_000, windowSize: 500, snapshotInterval: 25 };
  const none = { windowCandles: null, windowSize: undefined, snapshotInterval: null };
  for (const ranges of [REPLAY_PARAMS, OVERLAY_PARAMS]) {
    expect(packageParams(ranges, {})).toEqual(expected);
    expect(packageParams(ranges, none)).toEqual(expected);
  }
});

test.each([
  ["replay", REPLAY_PARAMS, [1, 1, 5], [5_000, 2_000, 200]],
  ["overlay", OVERLAY_PARAMS, [100, 50, 5], [2_000, 2_000, 200]],
] as const)(
  "values of a %s package are brought inside its range, and are left alone there",
  (_, ranges, least, most) => {
    expect(Object.values(packageParams(ranges, all(1)))).toEqual(least);
    expect(Object.values(packageParams(ranges, all(5_000)))).toEqual(most);
    expect(packageParams(ranges, all(150))).toEqual(all(150));
  },
);

test("prepare hands back a window of at least 100 candles", () => {
  expect([null, 1, 99, 100, 4_999, 5_000].map((given) => within(PREPARED_WINDOW, given))).toEqual([
    2_000, 100, 100, 100, 4_999, 5_000,
  ]);
});
