import { expect, test } from "vitest";
import { NOTICE_INTERVAL_MS, RebuildNotice } from "../../../src/actors/ingest/rebuild-notice.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

function noticed(publish: () => Promise<void> = async () => undefined) {
  const clock = new SimulatedClock(1_746_403_200_000);
  const givenAtMs: number[] = [];
  const notice = new RebuildNotice(clock, () => {
    givenAtMs.push(clock.monotonic());
    return publish();
  });
  const tell = (): Promise<void> => {
    notice.owe();
    return notice.give();
  };
  return { clock, notice, tell, givenAtMs };
}

test("the first notice is given at once", async () => {
  const { tell, givenAtMs, clock } = noticed();
  await tell();
  expect([givenAtMs, clock.pendingTimers]).toEqual([[0], 0]);
});

test("of all that come within a second one is given, when the second is over", async () => {
  const { tell, givenAtMs, clock } = noticed();
  for (let n = 0; n < 25; n += 1) {
    await tell();
    await clock.advanceSettled(100);
  }
  await clock.advanceSettled(5_000);
  expect(givenAtMs).toEqual([0, 1_000, 2_000, 3_000]);
  expect(clock.pendingTimers).toBe(0);
});

test("after a quiet second a notice is given at once again", async () => {
  const { tell, givenAtMs, clock } = noticed();
  await tell();
  await clock.advanceSettled(NOTICE_INTERVAL_MS);
  await tell();
  await clock.advanceSettled(NOTICE_INTERVAL_MS - 1);
  await tell();
  expect(givenAtMs).toEqual([0, 1_000]);
  await clock.advanceSettled(1);
  expect(givenAtMs).toEqual([0, 1_000, 2_000]);
});

test("a notice that waits is not waited for", async () => {
  const { tell } = noticed();
  await tell();
  // Would hang if it waited: the clock stands still.
  await Promise.all([tell(), tell()]);
});

test("the asker is told that a notice failed; of one that comes later nobody is, and it stops none after it", async () => {
  const { tell, givenAtMs, clock } = noticed(() => Promise.reject(new Error("the publisher fell")));
  await expect(tell()).rejects.toThrow("the publisher fell");
  await tell();
  await clock.advanceSettled(1_000);
  await tell();
  await clock.advanceSettled(1_000);
  expect(givenAtMs).toEqual([0, 1_000, 2_000]);
});

test("what is owed is told once, and nothing when nothing is owed", async () => {
  const { notice, givenAtMs, clock } = noticed();
  await notice.give();
  notice.owe();
  notice.owe();
  await clock.advanceSettled(5_000);
  expect(givenAtMs).toEqual([]);
  await notice.give();
  await notice.give();
  await clock.advanceSettled(5_000);
  expect(givenAtMs).toEqual([5_000]);
});

test("after a stop nothing waits, and nothing that waited is given", async () => {
  const { notice, tell, givenAtMs, clock } = noticed();
  await tell();
  await tell();
  notice.stop();
  expect(clock.pendingTimers).toBe(0);
  await clock.advanceSettled(5_000);
  expect(givenAtMs).toEqual([0]);
});
