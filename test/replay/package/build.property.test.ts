import fc from "fast-check";
import { expect, test } from "vitest";
import { ledgerWorld, spiked } from "../../ledger/world.js";
import { candleSeriesOf } from "../../support/random-series.js";
import { barsOf, built, expectLive, LiveReads, requestOf, sourceOf, unpacked } from "./world.js";

const plan = fc.record({
  candles: candleSeriesOf({ minCandles: 5, maxCandles: 90 }),
  /** Where the package ends and which candle is corrected, as parts of the series. */
  end: fc.double({ min: 0, max: 1, noNaN: true }),
  corrected: fc.double({ min: 0, max: 1, noNaN: true }),
  windowCandles: fc.integer({ min: 1, max: 120 }),
  windowSize: fc.integer({ min: 1, max: 60 }),
  snapshotInterval: fc.integer({ min: 1, max: 30 }),
});

test("whatever the candles and the cut, every bar shows what the live reads say there", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ candles, end, corrected, ...cut }) => {
      const world = ledgerWorld();
      await world.run(candles);
      const late = candles[Math.floor(corrected * (candles.length - 1))];
      if (late !== undefined) await world.run([spiked(late)], late.time);
      const last = Math.floor(end * (candles.length - 1));
      const alignedTime = candles[last]?.time ?? 0;
      const { windows } = await unpacked(
        built(sourceOf(world.store, world.engines), requestOf({ alignedTime, ...cut })),
      );
      const fromS = alignedTime - (cut.windowCandles - 1) * 60;
      const bars = world.stored().filter(({ time }) => time >= fromS && time <= alignedTime);
      expect(windows.flatMap(({ kline }) => kline)).toEqual(barsOf(bars));
      expectLive(windows, new LiveReads(world.store, world.engines), cut.windowCandles);
      await world.store.close();
    }),
    { numRuns: 40, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
}, 90_000);
