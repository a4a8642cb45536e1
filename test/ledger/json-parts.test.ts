import { expect, test } from "vitest";
import { joinParts, jsonString, separated } from "../../src/ledger/json-parts.js";

const LONG = Buffer.alloc(5_000, "x");

test("parts follow each other, and their length is in bytes", () => {
  const inner = joinParts(["ä", LONG, Buffer.from("b")]);
  const text = joinParts(["[", inner, Buffer.from("€"), "]", LONG, "."]);
  const expected = `[ä${LONG}b€]${LONG}.`;
  expect(jsonString(text)).toBe(expected);
  expect(text.bytes).toBe(Buffer.byteLength(expected));
  expect(joinParts([])).toEqual({ pieces: [], bytes: 0 });
});

test("long pieces are handed on as they are, and short ones between them copied together", () => {
  const first = joinParts([LONG, "a", Buffer.from("b"), "c", LONG]);
  expect(first.pieces.map(({ length }) => length)).toEqual([5_000, 3, 5_000]);
  const second = joinParts(["[", first, ",", first, "]"]);
  expect(second.pieces.map(({ length }) => length)).toEqual([1, 5_000, 3, 5_000, 1, 5_000, 3, 5_000, 1]);
  expect(second.pieces.filter((piece) => piece === LONG)).toHaveLength(4);
});

test("items are separated by commas", () => {
  const listOf = (...items: string[]) => jsonString(joinParts(["[", ...separated(items), "]"]));
  expect([listOf(), listOf("1"), listOf("1", "2", "3")]).toEqual(["[]", "[1]", "[1,2,3]"]);
});
