/** The shapes that answers are held against: what they let pass, and what they say of the rest. */
import { describe, expect, test } from "vitest";
import {
  count,
  emptyLists,
  flag,
  listOf,
  mapOf,
  members,
  number,
  oneOf,
  only,
  orNull,
  text,
  whole,
} from "./support/shape.js";

describe("a shape", () => {
  const point = members({ time: count, value: number }, { note: text });

  test.each<[string, unknown, readonly string[]]>([
    ["fits", { time: 1, value: -1.5 }, []],
    ["fits with what may be there", { time: 0, value: 0, note: "" }, []],
    ["lacks a member", { time: 1 }, ["at: value is missing"]],
    ["has one too many", { time: 1, value: 2, more: 3 }, ["at: more is too much"]],
    ["has one of the wrong type", { time: "1", value: 2 }, ['at.time: "1" is not a whole number from 0 on']],
    ["has null", { time: 1, value: null }, ["at.value: null is not a number"]],
    [
      "has a name that every object inherits",
      JSON.parse('{"time":1,"value":2,"toString":1}'),
      ["at: toString is too much"],
    ],
    ["is a list", [], ["at: [] is no object"]],
    ["is null", null, ["at: null is no object"]],
  ])("of an object that %s", (_what, value, wrong) => {
    expect(point(value, "at")).toEqual(wrong);
  });

  test("of lists and maps says which item is wrong", () => {
    expect(listOf(text)(["a", 1], "at")).toEqual(["at[1]: 1 is not a text"]);
    expect(listOf(text)({}, "at")).toEqual(["at: {} is no list"]);
    expect(mapOf(flag)({ a: true, b: 0 }, "at")).toEqual(["at.b: 0 is not a boolean"]);
    expect(mapOf(flag)([], "at")).toEqual(["at: [] is no object"]);
  });

  test("of alternatives takes each of them and nothing else", () => {
    expect([orNull(whole)(null, "at"), orNull(whole)(-1, "at"), only(1, null)(null, "at")]).toEqual([[], [], []]);
    expect(orNull(whole)(0.5, "at")).toHaveLength(1);
    expect(only(1)(true, "at")).toEqual(["at: true is not one of [1]"]);
    expect(oneOf(text, number)(1, "at")).toEqual([]);
    expect(oneOf(text, number)(null, "at")).toEqual(["at: null is not a number"]);
  });
});

test("lists that are empty wherever they stand are found, and others are not", () => {
  const answers = [
    { a: [], b: [{ c: [] }] },
    { a: [], b: [{ c: [1] }, { c: [], d: [[]] }] },
  ];
  expect(emptyLists(answers)).toEqual(["a", "b[].d[]"]);
});
