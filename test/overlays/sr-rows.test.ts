import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BROKEN_COLUMNS,
  brokenLines,
  brokenRows,
  rowStarts,
  STANDING_COLUMNS,
  standingLines,
  standingRows,
} from "../../src/overlays/sr-rows.js";

const time = fc.nat(4_000_000_000);
const number = fc.double({ noNaN: true, min: 1e-12, max: 1e12 });
const side = fc.nat(1);
const standing = fc.array(fc.tuple(number, time, side), { maxLength: 20 }).map((rows) => rows.flat());
const broken = fc
  .array(fc.tuple(number, time, side, time, fc.nat(), time), { maxLength: 20 })
  .map((rows) => rows.flat());

describe("rows of lines", () => {
  test("are the same again after they were stored as lines in JSON", () => {
    fc.assert(
      fc.property(standing, broken, (stands, breaks) => {
        expect(standingRows(JSON.parse(JSON.stringify(standingLines(stands))))).toEqual(stands);
        expect(brokenRows(JSON.parse(JSON.stringify(brokenLines(breaks))))).toEqual(breaks);
      }),
    );
  });

  test("are lines whose ids say what they are, in the order in which they are stored", () => {
    expect(JSON.stringify(standingLines([13.5, 180, 0, 9, 240, 1]))).toBe(
      JSON.stringify([
        { id: "sr.active:resistance:13.50000000:180", side: "resistance", price: 13.5, from: 180 },
        { id: "sr.active:support:9.00000000:240", side: "support", price: 9, from: 240 },
      ]),
    );
    expect(JSON.stringify(brokenLines([1e-9, 180, 1, 600, 7, 660]))).toBe(
      JSON.stringify([
        {
          id: "sr.broken:support:0.00000000:180",
          side: "support",
          price: 1e-9,
          from: 180,
          until: 600,
          version: [7, 660],
        },
      ]),
    );
  });

  test("begin one behind the other, and none are none", () => {
    expect(rowStarts(standingRows([]), STANDING_COLUMNS)).toEqual([]);
    expect(rowStarts([13, 180, 0, 9, 240, 1], STANDING_COLUMNS)).toEqual([0, 3]);
    expect(rowStarts([1e-9, 180, 1, 600, 7, 660], BROKEN_COLUMNS)).toEqual([0]);
  });
});
