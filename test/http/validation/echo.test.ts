import { expect, test } from "vitest";
import { withSmallInputs } from "../../../src/http/validation/echo.js";
import type { Problem } from "../../../src/http/validation/problem.js";

function echoOf(input: unknown): unknown {
  const problem: Problem = { type: "missing", loc: ["body"], msg: "Field required", input };
  const [echoed] = withSmallInputs([problem]);
  return echoed?.input;
}

test("what is small comes back as it is", () => {
  const small = [null, 0, "x", true, [], {}, [1, [2, { a: null }]], Array(99).fill(0), "x".repeat(1_000)];
  for (const input of small) expect(echoOf(input)).toBe(input);
});

test("what has many values, long texts, long names or great depth is left out", () => {
  let deep: unknown = 0;
  for (let depth = 0; depth < 200; depth += 1) deep = [deep];
  const large = [
    Array(100).fill(0),
    Array(20).fill([1, 2, 3, 4, 5]),
    "x".repeat(1_001),
    { ["x".repeat(1_001)]: 1 },
    deep,
  ];
  for (const input of large) expect(echoOf(input)).toBeNull();
});

test("problems about one value are all treated alike, and nothing else of them changes", () => {
  const input = { text: "x".repeat(2_000) };
  const problem = (at: string): Problem => ({ type: "missing", loc: ["body", at], msg: "Field required", input });
  expect(withSmallInputs([problem("a"), problem("b")])).toEqual([
    { ...problem("a"), input: null },
    { ...problem("b"), input: null },
  ]);
});
