import { describe, expect, it } from "vitest";
import { CandleBook, type Holes } from "../../../src/sim/truth/candle-book.js";
import { type Interval, nextOpenTime, openTimeAt } from "../../../src/sim/truth/intervals.js";
import { foldKlines, type Kline } from "../../../src/sim/truth/kline.js";
import { recordedSource } from "../../../src/sim/truth/recorded-source.js";
import type { CandleSource } from "../../../src/sim/truth/source.js";
import { walkSource } from "../../../src/sim/truth/walk-source.js";
import { MINUTE, PATH, PRECISION, rowAt, rows, T0 } from "../support.js";

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

class SwitchableHoles implements Holes {
  version = 0;
  #missing = new Set<number>();
  isHole(_symbol: string, openMs: number): boolean {
    return this.#missing.has(openMs);
  }
  set(...openTimes: number[]): void {
    this.#missing = new Set(openTimes);
    this.version += 1;
  }
}

function bookOf(source: CandleSource, holes: Holes = new SwitchableHoles()): CandleBook {
  return new CandleBook({ symbol: "BTCUSDT", source, seed: 1, path: PATH, holes });
}

/** The reference: every minute, one after the other. */
function foldOf(source: CandleSource, interval: Interval, openMs: number): Kline | undefined {
  const endMs = nextOpenTime(interval, openMs);
  const parts: Kline[] = [];
  for (let minuteMs = openMs; minuteMs < endMs; minuteMs += MINUTE) {
    const minute = source.minute(minuteMs);
    if (minute !== undefined) parts.push(minute);
  }
  return foldKlines(openMs, endMs - 1, parts, source.precision);
}

describe("whole candles", () => {
  const walk = walkSource({
    seed: 3,
    startPrice: 500,
    listedMs: T0 + 17 * MINUTE,
    delistedMs: T0 + 9 * DAY + 5 * MINUTE,
  });

  it.each<[Interval]>([["1m"], ["3m"], ["15m"], ["1h"], ["4h"], ["1d"], ["1w"]])(
    "of %s are the fold of their minutes",
    (interval) => {
      const book = bookOf(walk);
      for (const ms of [T0, T0 + 3 * HOUR, T0 + DAY, T0 + 9 * DAY]) {
        const openMs = openTimeAt(interval, ms);
        const [actual, expected] = [book.whole(interval, openMs), foldOf(walk, interval, openMs)];
        expect(actual).toEqual(expected);
      }
    },
  );

  it("are absent where there is no minute, and partial where there are some", () => {
    const book = bookOf(recordedSource([...rows(2), rowAt(T0 + 12 * MINUTE)], PRECISION));
    expect(book.whole("5m", T0)?.volume).toBe(25);
    expect(book.whole("5m", T0 + 5 * MINUTE)).toBeUndefined();
    expect(book.whole("5m", T0 + 10 * MINUTE)?.volume).toBe(12.5);
  });

  it("follow holes that appear and disappear, remembered hours included", () => {
    const holes = new SwitchableHoles();
    const book = bookOf(recordedSource(rows(120), PRECISION), holes);
    const before = book.whole("2h", T0);
    holes.set(T0, T0 + MINUTE);
    expect(book.whole("1m", T0)).toBeUndefined();
    expect(book.whole("2h", T0)?.volume).toBe((before?.volume ?? 0) - 25);
    holes.set();
    expect(book.whole("2h", T0)).toEqual(before);
  });
});

describe("forming candles", () => {
  const source = walkSource({ seed: 3, startPrice: 500 });

  it("have nothing before the first trade, grow with each, and are whole from the close on", () => {
    const book = bookOf(source);
    const firstMs = book.nextTrade(T0 - 1, T0 + MINUTE)!;
    expect(book.at("1m", T0, firstMs - 1)).toBeUndefined();
    expect(book.at("1m", T0, T0 - 1)).toBeUndefined();
    const first = book.at("1m", T0, firstMs)!;
    expect(first.close).toBe(source.minute(T0)?.open);
    const secondMs = book.nextTrade(firstMs, T0 + MINUTE)!;
    expect(book.at("1m", T0, secondMs)!.trades).toBeGreaterThan(first.trades);
    expect(book.at("1m", T0, T0 + MINUTE)).toEqual(source.minute(T0));
  });

  it("of long intervals are the closed minutes and the current one", () => {
    const book = bookOf(source);
    const nowMs = T0 + 7 * MINUTE + 30_000;
    const minutes = Array.from({ length: 7 }, (_, index) => source.minute(T0 + index * MINUTE)!);
    const current = book.at("1m", T0 + 7 * MINUTE, nowMs)!;
    expect(book.at("1h", T0, nowMs)).toEqual(foldKlines(T0, T0 + HOUR - 1, [...minutes, current], source.precision));
  });

  it("do not show an interval in which nothing traded yet", () => {
    const quiet = { volume: 0, open: 9, high: 9, low: 9, close: 9 };
    const book = bookOf(recordedSource([rowAt(T0, quiet), rowAt(T0 + MINUTE)], PRECISION));
    expect(book.at("5m", T0, T0 + MINUTE + 1)).toBeUndefined();
    expect(book.at("5m", T0, T0 + 2 * MINUTE)?.trades).toBeGreaterThan(0);
    expect(book.at("1m", T0, T0 + MINUTE)).toMatchObject({ trades: 0, close: 9 });
  });
});

describe("the next trade", () => {
  it("is looked for past quiet minutes, but not for ever", () => {
    const book = bookOf(recordedSource([rowAt(T0), rowAt(T0 + 5 * MINUTE), rowAt(T0 + 60 * MINUTE)], PRECISION));
    const traded = book.nextTrade(T0 + MINUTE, T0 + HOUR)!;
    expect(Math.floor((traded - T0) / MINUTE)).toBe(5);
    expect(book.nextTrade(T0 + 6 * MINUTE, T0 + 2 * HOUR)).toBeUndefined();
    expect(book.nextTrade(T0 + MINUTE, T0 + 4 * MINUTE)).toBeUndefined();
  });
});

describe("open times", () => {
  const book = bookOf(recordedSource(rows(30), PRECISION));

  it("lie on the grid, within the source and both bounds, in either direction", () => {
    const forwards = [...book.openTimes("5m", T0 - DAY, T0 + 17 * MINUTE)];
    expect(forwards).toEqual([0, 5, 10, 15].map((minute) => T0 + minute * MINUTE));
    expect([...book.openTimesBackwards("5m", T0 - DAY, T0 + 17 * MINUTE)]).toEqual(forwards.toReversed());
    expect([...book.openTimes("5m", T0 + 1, T0 + DAY)].at(0)).toBe(T0 + 5 * MINUTE);
    expect([...book.openTimes("5m", T0, T0 + DAY)].at(-1)).toBe(T0 + 25 * MINUTE);
  });

  it("start with the candle that holds the source's beginning", () => {
    expect([...book.openTimes("1w", 0, T0 + DAY)]).toEqual([T0]);
    const late = bookOf(recordedSource(rows(3, T0 + 90 * MINUTE), PRECISION));
    expect([...late.openTimes("1h", 0, T0 + DAY)]).toEqual([T0 + HOUR]);
  });

  it("are none without a source, and begin in 1970 at the latest", () => {
    expect([...bookOf(recordedSource([], PRECISION)).openTimes("1m", 0, T0)]).toEqual([]);
    expect([...bookOf(recordedSource([], PRECISION)).openTimesBackwards("1m", 0, T0)]).toEqual([]);
    const endless = bookOf(walkSource({ seed: 1, startPrice: 1 }));
    expect([...endless.openTimes("1m", Number.NEGATIVE_INFINITY, MINUTE)]).toEqual([0, MINUTE]);
    expect([...endless.openTimesBackwards("1h", Number.NEGATIVE_INFINITY, HOUR)]).toEqual([HOUR, 0]);
  });
});
