import { describe, expect, it } from "vitest";
import { walkSource } from "../../../src/sim/truth/walk-source.js";
import { MINUTE, T0 } from "../support.js";

const minutes = (count: number): number[] => Array.from({ length: count }, (_, index) => T0 + index * MINUTE);

describe("a walk", () => {
  it("is the same whatever is asked first, and another for another seed", () => {
    const forwards = walkSource({ seed: 5, startPrice: 100 });
    const backwards = walkSource({ seed: 5, startPrice: 100 });
    const asked = minutes(50);
    const reversed = asked.toReversed().map((openMs) => backwards.minute(openMs));
    expect(asked.map((openMs) => forwards.minute(openMs))).toEqual(reversed.toReversed());
    expect(walkSource({ seed: 6, startPrice: 100 }).minute(T0)).not.toEqual(forwards.minute(T0));
  });

  it("makes sane candles on the tick that move, with trade ids without holes", () => {
    const source = walkSource({ seed: 5, startPrice: 2_000 });
    const closes = new Set<number>();
    let nextTradeId: number | undefined;
    for (const openMs of minutes(3_000)) {
      const k = source.minute(openMs)!;
      expect(k.low).toBeLessThanOrEqual(Math.min(k.open, k.close));
      expect(k.high).toBeGreaterThanOrEqual(Math.max(k.open, k.close));
      for (const price of [k.open, k.high, k.low, k.close]) expect(price).toBe(Number(price.toFixed(2)));
      expect(k.volume).toBeGreaterThan(0);
      expect(k.trades).toBeGreaterThan(0);
      expect(k.firstTradeId).toBe(nextTradeId ?? k.firstTradeId);
      nextTradeId = k.lastTradeId + 1;
      closes.add(k.close);
    }
    expect(closes.size).toBeGreaterThan(1_000);
  });

  it("opens at the close before in about half of the minutes only", () => {
    const source = walkSource({ seed: 5, startPrice: 2_000 });
    const equal = minutes(1_000).filter(
      (openMs) => source.minute(openMs)?.open === source.minute(openMs - MINUTE)?.close,
    );
    expect(equal.length).toBeGreaterThan(400);
    expect(equal.length).toBeLessThan(750);
  });

  it("stays near its start price for years", () => {
    const source = walkSource({ seed: 5, startPrice: 2_000 });
    for (let day = 0; day < 3_000; day += 7) {
      const close = source.minute(T0 + day * 1_440 * MINUTE)?.close ?? 0;
      expect(close).toBeGreaterThan(1_000);
      expect(close).toBeLessThan(4_000);
    }
  });

  it("has minutes without trades when asked to, flat at the last close", () => {
    const source = walkSource({ seed: 5, startPrice: 2_000, quietShare: 0.6 });
    let quiet = 0;
    for (const openMs of minutes(500)) {
      const k = source.minute(openMs)!;
      if (k.volume > 0) continue;
      quiet += 1;
      const last = source.minute(openMs - MINUTE)?.close;
      expect(k).toMatchObject({ open: last, high: last, low: last, close: last, trades: 0, firstTradeId: -1 });
    }
    expect(quiet).toBeGreaterThan(200);
  });

  it("holds nothing before its listing and after its delisting", () => {
    const source = walkSource({ seed: 5, startPrice: 2_000, listedMs: T0, delistedMs: T0 + 2 * MINUTE });
    const held = [-1, 0, 1, 2].map((index) => source.minute(T0 + index * MINUTE) !== undefined);
    expect(held).toEqual([false, true, true, false]);
  });

  it("costs no more in the far future than now", () => {
    const source = walkSource({ seed: 5, startPrice: 2_000 });
    expect(source.minute(T0 + 50 * 365 * 1_440 * MINUTE)?.close).toBeGreaterThan(0);
  });

  it.each([
    ["startPrice", 0],
    ["volatility", 0.2],
    ["volumePerMinute", -1],
    ["tradesPerMinute", 5],
    ["quietShare", 1],
  ])("refuses %s %d, naming it", (name, value) => {
    expect(() => walkSource({ seed: 1, startPrice: 10, [name]: value })).toThrow(`${name}: ${value}`);
  });
});
