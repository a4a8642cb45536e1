import { expect, test } from "vitest";
import type { ReplayWindow } from "../../../web/src/replay/moment.js";
import { MAX_WINDOWS, WindowCache } from "../../../web/src/replay/window-cache.js";

const windowAt = (number: number): ReplayWindow => ({
  window_index: number,
  start_idx: number * 10,
  end_idx: number * 10 + 10,
  catalog_base: [],
  catalog_patch: [],
  checkpoints: [],
  diffs: [],
});

/** A package of 200 candles; reads are noted, and those of candles in `fails` fail once. */
function cacheOf(fails: number[] = []) {
  const reads: number[] = [];
  const load = async (index: number) => {
    reads.push(index);
    if (fails[0] === index) throw new Error(`lost ${fails.shift()}`);
    return windowAt(Math.floor(index / 10));
  };
  return { reads, cache: new WindowCache({ windowSize: 10, total: 195, load }) };
}

test("a window is read once, however often it is wanted at the same time", async () => {
  const { cache, reads } = cacheOf();
  expect(cache.at(15)).toBeUndefined();
  const [a, b] = await Promise.all([cache.want(15), cache.want(19)]);
  expect(a).toBe(b);
  expect(await cache.want(10)).toBe(a);
  expect(cache.at(12)).toBe(a);
  expect(reads).toEqual([15]);
});

test("those used last are kept, and no more than the bound", async () => {
  const { cache, reads } = cacheOf();
  for (let number = 0; number < MAX_WINDOWS; number += 1) await cache.want(number * 10);
  cache.at(0);
  await cache.want(100);
  expect(cache.size).toBe(MAX_WINDOWS);
  expect(cache.at(0)?.window_index).toBe(0);
  expect(cache.at(10)).toBeUndefined();
  await cache.want(10);
  expect(reads.filter((index) => index === 10)).toHaveLength(2);
});

test("the next window in the direction of play is read early, and none beyond the ends", async () => {
  const { cache, reads } = cacheOf();
  cache.lookAhead(15, 1);
  await cache.want(25);
  cache.lookAhead(15, 1);
  cache.lookAhead(15, -1);
  await cache.want(5);
  cache.lookAhead(5, -1);
  cache.lookAhead(194, 1);
  expect(reads).toEqual([25, 5]);
});

test("what failed is read again when it is wanted", async () => {
  const { cache, reads } = cacheOf([25, 25]);
  cache.lookAhead(15, 1);
  await expect(cache.want(25)).rejects.toThrow("lost 25");
  await expect(cache.want(25)).rejects.toThrow("lost 25");
  expect((await cache.want(25)).window_index).toBe(2);
  expect(reads).toEqual([25, 25, 25]);
});
