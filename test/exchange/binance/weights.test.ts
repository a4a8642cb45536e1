import { describe, expect, it } from "vitest";
import { CHEAPEST_KLINES_LIMIT, klinesWeight, MAX_KLINES_LIMIT } from "../../../src/exchange/binance/weights.js";

describe("klinesWeight", () => {
  it("is the same for every spot limit", () => {
    expect([1, 500, 1000].map((limit) => klinesWeight("spot", limit))).toEqual([2, 2, 2]);
  });

  it("has steps on futures", () => {
    const limits = [1, 99, 100, 499, 500, 1000, 1001, 1500];
    expect(limits.map((limit) => klinesWeight("futures", limit))).toEqual([1, 1, 2, 2, 5, 5, 10, 10]);
  });

  it("makes the page sizes the cheapest there are", () => {
    for (const market of ["spot", "futures"] as const) {
      const perWeight = (limit: number): number => limit / klinesWeight(market, limit);
      const best = perWeight(CHEAPEST_KLINES_LIMIT[market]);
      for (let limit = 1; limit <= MAX_KLINES_LIMIT[market]; limit += 1) {
        expect(perWeight(limit)).toBeLessThanOrEqual(best);
      }
    }
  });
});
