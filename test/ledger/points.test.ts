import fc from "fast-check";
import { expect, test } from "vitest";
import { type LedgerPoint, LedgerPoints, type PointScope } from "../../src/ledger/points.js";
import type { StoreReader } from "../../src/storage/store.js";
import { ID, type LedgerWorld, ledgerWorld, SERIES, spiked, walk } from "./world.js";

const CANDLES = walk(700);
const timeAt = (index: number): number => CANDLES[index]?.time ?? 0;

/** Points of a world's ledgers. @param store what they are read from, if not from the world's store itself. */
const pointsOf = ({ engines }: LedgerWorld, store: StoreReader): LedgerPoints =>
  new LedgerPoints({ store, factors: engines.factor, overlays: engines.overlay });

/** Everything that an answer takes from a point. */
function shownBy({ engines }: LedgerWorld, point: LedgerPoint | undefined, scope: PointScope) {
  if (point === undefined) return undefined;
  const { frame, fold, picture } = point;
  const factors = engines.factor.factors.map((factor) => {
    const facts = frame.factsOf(factor) as never;
    return [fold.isPresent(factor), factor.headText?.(facts) ?? factor.head(facts, frame)];
  });
  const { time } = point;
  if (scope === "factor") return { time, index: frame.index, factors };
  return { time, index: frame.index, factors, live: picture?.live(), lastVersion: picture?.lastVersion };
}

/** The store, with a list of the checkpoints that were asked for. */
function noting(store: StoreReader) {
  const asked: string[] = [];
  const checkpoint: StoreReader["checkpoint"] = (series, ledger, timeS) => {
    asked.push(`${ledger} ${CANDLES.findIndex(({ time }) => time === timeS)}`);
    return store.checkpoint(series, ledger, timeS);
  };
  const reader = new Proxy(store, {
    get: (target, name) => {
      if (name === "checkpoint") return checkpoint;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  return { reader, asked };
}

test("a point is what it is, whatever was asked for before", async () => {
  const world = ledgerWorld();
  await world.run(CANDLES);
  const step = fc.record({ index: fc.nat(CANDLES.length - 1), scope: fc.constantFrom("factor", "both") });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const points = pointsOf(world, world.store);
      for (const { index, scope } of steps) {
        const point = shownBy(world, points.at(ID, timeAt(index), scope), scope);
        const alone = pointsOf(world, world.store).at(ID, timeAt(index), scope);
        expect(point).toMatchObject({ index, time: timeAt(index) });
        expect(point).toEqual(shownBy(world, alone, scope));
      }
    }),
    { numRuns: 30 },
  );
});

test("checkpoints are read once, and those of the drawing only for who shows it", async () => {
  const world = ledgerWorld();
  await world.run(CANDLES);
  const { reader, asked } = noting(world.store);
  const points = pointsOf(world, reader);
  expect(points.at(ID, timeAt(300), "factor")?.picture).toBeUndefined();
  expect(asked).toEqual(["factor 256"]);
  expect(points.at(ID, timeAt(300), "both")?.picture).toBeDefined();
  expect(asked).toEqual(["factor 256", "overlay 256"]);
  for (const index of [600, 290, 610, 280]) points.at(ID, timeAt(index), "both");
  expect(asked).toEqual(["factor 256", "overlay 256", "factor 512", "overlay 512"]);
});

test("a drawing that is at hand is folded along with the factors", async () => {
  const world = ledgerWorld();
  await world.run(CANDLES);
  const points = pointsOf(world, world.store);
  points.at(ID, timeAt(300), "both");
  const { picture, fold } = points.at(ID, timeAt(310), "factor") ?? {};
  expect(picture).toBeDefined();
  expect(points.at(ID, timeAt(320), "both")).toMatchObject({ time: timeAt(320) });
  expect(points.at(ID, timeAt(320), "both")?.fold).toBe(fold);
});

test("after a correction nothing of before is used", async () => {
  const world = ledgerWorld();
  await world.run(CANDLES);
  const points = pointsOf(world, world.store);
  const before = shownBy(world, points.at(ID, timeAt(699), "both"), "both");
  const corrected = spiked(CANDLES[200] as (typeof CANDLES)[number]);
  const { generation } = world.store.ledger(SERIES, "factor");
  await world.run([corrected], corrected.time);
  expect(world.store.ledger(SERIES, "factor").generation).toBeGreaterThan(generation);
  const after = shownBy(world, points.at(ID, timeAt(699), "both"), "both");
  expect(after).toEqual(shownBy(world, pointsOf(world, world.store).at(ID, timeAt(699), "both"), "both"));
  expect(after).not.toEqual(before);
});
