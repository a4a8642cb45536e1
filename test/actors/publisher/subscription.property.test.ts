/**
 * A subscription under any interleaving of ingest, catch-up pages, recoveries and time: every closed candle after the
 * cursor comes once and in order, and a gap is announced at most once, right before the candle that shows it.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candle } from "../../../src/market/candle.js";
import { candleAt } from "../../support/candles.js";
import { settle, World } from "./subscription-world.js";

/** Slots of a minute that pass before the next candle comes: 1 leaves no hole. */
const step = fc.constantFrom(1, 1, 1, 2, 4);

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("ingest" as const),
      steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("store" as const),
      steps: fc.array(step, { minLength: 1, maxLength: 7 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("late" as const), back: fc.integer({ min: 0, max: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("forming" as const), ahead: fc.integer({ min: -1, max: 1 }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("room" as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("recovered" as const), brings: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("rebuilt" as const) }) },
);

const scenario = fc.record({
  stored: fc.array(step, { maxLength: 12 }),
  since: fc.option(fc.integer({ min: 0, max: 14 }).map((slot) => slot * 60)),
  batches: fc.boolean(),
  limit: fc.integer({ min: 1, max: 5 }),
  readLimit: fc.integer({ min: 1, max: 5 }),
  recovers: fc.boolean(),
  actions: fc.array(action, { maxLength: 25 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly world: World;
  /** Times stored when the subscription began its catch-up. */
  readonly atStart: readonly number[];
  /** Times that were ingested behind newer ones and need not be sent. */
  readonly late: ReadonlySet<number>;
  readonly notices: number;
}

async function run({ stored, since, batches, limit, readLimit, recovers, actions }: Scenario): Promise<Outcome> {
  const waiting: ((brings: boolean) => void)[] = [];
  const recover = ({ expectedNextTime, actualTime }: { expectedNextTime: number; actualTime: number }) =>
    new Promise<readonly Candle[]>((resolve) => {
      waiting.push((brings) => {
        const times: number[] = [];
        for (let time = expectedNextTime; time < actualTime; time += 60) times.push(time);
        if (brings) world.store(...times);
        // All of it is stored, and no more than a bound is handed over.
        resolve(brings ? times.slice(0, readLimit).map((time) => candleAt(time)) : []);
      });
    });
  const world = new World({ since, batches, limit, crowded: true, ...(recovers ? { recover } : {}) });
  let slot = 0;
  const advance = (steps: readonly number[]): number[] =>
    steps.map((by) => {
      slot += by;
      return slot * 60;
    });
  world.store(...advance(stored));
  const atStart = world.storedTimes;
  const late = new Set<number>();
  let notices = 0;
  void world.catchUp();
  for (const one of actions) {
    if (one.type === "ingest") world.ingest(...advance(one.steps));
    else if (one.type === "store") world.store(...advance(one.steps));
    else if (one.type === "forming") world.forming((slot + one.ahead) * 60);
    else if (one.type === "room") await world.makeRoom();
    else if (one.type === "recovered") {
      waiting.shift()?.(one.brings);
      await settle();
    } else if (one.type === "rebuilt") {
      notices += 1;
      world.rebuilt();
    } else {
      const time = Math.max(0, slot - one.back) * 60;
      if (!world.storedTimes.includes(time)) late.add(time);
      world.ingest(time);
    }
  }
  // The end: what hangs is let go, and one more candle far ahead brings out what was stored in silence.
  await world.makeRoomForGood();
  world.ingest(...advance([10]));
  for (let left = waiting.length + 30; left > 0; left -= 1) {
    waiting.shift()?.(false);
    await settle();
  }
  return { world, atStart, late, notices };
}

test("exactly once, in order, gaps once and in their place", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { world, atStart, late, notices } = await run(given);
      const { told, closedTimes } = world;
      expect(closedTimes, "ascending, once each").toEqual([...new Set(closedTimes)].sort((a, b) => a - b));

      // Without a since the client begins with a page of the newest: what was missed before is not its affair.
      const from = given.since ?? (closedTimes[0] ?? 0) - 1;
      const owed = world.storedTimes.filter((time) => time > from && !late.has(time));
      expect(
        closedTimes.filter((time) => !late.has(time)),
        "complete",
      ).toEqual(owed);
      if (given.since === null)
        expect(closedTimes.length).toBeGreaterThanOrEqual(Math.min(given.limit, atStart.length));

      const gaps = told.filter((entry) => String(entry).startsWith("gap"));
      expect(new Set(gaps).size, "each gap once").toBe(gaps.length);
      let previous = given.since;
      for (const [index, entry] of told.entries()) {
        const [, expected, actual] = /^gap (-?\d+)-(\d+)$/.exec(String(entry)) ?? [];
        if (actual !== undefined) {
          expect(Number(expected)).toBe((previous ?? Number.NaN) + 60);
          expect(told[index + 1], "right before its candle").toBe(Number(actual));
        }
        const forming = /^~(\d+)$/.exec(String(entry))?.[1];
        if (forming !== undefined && previous !== null) expect(Number(forming)).toBeGreaterThan(previous);
        if (typeof entry === "number") previous = entry;
      }
      expect(told.filter((entry) => entry === "rebuild")).toHaveLength(notices);
      expect(world.failures).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
