import { describe, expect, test } from "vitest";
import { FactorBehavior, type FactorOptions } from "../../../src/actors/factor/factor.js";
import type { FactorFolded, FactorMessage } from "../../../src/actors/factor/protocol.js";
import { DamageNotes } from "../../../src/ledger/damage.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { createWorld, minute, SERIES } from "../series/world.js";

interface Stored {
  readonly candles?: readonly Candle[];
  /** How many of the candles the stored ledger has folded. */
  readonly folded?: number;
  /** By which logic. */
  readonly logicVersion?: string;
}

/** A factor actor's behaviour on a real store that holds some candles and a ledger. */
async function factor(
  { candles = [], folded, logicVersion = "test" }: Stored = {},
  change: Partial<FactorOptions> = {},
) {
  const { store, clock, log, ledgers } = createWorld();
  const told = { lagging: 0 };
  const steps: number[] = [];
  const options: FactorOptions = {
    id: parseSeriesId(SERIES),
    store,
    clock,
    damage: new DamageNotes(log),
    engine: ledgers.factorEngine(),
    enabled: true,
    rebuildOnNewFingerprint: true,
    rebuildKeepCandles: 2_000,
    onLagging: () => {
      told.lagging += 1;
    },
  };
  if (candles.length > 0) await store.commit({ series: SERIES, upsert: candles });
  if (folded !== undefined) {
    const earlier = candles.slice(0, folded);
    const before = new FactorBehavior({
      ...options,
      store: await storeOf(earlier),
      engine: ledgers.factorEngine({ logicVersion }),
    });
    const { change: factor } = await foldBy(before, []);
    if (factor !== undefined) await store.commit({ series: SERIES, ledgers: { factor } });
  }
  ledgers.beforeStep = ({ time }) => steps.push(time);
  const behavior = new FactorBehavior({ ...options, ...change });
  behavior.start();
  const fold = (given: readonly Candle[], changedFrom?: number) => foldBy(behavior, given, changedFrom);
  const settle = (outcome: "committed" | "discarded") => behavior.receive({ type: "settle", outcome });
  const commit = async (given: readonly Candle[], run: FactorFolded): Promise<void> => {
    const ledger = run.change === undefined ? {} : { ledgers: { factor: run.change } };
    await store.commit({ series: SERIES, upsert: given, ...ledger });
    await settle("committed");
  };
  return { behavior, fold, settle, commit, steps, told, clock, store };
}

async function storeOf(candles: readonly Candle[]) {
  const { store } = createWorld();
  await store.commit({ series: SERIES, upsert: candles });
  return store;
}

function foldBy(behavior: FactorBehavior, candles: readonly Candle[], changedFrom?: number): Promise<FactorFolded> {
  return new Promise((resolve, reject) => {
    const message: FactorMessage = { type: "fold", candles, changedFrom, reply: { resolve, reject } };
    behavior.receive(message).catch(reject);
  });
}

describe("factor", () => {
  test.each<[string, Stored, Partial<FactorOptions>, string, number]>([
    ["switched off", {}, { enabled: false }, "off", 0],
    ["nothing stored", {}, {}, "current", 0],
    ["level with the store", { candles: candleSeries(minute(0), 3), folded: 3 }, {}, "current", 0],
    ["behind the store", { candles: candleSeries(minute(0), 3), folded: 2 }, {}, "lagging", 1],
    ["never computed", { candles: candleSeries(minute(0), 3) }, {}, "rebuild_due", 1],
    [
      "computed by other logic",
      { candles: candleSeries(minute(0), 3), folded: 3, logicVersion: "old" },
      {},
      "rebuild_due",
      1,
    ],
    [
      "computed by other logic, which does not matter",
      { candles: candleSeries(minute(0), 3), folded: 3, logicVersion: "old" },
      { rebuildOnNewFingerprint: false },
      "current",
      0,
    ],
  ])("knows at its start how it stands: %s", async (_what, stored, change, status, lagging) => {
    const { behavior, told } = await factor(stored, change);
    expect([behavior.status, told.lagging]).toEqual([status, lagging]);
  });

  test("restores its fold with the first run, and not at its start", async () => {
    const { fold, steps } = await factor({ candles: candleSeries(minute(0), 3), folded: 3 });
    expect(steps).toEqual([]);
    await fold([candleAt(minute(3))]);
    expect(steps).toEqual([0, 1, 2, 3].map(minute));
  });

  test("folds a run on top of what is stored, and takes it over only when that is committed", async () => {
    const { fold, settle, commit, steps } = await factor({ candles: candleSeries(minute(0), 3), folded: 3 });
    const first = await fold([candleAt(minute(3))]);
    expect(first).toMatchObject({ rebuilt: false, change: { type: "advanced", head: { time: minute(3), count: 4 } } });
    await settle("discarded");
    steps.length = 0;
    const second = await fold([candleAt(minute(3))]);
    // Memory was ahead of the store: the fold is restored.
    expect(steps).toEqual([0, 1, 2, 3].map(minute));
    expect(second.change).toEqual(first.change);
    await commit([candleAt(minute(3))], second);
    steps.length = 0;
    await fold([candleAt(minute(4))]);
    expect(steps).toEqual([minute(4)]);
  });

  test("first catches up with the store, in one order with the run's own candles", async () => {
    const { fold } = await factor({ candles: candleSeries(minute(0), 6), folded: 2 });
    const result = await fold([candleAt(minute(3), 9), candleAt(minute(6)), candleAt(minute(8))]);
    expect(result.frames.map(({ candle }) => candle)).toEqual([
      candleAt(minute(2)),
      // Of a stored candle and one of the run with the same time the run's is folded.
      candleAt(minute(3), 9),
      ...[4, 5, 6, 8].map((n) => candleAt(minute(n))),
    ]);
    expect(result.change).toMatchObject({ head: { time: minute(8) } });
  });

  test("computes anew from the newest candles that a rebuild keeps", async () => {
    const candles = candleSeries(minute(0), 1_500);
    const stored = { candles, folded: 1_500, logicVersion: "old" };
    const { fold, steps } = await factor(stored, { rebuildKeepCandles: 600 });
    const result = await fold([]);
    expect(result).toMatchObject({ rebuilt: true, change: { head: { time: minute(1_499), origin: minute(900) } } });
    expect(steps).toEqual(candles.slice(900).map(({ time }) => time));
  });

  test("gives way to others between the slices of a long catch-up", async () => {
    const { fold, steps } = await factor({ candles: candleSeries(minute(0), 1_500), folded: 1 });
    const running = fold([]);
    const seen: number[] = [];
    while (steps.length < 1_500) {
      seen.push(steps.length);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await running;
    expect(seen.length).toBeGreaterThan(10);
    expect(Math.max(...seen.slice(1).map((count, index) => count - (seen[index] as number)))).toBeLessThanOrEqual(130);
  });

  test("folds again from a candle that was folded otherwise", async () => {
    const { fold, commit } = await factor({ candles: candleSeries(minute(0), 6), folded: 6 });
    const late = [candleAt(minute(2), 500)];
    const result = await fold(late, minute(2));
    expect(result).toMatchObject({ restart: { type: "block", time: minute(0) }, change: { head: { count: 6 } } });
    expect(result.frames[2]?.candle).toEqual(late[0]);
    await commit(late, result);
  });

  test("changes nothing when there is nothing new, or when it is switched off", async () => {
    const level = await factor({ candles: candleSeries(minute(0), 3), folded: 3 });
    expect(await level.fold([])).toMatchObject({ change: undefined, rebuilt: false, frames: [] });
    const off = await factor({}, { enabled: false });
    expect(await off.fold([candleAt(minute(0))])).toMatchObject({ change: undefined, frames: [], durationMs: 0 });
    expect(off.steps).toEqual([]);
    const empty = await factor();
    expect(await empty.fold([])).toMatchObject({ change: undefined, rebuilt: false });
  });
});
