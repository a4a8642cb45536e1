import { describe, expect, test } from "vitest";
import { FactorBehavior, type FactorOptions } from "../../../src/actors/factor/factor.js";
import type { FactorFolded, FactorMessage } from "../../../src/actors/factor/protocol.js";
import { createFactorEngine } from "../../../src/factors/engine.js";
import type { Candle } from "../../../src/market/candle.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { createWorld, minute, SERIES } from "../series/world.js";

/** A factor actor's behaviour on a real store that holds some candles and a ledger head. */
async function factor(
  stored: { readonly candles?: readonly Candle[]; readonly head?: number; readonly fingerprint?: string } = {},
  change: Partial<FactorOptions> = {},
) {
  const { store, clock } = createWorld();
  const engine = createFactorEngine("test");
  const { candles = [], head, fingerprint = engine.fingerprint } = stored;
  const ledgers =
    head === undefined ? {} : { factor: { type: "advanced", head: { time: head, fingerprint } } as const };
  if (candles.length > 0) await store.commit({ series: SERIES, upsert: candles, ledgers });
  const told = { lagging: 0 };
  const folded: number[] = [];
  const behavior = new FactorBehavior({
    series: SERIES,
    store,
    clock,
    engine: {
      ...engine,
      step: (state, candle) => {
        folded.push(candle.time);
        return engine.step(state, candle);
      },
    },
    enabled: true,
    rebuildOnNewFingerprint: true,
    rebuildKeepCandles: 2_000,
    onLagging: () => {
      told.lagging += 1;
    },
    ...change,
  });
  behavior.start();
  const fold = (given: readonly Candle[]): Promise<FactorFolded> =>
    new Promise((resolve, reject) => {
      const message: FactorMessage = {
        type: "fold",
        candles: given,
        storedHeadTime: store.head(SERIES).lastTime,
        reply: { resolve, reject },
      };
      behavior.receive(message).catch(reject);
    });
  const settle = (outcome: "committed" | "discarded") => behavior.receive({ type: "settle", outcome });
  return { behavior, fold, settle, folded, told, clock };
}

describe("factor", () => {
  test.each([
    ["switched off", {}, { enabled: false }, "off", 0],
    ["nothing stored", {}, {}, "current", 0],
    ["level with the store", { candles: candleSeries(minute(0), 3), head: minute(2) }, {}, "current", 0],
    ["behind the store", { candles: candleSeries(minute(0), 3), head: minute(1) }, {}, "lagging", 1],
    ["never computed", { candles: candleSeries(minute(0), 3) }, {}, "rebuild_due", 1],
    [
      "computed by other logic",
      { candles: candleSeries(minute(0), 3), head: minute(2), fingerprint: "old" },
      {},
      "rebuild_due",
      1,
    ],
    [
      "computed by other logic, which does not matter",
      { candles: candleSeries(minute(0), 3), head: minute(2), fingerprint: "old" },
      { rebuildOnNewFingerprint: false },
      "current",
      0,
    ],
  ] as const)("knows at its start how it stands: %s", async (_what, stored, change, status, lagging) => {
    const { behavior, told } = await factor(stored, change);
    expect([behavior.status, told.lagging]).toEqual([status, lagging]);
  });

  test("folds a run on top of what is stored, and takes it over only when that is committed", async () => {
    const { fold, settle, folded } = await factor({ candles: candleSeries(minute(0), 3), head: minute(2) });
    const first = await fold([candleAt(minute(3))]);
    expect(first).toMatchObject({ rebuilt: false, candlesRead: 1, state: { headTime: minute(3) } });
    await settle("discarded");
    const second = await fold([candleAt(minute(3))]);
    expect(second.candlesRead).toBe(1);
    await settle("committed");
    await fold([candleAt(minute(4))]);
    expect(folded).toEqual([3, 3, 4].map(minute));
  });

  test("first catches up with the store, in one order with the run's own candles", async () => {
    const { fold, folded } = await factor({ candles: candleSeries(minute(0), 6), head: minute(1) });
    const result = await fold([candleAt(minute(3), 9), candleAt(minute(6)), candleAt(minute(8))]);
    expect(folded).toEqual([2, 3, 4, 5, 6, 8].map(minute));
    expect(result).toMatchObject({ candlesRead: 6, state: { headTime: minute(8) } });
  });

  test("of a stored candle and one of the run with the same time folds the run's", async () => {
    const closes: number[] = [];
    const engine = createFactorEngine("test");
    const step: typeof engine.step = (state, candle) => {
      closes.push(candle.close);
      return engine.step(state, candle);
    };
    const stored = { candles: [candleAt(minute(0), 1), candleAt(minute(1), 2)], head: minute(0) };
    const { fold } = await factor(stored, { engine: { ...engine, step } });
    await fold([candleAt(minute(1), 7)]);
    expect(closes).toEqual([7]);
  });

  test("computes anew from the newest candles that a rebuild keeps", async () => {
    const candles = candleSeries(minute(0), 1_500);
    const { fold, folded } = await factor(
      { candles, head: minute(1_499), fingerprint: "old" },
      { rebuildKeepCandles: 600 },
    );
    const result = await fold([]);
    expect(result).toMatchObject({ rebuilt: true, candlesRead: 600, state: { headTime: minute(1_499) } });
    expect(folded).toEqual(candles.slice(900).map(({ time }) => time));
  });

  test("gives way to others between the slices of a long catch-up", async () => {
    const { fold, folded } = await factor({ candles: candleSeries(minute(0), 1_500), head: minute(0) });
    const running = fold([]);
    const seen: number[] = [];
    while (folded.length < 1_499) {
      seen.push(folded.length);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await running;
    expect(seen.length).toBeGreaterThan(1);
    expect(Math.max(...seen.slice(1).map((count, index) => count - (seen[index] as number)))).toBeLessThanOrEqual(500);
  });

  test("changes nothing when there is nothing new, or when it is switched off", async () => {
    const level = await factor({ candles: candleSeries(minute(0), 3), head: minute(2) });
    expect(await level.fold([])).toMatchObject({ change: undefined, rebuilt: false, candlesRead: 0 });
    const off = await factor({}, { enabled: false });
    expect(await off.fold([candleAt(minute(0))])).toMatchObject({ change: undefined, candlesRead: 0, durationMs: 0 });
    expect(off.folded).toEqual([]);
    const empty = await factor();
    expect(await empty.fold([])).toMatchObject({ change: undefined, rebuilt: false });
  });
});
