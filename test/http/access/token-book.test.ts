import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBook } from "../../../src/http/access/token-book.js";
import { digestOf } from "../../support/access.js";

function bookOf(...tokens: readonly string[]): TokenBook {
  return new TokenBook(tokens.map((token) => ({ name: `of ${token}`, sha256: digestOf(token), scopes: ["read"] })));
}

test("a token is found wherever it is, and nothing else is", () => {
  const book = bookOf("a", "b", "ünïcode", "c");
  for (const token of ["a", "b", "ünïcode", "c"]) expect(book.holderOf(token)?.name).toBe(`of ${token}`);
  for (const none of ["", "A", "a ", " a", "ab", digestOf("a"), "of a", "\0a"])
    expect(book.holderOf(none)).toBeUndefined();
});

test("no text comes in that is not a token", () => {
  const book = bookOf("tc_one", "tc_two");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(book.holderOf(text) === undefined).toBe(!["tc_one", "tc_two"].includes(text));
    }),
  );
});

test("an empty book is empty, and lets nobody in by itself", () => {
  expect(bookOf().isEmpty).toBe(true);
  expect(bookOf().holderOf("")).toBeUndefined();
  expect(bookOf("a").isEmpty).toBe(false);
});

test("what is compared are digests, by the function that takes the same time, and every one of them", () => {
  const source = readFileSync(new URL("../../../src/http/access/token-book.ts", import.meta.url), "utf8");
  expect(source).toContain("if (timingSafeEqual(entry.digest, digest)) holder = entry.token;");
  expect(source).toContain('createHash("sha256").update(presented, "utf8").digest();');
  // Neither leaves the loop early, nor compares anything else with what was presented.
  const loop = /for \(const entry of this\.#entries\) \{(.*?)\n {4}\}/s.exec(source)?.[1] ?? "";
  expect(loop).toContain("timingSafeEqual");
  expect(loop).not.toMatch(/\b(return|break|continue)\b/);
  expect(source).not.toMatch(/===? *presented|presented *===?|\.find\(|\.some\(|\.equals\(|Map</);
  expect(source.replace(/\/\*.*?\*\//gs, "").match(/presented/g)).toHaveLength(2);
});
