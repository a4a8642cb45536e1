import { expect, test } from "vitest";
import { AnswerCache } from "../../src/ledger/answer-cache.js";
import { joinParts } from "../../src/ledger/json-parts.js";

function noting(limitBytes: number) {
  const cache = new AnswerCache(limitBytes);
  const made: string[] = [];
  const get = (key: string): string => {
    const make = () => {
      made.push(key);
      return { json: joinParts([key]) };
    };
    return String(cache.get(key, make).json.pieces[0]);
  };
  return { get, made };
}

test("an answer is made once", () => {
  const { get, made } = noting(10);
  expect([get("aa"), get("bb"), get("aa")]).toEqual(["aa", "bb", "aa"]);
  expect(made).toEqual(["aa", "bb"]);
});

test("what was not asked for the longest goes when memory runs out", () => {
  const { get, made } = noting(4);
  for (const key of ["aa", "bb", "aa", "cc", "aa", "bb"]) get(key);
  expect(made).toEqual(["aa", "bb", "cc", "bb"]);
});

test("an answer beyond all bounds is given, and not kept", () => {
  const { get, made } = noting(4);
  expect([get("large"), get("large")]).toEqual(["large", "large"]);
  expect(made).toEqual(["large", "large"]);
});
