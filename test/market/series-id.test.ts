import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSeriesId, SeriesIdError, timeframeAtEnd, withTimeframe } from "../../src/market/series-id.js";
import { TimeframeError } from "../../src/market/timeframe.js";

const FORM = "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'";
const EMPTY = "invalid series_id (empty component)";

test("four parts", () => {
  expect(parseSeriesId("binance:spot:BTC/USDT:1m")).toEqual({
    text: "binance:spot:BTC/USDT:1m",
    exchange: "binance",
    market: "spot",
    symbol: "BTC/USDT",
    timeframe: "1m",
    timeframeSeconds: 60,
  });
});

test("a symbol may hold colons: first, second and last part are fixed", () => {
  expect(parseSeriesId("binance:futures:BTC/USDT:USDT:1h")).toMatchObject({
    exchange: "binance",
    market: "futures",
    symbol: "BTC/USDT:USDT",
    timeframe: "1h",
    timeframeSeconds: 3_600,
  });
});

test("parts are trimmed, the text is kept as it is", () => {
  const text = " binance : spot: BTC/USDT : 5m ";
  expect(parseSeriesId(text)).toMatchObject({
    text,
    exchange: "binance",
    market: "spot",
    symbol: "BTC/USDT",
    timeframe: "5m",
  });
});

test("case counts", () => {
  expect(parseSeriesId("Binance:SPOT:btc/usdt:1m")).toMatchObject({ exchange: "Binance", symbol: "btc/usdt" });
  expect(() => parseSeriesId("binance:spot:BTC/USDT:1M")).toThrow("unsupported timeframe unit: 'M'");
});

test("what names no series is refused with the text of the contract", () => {
  const cases: [string, string][] = [
    ["", FORM],
    ["binance", FORM],
    ["binance:spot:1m", FORM],
    [":::", EMPTY],
    [":spot:BTC/USDT:1m", EMPTY],
    ["binance: :BTC/USDT:1m", EMPTY],
    ["binance:spot::1m", EMPTY],
    ["binance:spot:BTC/USDT: ", EMPTY],
  ];
  for (const [text, message] of cases) {
    expect(() => parseSeriesId(text), text).toThrow(new SeriesIdError(message));
  }
  expect(() => parseSeriesId("binance:spot:BTC/USDT:1w")).toThrow(TimeframeError);
});

test("any text is parsed or refused with one of the two errors, and the parts make up the text again", () => {
  const text = fc.array(fc.constantFrom("binance", "spot", "BTC/USDT", "1m", "4h", "", " ", "é", "0m"), {
    maxLength: 7,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        text.map((parts) => parts.join(":")),
      ),
      (given) => {
        try {
          const { exchange, market, symbol, timeframe } = parseSeriesId(given);
          const trimmed = given.split(":").map((part) => part.trim());
          expect([exchange, market, ...symbol.split(":").map((part) => part.trim()), timeframe]).toEqual(trimmed);
        } catch (error) {
          expect(error instanceof SeriesIdError || error instanceof TimeframeError).toBe(true);
        }
      },
    ),
  );
});

test("another timeframe of the same symbol, whatever stands in it", () => {
  const perpetual = parseSeriesId("binance:futures:BTC/USDT:USDT:1h");
  expect(withTimeframe(perpetual, "5m")).toEqual(parseSeriesId("binance:futures:BTC/USDT:USDT:5m"));
  expect(() => withTimeframe(perpetual, "5x")).toThrow(TimeframeError);
});

test("the timeframe at the end of a text that names no series", () => {
  expect(timeframeAtEnd("binance:spot:BTC/USDT:4h")).toBe(14_400);
  expect(timeframeAtEnd("5m")).toBe(300);
  expect(timeframeAtEnd("a:b:c")).toBeNull();
});
