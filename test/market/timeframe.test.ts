import fc from "fast-check";
import { expect, test } from "vitest";
import { TimeframeError, timeframeSeconds } from "../../src/market/timeframe.js";

test("minutes, hours and days", () => {
  const cases: [string, number][] = [
    ["1m", 60],
    ["5m", 300],
    ["15m", 900],
    ["1h", 3_600],
    ["4h", 14_400],
    ["1d", 86_400],
    ["7m", 420],
    ["007m", 420],
    [" 1m ", 60],
  ];
  for (const [text, seconds] of cases) expect(timeframeSeconds(text), text).toBe(seconds);
});

test("everything else is refused with the text of the contract", () => {
  const cases: [string, string][] = [
    ["", "empty timeframe"],
    ["  ", "empty timeframe"],
    ["1w", "unsupported timeframe unit: 'w'"],
    ["60s", "unsupported timeframe unit: 's'"],
    ["1M", "unsupported timeframe unit: 'M'"],
    ["60", "unsupported timeframe unit: '0'"],
    ["0m", "invalid timeframe: '0m'"],
    ["1.5m", "invalid timeframe: '1.5m'"],
    ["m", "invalid timeframe: 'm'"],
    ["-1m", "invalid timeframe: '-1m'"],
    ["+1m", "invalid timeframe: '+1m'"],
    ["1 m", "invalid timeframe: '1 m'"],
    ["1e2m", "invalid timeframe: '1e2m'"],
    ["0x1m", "invalid timeframe: '0x1m'"],
    ["99999999999999999d", "invalid timeframe: '99999999999999999d'"],
  ];
  for (const [text, message] of cases) {
    expect(() => timeframeSeconds(text), text).toThrow(new TimeframeError(message));
  }
});

test("every positive whole number of a unit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.constantFrom("m", "h", "d"), (count, unit) => {
      expect(timeframeSeconds(`${count}${unit}`)).toBe(count * { m: 60, h: 3_600, d: 86_400 }[unit as "m"]);
    }),
  );
});
