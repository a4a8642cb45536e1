/** The whole runtime over seeds: what holds for all of them, that a seed is a replay, and that the checks can fail. */
import { expect, test } from "vitest";
import { runSeed } from "../../src/simulation/run.js";

/** Seeds of a test run; `npm run sim` runs as many as wanted. */
const SEEDS = 120;
const SEEDS_PER_TEST = 20;
/** Shorter runs than those of the command, in hours: more seeds, other beginnings. */
const HOURS = 0.4;
const LIMIT_MS = 60_000;

const parts = Array.from({ length: SEEDS / SEEDS_PER_TEST }, (_, part) => part * SEEDS_PER_TEST + 1);

test.each(parts)("nothing is lost, invented or told wrongly from seed %i on", { timeout: LIMIT_MS }, async (from) => {
  for (let seed = from; seed < from + SEEDS_PER_TEST; seed += 1) {
    const { failures } = await runSeed(seed, { hours: HOURS });
    expect(failures, `seed ${seed}; npm run sim -- --seeds 1 --from ${seed} --hours ${HOURS} --verbose`).toEqual([]);
  }
});

test("a seed happens the same way every time, to the last event; another one otherwise", async () => {
  const first = await runSeed(7, { hours: HOURS, keepJournal: true });
  const again = await runSeed(7, { hours: HOURS, keepJournal: true });
  expect(again.journal).toEqual(first.journal);
  expect(again.digest).toBe(first.digest);
  expect(first.journal.length).toBeGreaterThan(100);
  expect((await runSeed(8, { hours: HOURS })).digest).not.toBe(first.digest);
});
