import { describe, expect, test } from "vitest";
import { candleAt } from "../../support/candles.js";
import { FIVE, startDerived } from "../derive/world.js";
import { minute, SERIES } from "../series/world.js";

/** A derived series that somebody looks at, whose first minutes have closed. */
async function watched(closed: number) {
  const world = await startDerived();
  await world.follow(FIVE);
  const { listener, subscription } = await world.subscribe(FIVE);
  await world.closeAll(0, closed - 1);
  const forming = async (n: number, close?: number): Promise<void> => {
    world.futures.forming(SERIES, candleAt(minute(n), close));
    await world.advance(0);
  };
  return { ...world, listener, subscription, forming, shown: () => world.published.forming(FIVE) };
}

describe("the forming candle of a derived series", () => {
  test("RS-V14 is the stored base candles of its bucket and the base's forming one, and is never stored", async () => {
    const { forming, shown, listener, stored } = await watched(2);
    await forming(2, 500);
    const [first, second, third] = [minute(0), minute(1), minute(2)].map((time) => candleAt(time)) as never as [
      ReturnType<typeof candleAt>,
      ReturnType<typeof candleAt>,
      ReturnType<typeof candleAt>,
    ];
    const parts = [first, second, candleAt(third.time, 500)];
    expect(shown()).toEqual([
      {
        time: minute(0),
        open: first.open,
        high: Math.max(...parts.map(({ high }) => high)),
        low: Math.min(...parts.map(({ low }) => low)),
        close: 500,
        volume: parts.reduce((sum, { volume }) => sum + volume, 0),
      },
    ]);
    expect(listener.of("candle_forming")).toHaveLength(1);
    expect(stored(FIVE)).toEqual([]);
  });

  test("RS-V15 is shown no more often than the base's, and at once for a new bucket, which leaves the closed one whole", async () => {
    const { forming, shown, advance, closeAll, close, stored } = await watched(3);
    await forming(3, 500);
    await closeAll(3, 3);
    await forming(4, 600);
    await advance(100);
    await forming(4, 601);
    await advance(1_000);
    expect(shown().map(({ close }) => close)).toEqual([500, 600, 601]);
    // The next bucket forms before the last minute of this one has come.
    await forming(5, 700);
    expect(shown().map(({ time }) => time)).toEqual([minute(0), minute(0), minute(0), minute(5)]);
    await close(4);
    expect(stored(FIVE)).toEqual([minute(0)]);
  });

  test("RS-V16 is not shown while the minute before the forming one is not stored", async () => {
    const { forming, shown, close } = await watched(2);
    await forming(3, 500);
    expect(shown()).toEqual([]);
    await close(2);
    await forming(3, 501);
    expect(shown().map(({ close: last }) => last)).toEqual([501]);
  });

  test("shows base candles that were corrected as they are now", async () => {
    const { forming, shown, futures, advance } = await watched(2);
    await forming(2, 500);
    futures.final(SERIES, { ...candleAt(minute(0)), low: 1 });
    await advance(0);
    await advance(600);
    await forming(2, 501);
    expect(shown().map(({ low }) => low === 1)).toEqual([false, true]);
  });

  test("is not made for a series that nobody looks at", async () => {
    const { forming, shown, runtime, subscription, published } = await watched(1);
    runtime.unsubscribe(subscription);
    await forming(1, 500);
    expect([shown(), published.forming(SERIES).length]).toEqual([[], 1]);
  });
});
