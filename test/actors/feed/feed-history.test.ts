import { expect, test } from "vitest";
import { type FeedHistory, untilHistoryIsWhole } from "../../../src/actors/feed/feed-history.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

/** A wait, and what came of it so far: `null` while it goes on. */
function world(first: FeedHistory | undefined) {
  const clock = new SimulatedClock(1_000_000);
  const stop = new AbortController();
  const feed = { history: first };
  let outcome: string | undefined | null = null;
  void untilHistoryIsWhole({ clock, history: () => feed.history, signal: stop.signal }).then((why) => {
    outcome = why;
  });
  const after = async (ms: number): Promise<string | undefined | null> => {
    await clock.advanceSettled(ms);
    return outcome;
  };
  return { feed, stop, clock, after };
}

test("waits until the feed runs, has looked, and has fetched what is missing", async () => {
  const { feed, clock, after } = world(undefined);
  expect(await after(5_000)).toBeNull();
  feed.history = { state: "unknown" };
  expect(await after(5_000)).toBeNull();
  feed.history = { state: "fetching", error: null };
  expect(await after(5_000)).toBeNull();
  feed.history = { state: "whole" };
  expect(await after(200)).toBeUndefined();
  expect(clock.pendingTimers).toBe(0);
});

test.each<[FeedHistory, string]>([
  [{ state: "fetching", error: "banned: HTTP 418" }, "banned: HTTP 418"],
  [{ state: "refused", reason: "X/USDT is not listed" }, "X/USDT is not listed"],
])("does not wait for the end of an outage: %o", async (history, why) => {
  const { feed, after } = world({ state: "unknown" });
  expect(await after(1_000)).toBeNull();
  feed.history = history;
  expect(await after(200)).toBe(why);
});

test("ends at once when it is told to", async () => {
  const { stop, clock, after } = world({ state: "fetching", error: null });
  expect(await after(1_000)).toBeNull();
  stop.abort();
  expect(await after(0)).toBeUndefined();
  expect(clock.pendingTimers).toBe(0);
});
