import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimal, flag, wholeNumber, wireTime } from "../../../src/exchange/binance/wire-values.js";

describe("decimal", () => {
  it.each([
    ["7.6080", 7.608],
    ["1458", 1458],
    ["0.00000638", 0.00000638],
    ["-1", -1],
    [".5", 0.5],
    ["1.", 1],
    ["1e-8", 1e-8],
    [12.5, 12.5],
    [0, 0],
  ])("reads %j", (value, number) => {
    expect(decimal(value)).toBe(number);
  });

  it.each([
    "",
    " ",
    " 1",
    "1 ",
    "0x10",
    "1_000",
    "Infinity",
    "NaN",
    "1e999",
    "1,5",
    "--1",
    ".",
    "9".repeat(65),
    null,
    undefined,
    true,
    [1],
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])("refuses %j", (value) => {
    expect(decimal(value)).toBeUndefined();
  });

  it("reads back every finite number from its text", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(decimal(String(number))).toBe(number === 0 ? Number(String(number)) : number);
      }),
    );
  });
});

describe("wholeNumber", () => {
  it("takes whole numbers only, and only exact ones", () => {
    expect([wholeNumber(5), wholeNumber("-1121"), wholeNumber("0")]).toEqual([5, -1121, 0]);
    expect([wholeNumber(1.5), wholeNumber("1.5"), wholeNumber(2 ** 53), wholeNumber(null)]).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe("flag", () => {
  it("never guesses", () => {
    expect([flag(true), flag(1), flag("true")]).toEqual([true, true, true]);
    expect([flag(false), flag(0), flag("false")]).toEqual([false, false, false]);
    expect([flag(null), flag("yes"), flag(2), flag(undefined), flag("")]).toEqual(Array(5).fill(undefined));
  });
});

describe("wireTime", () => {
  it("F39: tells microseconds from milliseconds by magnitude", () => {
    expect(wireTime(1626992700000)).toEqual({ ms: 1626992700000, unit: "ms" });
    expect(wireTime("1626992700000")).toEqual({ ms: 1626992700000, unit: "ms" });
    expect(wireTime(1626992759999999)).toEqual({ ms: 1626992759999, unit: "us" });
  });

  it("takes early times as milliseconds", () => {
    expect(wireTime(60_000)).toEqual({ ms: 60_000, unit: "ms" });
  });

  it.each([0, -1, 1.5, "", "x", null, 1626992700000000000, 1e17])("refuses %j", (value) => {
    expect(wireTime(value)).toBeUndefined();
  });
});
