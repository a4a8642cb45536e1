import { expect, test } from "vitest";
import { decimalsOf, percentText, priceText, volumeText } from "../../../web/src/chart/numbers.js";
import { candle } from "../candle.js";

test.each([
  [[94_572.2, 94_267], 1],
  [[1, 2], 0],
  [[0.00001234], 8],
  [[1e-7], 7],
  [[0.1 + 0.2], 8],
])("prices %o have %i decimals", (closes, decimals) => {
  const flat = closes.map((close, i) => ({ ...candle(i * 60), open: close, high: close, low: close, close }));
  expect(decimalsOf(flat)).toBe(decimals);
});

test("prices and volumes are read at a glance", () => {
  expect(priceText(94_572.2, 2)).toBe("94,572.20");
  expect([135.98, 5_400, 12_310, 4_560_000, 1.2504e9].map(volumeText)).toEqual([
    "135.98",
    "5,400",
    "12.31K",
    "4.56M",
    "1.2504B",
  ]);
  expect([0.0012, -0.0345, 0].map(percentText)).toEqual(["+0.12%", "−3.45%", "+0.00%"]);
});
