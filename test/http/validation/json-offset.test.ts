import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonErrorOffset } from "../../../src/http/validation/json-offset.js";

test("the first character that cannot be there", () => {
  const cases: [string, number][] = [
    ["hello", 0],
    ["tru", 3],
    ["trux", 3],
    ["[1,]", 3],
    ["[,1]", 1],
    ["[1 2]", 3],
    ["]", 0],
    ["[}", 1],
    ["{]", 1],
    ['{"a" 1}', 5],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ["{a:1}", 1],
    ['{"a":1}x', 7],
    ['{"a":1}{', 7],
    ["01", 1],
    ["-", 1],
    ["-x", 1],
    ["1.", 2],
    ["1.x", 2],
    ["1e", 2],
    ["1e+x", 3],
    ['"a\nb"', 2],
    ['"\\x"', 2],
    ['"\\u12g4"', 5],
    ['"open', 5],
    ['"open\\', 6],
    ["'a'", 0],
    ["\u00a01", 0],
    ["", 0],
    ["  ", 2],
    ["[[[", 3],
  ];
  for (const [text, offset] of cases) expect(jsonErrorOffset(text), JSON.stringify(text)).toBe(offset);
});

test("a million levels deep", () => {
  expect(jsonErrorOffset("[".repeat(1_000_000))).toBe(1_000_000);
  expect(jsonErrorOffset(`${'{"a":'.repeat(100_000)}x`)).toBe(500_000);
});

test("agrees with the machine's parser: none in what it takes, and its place wherever it names one", () => {
  const edits = fc.array(fc.tuple(fc.nat(60), fc.constantFrom("", ...'{}[]:,"\\tfn0.-eE+ \n\u0001x')), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), edits, (json, changes) => {
      let text = json;
      for (const [at, char] of changes) text = text.slice(0, at) + char + text.slice(at + 1);
      let message: string | undefined;
      try {
        JSON.parse(text);
      } catch (error) {
        message = (error as Error).message;
      }
      const offset = jsonErrorOffset(text);
      const position = /position (\d+)/.exec(message ?? "")?.[1];
      const token = /^Unexpected token '(.)'/su.exec(message ?? "")?.[1];
      if (message === undefined || message === "Unexpected end of JSON input") expect(offset).toBe(text.length);
      else if (position !== undefined) expect(offset).toBe(Number(position));
      else expect(String.fromCodePoint(text.codePointAt(offset) ?? 0)).toBe(token);
    }),
    { numRuns: 2_000 },
  );
});
