import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKlineRows } from "../../../src/exchange/binance/kline-rows.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";

// Real rows: spot BTCUSDT 1m of 2021-10-22 (the last was still forming), futures BTCUSDT 5m.
const SPOT = `[[1634943780000,"60685.22000000","60729.84000000","60670.90000000","60719.27000000","21.63272000",1634943839999,"1313200.01340410",617,"12.28492000","745719.41022840","0"],[1634943840000,"60719.28000000","60780.41000000","60707.00000000","60771.81000000","21.91797000",1634943899999,"1331667.75064580",769,"11.54481000","701336.15460230","0"],[1634944320000,"60739.85000000","60739.85000000","60739.85000000","60739.85000000","0.04734000",1634944379999,"2875.42449900",7,"0.04734000","2875.42449900","0"]]`;
const FUTURES = `[[1616338800000,"57212.69","57315.00","57196.19","57300.00","496.263",1616339099999,"28425514.78940",7160,"273.108","15642623.69718","0"]]`;

const good = (openMs: number): unknown[] => [
  openMs,
  "1",
  "2",
  "0.5",
  "1.5",
  "10",
  openMs + 59_999,
  "0",
  1,
  "0",
  "0",
  "0",
];

describe("parseKlineRows", () => {
  it("reads real rows", () => {
    const rows = parseKlineRows(JSON.parse(SPOT));
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({
      candle: { time: 1634943780, open: 60685.22, high: 60729.84, low: 60670.9, close: 60719.27, volume: 21.63272 },
      openTimeMs: 1634943780000,
      closeTimeMs: 1634943839999,
    });
    expect(rows.map((row) => row.candle.time)).toEqual([1634943780, 1634943840, 1634944320]);
    expect(parseKlineRows(JSON.parse(FUTURES))[0]).toMatchObject({
      candle: { time: 1616338800, open: 57212.69, volume: 496.263 },
      closeTimeMs: 1616339099999,
    });
  });

  it("reads an empty answer, microseconds, numbers, and rows with more columns", () => {
    expect(parseKlineRows([])).toEqual([]);
    expect(parseKlineRows([[1634943780000000, 1, 2, 0.5, 1.5, 10, 1634943839999999, "x", "more", "columns"]])).toEqual([
      {
        candle: { time: 1634943780, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 },
        openTimeMs: 1634943780000,
        closeTimeMs: 1634943839999,
      },
    ]);
  });

  it.each([
    ["too short", [1634943780000, "1", "2"]],
    ["no row", null],
    ["an object", { t: 1 }],
    ["a broken price", good(1634943780000).with(2, "")],
    ["a null volume", good(1634943780000).with(5, null)],
    ["no open time", good(1634943780000).with(0, 0)],
    ["a close before the open", good(1634943780000).with(6, 1634943779999)],
    ["mixed units", good(1634943780000).with(6, 1634943839999999)],
  ])("refuses the whole answer for one row that is %s, naming it", (_what, row) => {
    const attempt = (): unknown => parseKlineRows([good(1634943720000), row]);
    expect(attempt).toThrow(RestError);
    expect(attempt).toThrow(/^unexpected_shape: klines row 1 is broken: /);
  });

  it("refuses rows that do not ascend", () => {
    expect(() => parseKlineRows([good(120_000), good(120_000)])).toThrow("klines row 1 does not ascend");
    expect(() => parseKlineRows([good(120_000), good(60_000)])).toThrow("klines row 1 does not ascend");
  });

  it("gives rows or a RestError for any JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.array(fc.jsonValue()))), (value) => {
        try {
          expect(Array.isArray(parseKlineRows(value))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RestError);
          expect((error as RestError).message.length).toBeLessThan(250);
        }
      }),
    );
  });
});
