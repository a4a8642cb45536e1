import { expect, test } from "vitest";
import { type LastRun, PacedRuns, type PacedRunsOptions } from "../../src/clock/paced-runs.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

/** Runs that end when the test says so, with the number of the run as their outcome. */
function world(change: Partial<PacedRunsOptions> = {}) {
  const clock = new SimulatedClock(1_000_000);
  const runs = new PacedRuns<number>({ clock, maxAtOnce: 10, maxRemembered: 20, ...change });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const lasts: LastRun<number>[] = [];
  const ask = (key: string, due = true): void =>
    runs.ask({
      key,
      isDue: (last) => {
        lasts.push(last);
        return due;
      },
      work: () => {
        begun.push(key);
        return new Promise((resolve) => ends.push(() => resolve(begun.length)));
      },
    });
  const endAll = async (): Promise<void> => {
    for (const end of ends.splice(0)) end();
    await clock.advanceSettled(0);
  };
  return { clock, runs, begun, lasts, ask, endAll };
}

test("never two at once for a key, whoever asks", async () => {
  const { begun, lasts, ask, endAll } = world();
  ask("a");
  ask("a");
  ask("b");
  expect([begun, lasts]).toEqual([["a", "b"], []]);
  await endAll();
  ask("a");
  expect(begun).toEqual(["a", "b", "a"]);
});

test("whoever asks again is told what became of the last run, and how long it has been over", async () => {
  const { clock, begun, lasts, ask, endAll } = world();
  ask("a");
  clock.advance(5_000);
  await endAll();
  clock.advance(1_500);
  ask("a", false);
  expect(lasts).toEqual([{ what: 1, sinceMs: 1_500 }]);
  expect(begun).toEqual(["a"]);
});

test("so many at a time, and no more", async () => {
  const { begun, ask, endAll } = world({ maxAtOnce: 2 });
  for (const key of ["a", "b", "c"]) ask(key);
  expect(begun).toEqual(["a", "b"]);
  await endAll();
  ask("c");
  expect(begun).toEqual(["a", "b", "c"]);
});

test("the run that was longest ago is forgotten first, but none that is under way", async () => {
  const { begun, ask, endAll } = world({ maxRemembered: 2 });
  ask("a");
  ask("b");
  await endAll();
  ask("running");
  // Room for it was made by forgetting `a`; for the next one `b` goes, and never what runs.
  ask("c");
  ask("running");
  await endAll();
  ask("a", false);
  expect(begun).toEqual(["a", "b", "running", "c", "a"]);
});

test("a stop waits for what is under way, and nothing begins any more", async () => {
  const { clock, runs, begun, ask, endAll } = world();
  ask("a");
  let isStopped = false;
  const stopping = runs.stop().then(() => {
    isStopped = true;
  });
  ask("b");
  await clock.advanceSettled(0);
  expect([isStopped, begun]).toEqual([false, ["a"]]);
  await endAll();
  await stopping;
  expect(isStopped).toBe(true);
});
