import { describe, expect, it } from "vitest";
import type { Fault } from "../../../src/sim/faults/catalogue.js";
import { FaultSwitchboard } from "../../../src/sim/faults/switchboard.js";
import { CandleBook } from "../../../src/sim/truth/candle-book.js";
import { closedCandles, heldCandle, shownCandle } from "../../../src/sim/truth/holdings.js";
import { recordedSource } from "../../../src/sim/truth/recorded-source.js";
import { MINUTE, PATH, PRECISION, rows, T0 } from "../support.js";

const NONE = { lagMs: 0, shows: "nothing" } as const;

function holdings(...faults: Fault[]) {
  const world = { now: T0 + 10 * MINUTE };
  const board = new FaultSwitchboard({ now: () => world.now, openConnections: () => [], switched: () => undefined });
  for (const fault of faults) board.switchOn(fault);
  const source = recordedSource(rows(30), PRECISION);
  const book = new CandleBook({ symbol: "BTCUSDT", source, seed: 1, path: PATH, holes: board });
  return { world, board, book };
}

describe("what the exchange holds", () => {
  it("is closed: a candle counts from the moment the next one opens", () => {
    const { book, board } = holdings();
    expect(heldCandle(book, board, "1m", T0, T0 + MINUTE - 1)).toBeUndefined();
    expect(heldCandle(book, board, "1m", T0, T0 + MINUTE)).toMatchObject({ volume: 12.5 });
    expect(heldCandle(book, board, "5m", T0, T0 + 5 * MINUTE)).toMatchObject({ volume: 62.5 });
  });

  it("is listed from one time (included) to another (not), as far as the clock has come", () => {
    const { book, board } = holdings();
    const held = { books: new Map([["BTCUSDT", book]]), faults: board, nowMs: T0 + 10 * MINUTE + 1 };
    const minutes = (fromMs: number, toMs: number) =>
      closedCandles(held, "BTCUSDT", "1m", fromMs, toMs).map(({ time }) => (time * 1_000 - T0) / MINUTE);
    expect(minutes(T0 + 2 * MINUTE, T0 + 4 * MINUTE)).toEqual([2, 3]);
    expect(minutes(T0 + 8 * MINUTE, T0 + 60 * MINUTE)).toEqual([8, 9]);
    expect(minutes(0, T0)).toEqual([]);
    expect(() => closedCandles(held, "ETHUSDT", "1m", 0, 1)).toThrow("no symbol 'ETHUSDT'; it has BTCUSDT");
    expect(() => closedCandles(held, "BTCUSDT", "2m", 0, 1)).toThrow("interval '2m' is unknown; use 1m, 3m,");
  });

  it("is revised when the time for that has come", () => {
    const { book, board, world } = holdings({ kind: "revision", afterMs: 2 * MINUTE, volumeFactor: 3 });
    const volumeAt = (nowMs: number) => {
      world.now = nowMs;
      return heldCandle(book, board, "1m", T0, nowMs)?.volume;
    };
    expect([volumeAt(T0 + 3 * MINUTE - 1), volumeAt(T0 + 3 * MINUTE)]).toEqual([12.5, 37.5]);
  });
});

describe("what REST shows", () => {
  it("without a lag is closed candles and the forming one", () => {
    const { book, board } = holdings();
    const nowMs = T0 + MINUTE + 30_000;
    expect(shownCandle(book, board, NONE, "1m", T0, nowMs)).toMatchObject({ volume: 12.5 });
    expect(shownCandle(book, board, NONE, "1m", T0 + MINUTE, nowMs)!.volume).toBeLessThan(12.5);
    expect(shownCandle(book, board, NONE, "1m", T0 + 2 * MINUTE, nowMs)).toBeUndefined();
  });

  it("with a lag is nothing, or the state of then, until the lag is over", () => {
    const { book, board } = holdings();
    const lagging = (shows: "nothing" | "unsettled", sinceCloseMs: number) =>
      shownCandle(book, board, { lagMs: 5_000, shows }, "1m", T0, T0 + MINUTE + sinceCloseMs);
    for (const sinceCloseMs of [0, 4_999]) {
      expect(lagging("nothing", sinceCloseMs)).toBeUndefined();
      expect(lagging("unsettled", sinceCloseMs)).toEqual(book.at("1m", T0, T0 + MINUTE + sinceCloseMs - 5_000));
    }
    for (const shows of ["nothing", "unsettled"] as const) expect(lagging(shows, 5_000)).toEqual(book.whole("1m", T0));
  });
});
