import fc from "fast-check";
import { expect, test } from "vitest";
import { fixedText } from "../../src/market/fixed-text.js";

test.each([
  { value: 1 / 512, digits: 8, text: "0.00195312" },
  { value: 3 / 512, digits: 8, text: "0.00585938" },
  { value: -1 / 512, digits: 8, text: "-0.00195312" },
  { value: -3 / 512, digits: 8, text: "-0.00585938" },
  { value: 1 / 128, digits: 6, text: "0.007812" },
  { value: 3 / 128, digits: 6, text: "0.023438" },
  { value: 0.25, digits: 1, text: "0.2" },
  { value: 0.75, digits: 1, text: "0.8" },
  { value: 4_095.75, digits: 1, text: "4095.8" },
  { value: 0.9375, digits: 3, text: "0.938" },
])("a tie goes to the even digit: $value to $digits decimals", ({ value, digits, text }) => {
  expect(fixedText(value, digits)).toBe(text);
});

test.each([
  // Written with a five, but the double is a little less or a little more than the tie.
  { value: 0.005, digits: 2, text: "0.01" },
  { value: 1.005, digits: 2, text: "1.00" },
  { value: 1 / 512 + Number.EPSILON / 512, digits: 8, text: "0.00195313" },
  { value: 0.1, digits: 8, text: "0.10000000" },
  { value: 57.5, digits: 6, text: "57.500000" },
  { value: 123_456.789, digits: 8, text: "123456.78900000" },
])("what is not a tie goes to the nearer digit: $value", ({ value, digits, text }) => {
  expect(fixedText(value, digits)).toBe(text);
});

test("tiny numbers keep their decimals, and vanish below half of the last one", () => {
  expect(fixedText(1e-8, 8)).toBe("0.00000001");
  expect(fixedText(6e-9, 8)).toBe("0.00000001");
  expect(fixedText(4e-9, 8)).toBe("0.00000000");
  expect(fixedText(Number.MIN_VALUE, 8)).toBe("0.00000000");
  expect(fixedText(-4e-9, 8)).toBe("-0.00000000");
  expect(fixedText(0, 8)).toBe("0.00000000");
});

test("huge numbers are written out, without exponent", () => {
  expect(fixedText(1e22, 8)).toBe("10000000000000000000000.00000000");
  expect(fixedText(-1e22, 6)).toBe("-10000000000000000000000.000000");
  expect(fixedText(1e21, 1)).toBe("1000000000000000000000.0");
  expect(fixedText(999_999_999_999_999_900_000, 1)).toBe("999999999999999868928.0");
  expect(fixedText(Number.MAX_VALUE, 2)).toMatch(/^17976931348623157\d{292}\.00$/);
});

/** The exact value of a double as a fraction, rounded half to even by whole-number arithmetic. */
function exactText(value: number, digits: number): string {
  let numerator = Math.abs(value);
  let denominator = 1n;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  const scaled = BigInt(numerator) * 10n ** BigInt(digits);
  const down = scaled / denominator;
  const rest = 2n * (scaled % denominator) - denominator;
  const rounded = rest > 0n || (rest === 0n && down % 2n === 1n) ? down + 1n : down;
  const text = rounded.toString().padStart(digits + 1, "0");
  return `${value < 0 ? "-" : ""}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

test("every finite number is rounded by its exact binary value", () => {
  const halved = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 24 })).map(([n, bits]) => n / 2 ** bits);
  const price = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.oneof(halved, price, any), fc.integer({ min: 1, max: 20 }), (value, digits) => {
      expect(fixedText(value, digits)).toBe(exactText(value, digits));
    }),
    { numRuns: 2_000 },
  );
});
