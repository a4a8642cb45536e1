import { describe, expect, it } from "vitest";
import { recordedSource } from "../../../src/sim/truth/recorded-source.js";
import { MINUTE, PRECISION, rowAt, rows, T0 } from "../support.js";

describe("a recorded source", () => {
  it("holds the recorded candles as they are and nothing else", () => {
    const kept = rows(5).filter((_, index) => index !== 2);
    const source = recordedSource(kept, PRECISION);
    expect([source.firstMs, source.endMs]).toEqual([T0, T0 + 5 * MINUTE]);
    for (const row of kept)
      expect(source.minute(row.openMs)).toMatchObject({ ...row, closeMs: row.openMs + MINUTE - 1 });
    for (const openMs of [T0 - MINUTE, T0 + 2 * MINUTE, T0 + 5 * MINUTE]) expect(source.minute(openMs)).toBeUndefined();
  });

  it("derives the columns that a recording lacks within the bounds of those it has", () => {
    const source = recordedSource(rows(200), PRECISION);
    let nextTradeId: number | undefined;
    for (const { openMs, low, high, volume } of rows(200)) {
      const kline = source.minute(openMs)!;
      expect(kline.quoteVolume).toBeGreaterThanOrEqual(low * volume);
      expect(kline.quoteVolume).toBeLessThanOrEqual(high * volume);
      expect(kline.takerVolume).toBeLessThan(volume);
      expect(kline.lastTradeId - kline.firstTradeId + 1).toBe(kline.trades);
      if (nextTradeId !== undefined) expect(kline.firstTradeId).toBe(nextTradeId);
      nextTradeId = kline.lastTradeId + 1;
    }
  });

  it("keeps the columns that a recording has", () => {
    const row = rowAt(T0, { trades: 617, quoteVolume: 1_300, takerVolume: 5, takerQuoteVolume: 520 });
    expect(recordedSource([row], PRECISION).minute(T0)).toMatchObject(row);
  });

  it("has no trades where the volume is 0", () => {
    const flat = rowAt(T0, { volume: 0, open: 100, high: 100, low: 100, close: 100 });
    expect(recordedSource([flat], PRECISION).minute(T0)).toMatchObject({
      trades: 0,
      firstTradeId: -1,
      lastTradeId: -1,
    });
  });

  it("is empty without rows", () => {
    const source = recordedSource([], PRECISION);
    expect(source.firstMs).toBe(source.endMs);
    expect(source.minute(T0)).toBeUndefined();
  });

  it.each([
    ["off the minute", [rowAt(T0 + 1)]],
    ["twice", [rowAt(T0), rowAt(T0)]],
    ["backwards", [rowAt(T0 + MINUTE), rowAt(T0)]],
  ])("refuses rows that are %s", (_, bad) => {
    expect(() => recordedSource(bad, PRECISION)).toThrow(`open time ${bad.at(-1)?.openMs}`);
  });
});
