import { expect, test } from "vitest";
import { SizedCache } from "../../src/ledger/sized-cache.js";

/** A cache of texts that notes which it was told to make. */
function noting(limitBytes: number) {
  const cache = new SizedCache<string>(limitBytes, ({ length }) => length);
  const made: string[] = [];
  const get = (key: string): string =>
    cache.get(key, () => {
      made.push(key);
      return key;
    });
  return { cache, get, made };
}

test("a value is made once", () => {
  const { get, made } = noting(10);
  expect([get("aa"), get("bb"), get("aa")]).toEqual(["aa", "bb", "aa"]);
  expect(made).toEqual(["aa", "bb"]);
});

test("what was not asked for the longest goes when memory runs out", () => {
  const { get, made } = noting(4);
  for (const key of ["aa", "bb", "aa", "cc", "aa", "bb"]) get(key);
  expect(made).toEqual(["aa", "bb", "cc", "bb"]);
});

test("a value beyond all bounds is given, and not kept", () => {
  const { get, made } = noting(4);
  expect([get("large"), get("large")]).toEqual(["large", "large"]);
  expect(made).toEqual(["large", "large"]);
});

test("a value takes the place of the one before, and its memory", () => {
  const { cache, get, made } = noting(4);
  get("a");
  for (const value of ["1", "22", "333"]) cache.set("b", value);
  expect([cache.peek("a"), cache.peek("b")]).toEqual(["a", "333"]);
  cache.set("b", "4444");
  expect([cache.peek("a"), cache.peek("b"), cache.peek("c")]).toEqual([undefined, "4444", undefined]);
  cache.set("b", "55");
  get("c");
  expect([get("b"), made]).toEqual(["55", ["a", "c"]]);
});

test("looking at a value does not keep it longer", () => {
  const { cache, get } = noting(2);
  get("a");
  get("b");
  expect(cache.peek("a")).toBe("a");
  get("c");
  expect(cache.peek("a")).toBeUndefined();
});
