import { expect, test } from "vitest";
import type { FeedOfSeries } from "../../../src/client/answers/feed.js";
import { ageText, figuresOf, type Standing, wordsOf } from "../../../web/src/live/words.js";

const FEED: FeedOfSeries = {
  ...{ series_id: "s", state: "live", reason: null, since: 1, verified_at: null, message_age_s: 1.72 },
  ...{ final_age_s: 50, lag_ms: 400.4, connection: null },
};
const OPEN: Standing = { connection: { name: "open" }, problem: null, retryAtMs: null, feed: FEED, nowMs: 1_000 };

test.each<[string, Partial<Standing>, readonly [string, string, string]]>([
  ["live", {}, ["good", "Live", ""]],
  ["stalled", { feed: { ...FEED, state: "stalled", reason: "REST is ahead" } }, ["bad", "Stalled", "REST is ahead"]],
  ["not followed", { feed: null }, ["idle", "Not followed", "stored candles only; no stream is open for it"]],
  ["not known", { feed: undefined }, ["good", "Connected", ""]],
  ["being dialed", { connection: { name: "connecting", attempt: 1 } }, ["busy", "Connecting", ""]],
  ["refused", { connection: { name: "refused", reason: "no", retry_in_ms: 1 } }, ["bad", "Refused", "no"]],
  [
    "away",
    {
      connection: { name: "waiting", reason: "the connection was lost", attempt: 2, retry_in_ms: 9 },
      retryAtMs: 3_500,
    },
    ["bad", "Daemon away", "the connection was lost; trying again in 3 s"],
  ],
  [
    "without an answer",
    { problem: { text: "no daemon answers", retryAtMs: 900 } },
    ["bad", "No answer", "no daemon answers; trying again"],
  ],
])("a series that is %s", (_name, changed, [tone, state, detail]) => {
  expect(wordsOf({ ...OPEN, ...changed })).toEqual({ tone, state, detail });
});

test("a state without a reason still says what it means", () => {
  expect(wordsOf({ ...OPEN, feed: { ...FEED, state: "repairing" } }).detail).toMatch(/hole/);
});

test("figures are those that are known", () => {
  expect(figuresOf(FEED)).toEqual(["message 1.7 s ago", "lag 400 ms"]);
  expect(figuresOf({ ...FEED, message_age_s: null, lag_ms: null })).toEqual([]);
  expect(figuresOf(undefined)).toEqual([]);
});

test.each([
  [0.04, "0.0 s"],
  [12.4, "12 s"],
  [150, "3 min"],
  [9_000, "3 h"],
])("%d s is %s", (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});
