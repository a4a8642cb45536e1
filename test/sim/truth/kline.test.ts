import { describe, expect, it } from "vitest";
import { candleOf, foldKlines, quoteDecimals, roundTo, tickDecimals } from "../../../src/sim/truth/kline.js";
import { klineAt, MINUTE, PRECISION, T0 } from "../support.js";

describe("folding candles", () => {
  it("takes the first open, the last close, the extremes and the sums", () => {
    const folded = foldKlines(
      T0,
      T0 + 3 * MINUTE - 1,
      [
        klineAt(T0, { volume: 0.1, open: 7 }),
        klineAt(T0 + MINUTE, { volume: 0.2, high: 200, firstTradeId: 1_100, lastTradeId: 1_199 }),
        klineAt(T0 + 2 * MINUTE, {
          volume: 0.3,
          low: 1,
          close: 55,
          firstTradeId: 1_200,
          lastTradeId: 1_249,
          trades: 50,
        }),
      ],
      PRECISION,
    );
    expect(folded).toEqual({
      openMs: T0,
      closeMs: T0 + 3 * MINUTE - 1,
      open: 7,
      high: 200,
      low: 1,
      close: 55,
      volume: 0.6,
      quoteVolume: 3_768.75,
      takerVolume: 18,
      takerQuoteVolume: 1_809,
      trades: 250,
      firstTradeId: 1_000,
      lastTradeId: 1_249,
    });
  });

  it("looks for trade ids past minutes without trades", () => {
    const quiet = { trades: 0, firstTradeId: -1, lastTradeId: -1 };
    const parts = [klineAt(T0, quiet), klineAt(T0 + MINUTE), klineAt(T0 + 2 * MINUTE, quiet)];
    const folded = foldKlines(T0, T0 + 3 * MINUTE - 1, parts, PRECISION);
    expect([folded?.firstTradeId, folded?.lastTradeId, folded?.trades]).toEqual([1_000, 1_099, 100]);
  });

  it("makes nothing of nothing", () => {
    expect(foldKlines(T0, T0 + MINUTE - 1, [], PRECISION)).toBeUndefined();
  });
});

describe("decimals", () => {
  it("give the number that a reader of the text parses", () => {
    expect(roundTo(0.1 + 0.2, 3)).toBe(0.3);
    expect(roundTo(16.5360000001, 3)).toBe(Number("16.536"));
  });

  it("of a tick may be fewer than those written, of a quote volume they are those of price and volume", () => {
    expect(tickDecimals({ price: 2, tick: 1, volume: 3 })).toBe(1);
    expect(tickDecimals(PRECISION)).toBe(2);
    expect(quoteDecimals(PRECISION)).toBe(5);
  });
});

it("a kline says the daemon's candle in seconds", () => {
  expect(candleOf(klineAt(T0))).toEqual({ time: T0 / 1000, open: 100, high: 103, low: 98, close: 101, volume: 12.5 });
});
