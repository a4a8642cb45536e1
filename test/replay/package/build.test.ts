import { expect, test } from "vitest";
import { ledgerWorld, walk } from "../../ledger/world.js";
import { barsOf, built, expectSame, LiveReads, requestOf, shownAt, sourceOf, unpacked } from "./world.js";

test("says at every bar what the live reads say there", async () => {
  const world = ledgerWorld();
  const candles = walk(900);
  await world.run(candles);
  const alignedTime = candles.at(-37)?.time ?? 0;
  const windowCandles = 150;
  const folder = built(sourceOf(world.store, world.engines), requestOf({ alignedTime, windowCandles, windowSize: 40 }));
  const { windows } = await unpacked(folder);
  const bars = candles.slice(-37 - 149, -36);
  expect(windows.flatMap(({ kline }) => kline)).toEqual(barsOf(bars));
  const live = new LiveReads(world.store, world.engines);
  const fromS = bars[0]?.time ?? 0;
  for (const window of windows) {
    for (const [at, { time }] of window.kline.entries()) {
      expectSame(shownAt(window, window.startIdx + at, time), live.at(time, fromS, windowCandles));
    }
  }
});
