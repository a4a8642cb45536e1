import { describe, expect, test } from "vitest";
import {
  baseOf,
  type DerivedTimeframes,
  derivedOf,
  fedBy,
  MAX_DERIVED_TIMEFRAMES,
  planDerivedTimeframes,
} from "../../src/market/derived-timeframes.js";
import { parseSeriesId } from "../../src/market/series-id.js";

const plan = (base: string, ...listed: readonly string[]) => planDerivedTimeframes(base, listed);
const STANDARD = plan("1m", "5m", "15m", "1h", "4h", "1d").timeframes as DerivedTimeframes;
const id = (timeframe: string) => parseSeriesId(`binance:futures:BTC/USDT:USDT:${timeframe}`);

describe("timeframes that can be derived", () => {
  test("are proper multiples of the base; the others are skipped, and named with a reason", () => {
    const { timeframes, skipped } = plan("5m", "15m", "5m", "7m", "1m", "1w", "1h");
    expect(timeframes).toEqual({
      base: { text: "5m", seconds: 300 },
      targets: [
        { text: "15m", seconds: 900 },
        { text: "1h", seconds: 3_600 },
      ],
    });
    expect(skipped.map(({ timeframe }) => timeframe)).toEqual(["5m", "7m", "1m", "1w"]);
    expect(skipped.map(({ reason }) => reason).slice(2)).toEqual([
      "it is no proper multiple of the base timeframe 5m",
      "unsupported timeframe unit: 'w'",
    ]);
  });

  test("are none when the base is no timeframe, or when none of them fits", () => {
    expect(plan("soon", "5m")).toEqual({
      timeframes: undefined,
      skipped: [{ timeframe: "soon", reason: "unsupported timeframe unit: 'n'" }],
    });
    expect(plan("1h", "5m").timeframes).toBeUndefined();
  });

  test("are no more than a bound", () => {
    const listed = Array.from({ length: MAX_DERIVED_TIMEFRAMES + 2 }, (_, at) => `${at + 2}m`);
    const { timeframes, skipped } = plan("1m", ...listed);
    expect(timeframes?.targets).toHaveLength(MAX_DERIVED_TIMEFRAMES);
    expect(skipped.map(({ timeframe }) => timeframe)).toEqual(listed.slice(-2));
  });
});

describe("series ids", () => {
  test("a derived series has the base of its own exchange, market and symbol; others have none", () => {
    expect(baseOf(id("4h"), STANDARD)?.text).toBe(id("1m").text);
    for (const timeframe of ["1m", "30m", "60m"]) expect(baseOf(id(timeframe), STANDARD), timeframe).toBeUndefined();
  });

  test("the series that are derived of a base come by id, and of another timeframe there are none", () => {
    const derived = derivedOf(id("1m"), STANDARD).map(({ timeframe }) => timeframe);
    expect(derived).toEqual(["15m", "1d", "1h", "4h", "5m"]);
    expect(derivedOf(id("5m"), STANDARD)).toEqual([]);
  });

  test("what feeds a series is the stream of its base, or its own", () => {
    expect(fedBy(id("15m").text, STANDARD)).toBe(id("1m").text);
    for (const other of [id("1m").text, id("30m").text, "no series"]) expect(fedBy(other, STANDARD)).toBe(other);
    expect(fedBy(id("15m").text, undefined)).toBe(id("15m").text);
  });
});
