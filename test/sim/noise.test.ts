import { describe, expect, it } from "vitest";
import { hash32, textKey, uniform, uniformInteger } from "../../src/sim/noise.js";

describe("noise by key", () => {
  it("is the same for the same keys and another for any other key", () => {
    const keys: readonly (readonly [number, number, number, number])[] = [
      [1, 2, 3, 4],
      [2, 2, 3, 4],
      [1, 3, 3, 4],
      [1, 2, 4, 4],
      [1, 2, 3, 5],
      [1, 2, 3, 4 + 2 ** 31],
    ];
    expect(hash32(1, 2, 3, 4)).toBe(hash32(1, 2, 3, 4));
    expect(new Set(keys.map((key) => hash32(...key))).size).toBe(keys.length);
  });

  it("spreads evenly over neighbouring keys", () => {
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let key = 0; key < 10_000; key += 1) {
      const bucket = Math.floor(uniform(7, key) * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("reaches both ends of a range of whole numbers and no further", () => {
    const seen = new Set<number>();
    for (let key = 0; key < 200; key += 1) seen.add(uniformInteger(3, 6, 1, key));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  });

  it("makes a key of a text", () => {
    expect(textKey("BTCUSDT 1m")).toBe(textKey("BTCUSDT 1m"));
    expect(textKey("BTCUSDT 1m")).not.toBe(textKey("BTCUSDT 1M"));
  });
});
