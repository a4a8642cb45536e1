import fc from "fast-check";
import { Type } from "typebox";
import { expect, test } from "vitest";
import { type Problem, ValidationError } from "../../../src/http/validation/problem.js";
import { validator } from "../../../src/http/validation/validator.js";

function problemsOf(check: (input: unknown) => unknown, input: unknown): readonly Problem[] {
  try {
    check(input);
  } catch (error) {
    if (error instanceof ValidationError) return error.problems;
    throw error;
  }
  return [];
}

const Sample = Type.Object({
  name: Type.String({ minLength: 2, maxLength: 4 }),
  count: Type.Integer({ minimum: 1, maximum: 9, default: 3 }),
  price: Type.Optional(Type.Number()),
  note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  tags: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 2 })),
});

test("what fits comes back with defaults filled in, numbers read and unknown members left out", () => {
  const check = validator(Sample, "body");
  expect(check({ name: "ab", price: " 1.50 ", extra: 1 })).toEqual({ name: "ab", count: 3, price: 1.5 });
  expect(check({ name: "ab", count: "9", note: null, tags: ["x"] })).toEqual({
    name: "ab",
    count: 9,
    note: null,
    tags: ["x"],
  });
});

test("problems come in the order of the schema, each with its place", () => {
  const check = validator(Sample, "body");
  const problems = problemsOf(check, { tags: [1, "x", "y"], note: 5, count: 10, name: "abcde" });
  expect(problems.map(({ type, loc }) => [type, loc.join(".")])).toEqual([
    ["string_too_long", "body.name"],
    ["less_than_equal", "body.count"],
    ["string_type", "body.note"],
    ["too_long", "body.tags"],
  ]);
  expect(problemsOf(check, { name: "ab", tags: ["x", 1] })).toMatchObject([
    { type: "string_type", loc: ["body", "tags", 1], input: 1 },
  ]);
});

test("bounds themselves are within", () => {
  const check = validator(Sample, "body");
  for (const name of ["ab", "abcd"])
    for (const count of [1, 9]) expect(check({ name, count })).toEqual({ name, count });
});

test("a missing member's input is the object that lacks it, of a query nothing", () => {
  expect(problemsOf(validator(Sample, "body"), { count: 1 })).toMatchObject([{ type: "missing", input: { count: 1 } }]);
  expect(problemsOf(validator(Sample, "query"), { count: 1 })).toMatchObject([
    { type: "missing", loc: ["query", "name"], input: null },
  ]);
});

test("members that every object inherits are not the client's", () => {
  const check = validator(Type.Object({ constructor: Type.String(), toString: Type.Optional(Type.String()) }), "body");
  expect(problemsOf(check, {})).toMatchObject([{ type: "missing", loc: ["body", "constructor"] }]);
});

test("a schema with something that would go unchecked is refused at once", () => {
  expect(() => validator(Type.Object({ a: Type.String({ pattern: "x" }) }), "body")).toThrow(/'pattern'/);
  expect(() => validator(Type.Object({ a: Type.Union([Type.String(), Type.Number()]) }), "body")).toThrow(/unions/);
  expect(() => validator(Type.Object({ a: Type.Literal("x") }), "body")).toThrow(/not checked/);
});

test("whatever comes in, the answer is a value that fits or a list of problems with type, place and text", () => {
  const check = validator(Sample, "body");
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ name: fc.jsonValue(), count: fc.jsonValue() })), (input) => {
      const problems = problemsOf(check, input);
      if (problems.length === 0) {
        const value = check(input);
        // What fitted once fits again, unchanged.
        expect(check(value)).toEqual(value);
      }
      for (const { type, loc, msg } of problems) {
        expect(type).not.toBe("");
        expect(loc[0]).toBe("body");
        expect(msg).not.toBe("");
      }
    }),
  );
});

test("every number that JSON can carry comes back as it is", () => {
  const check = validator(Type.Object({ price: Type.Number() }), "body");
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (price) => {
      expect(check({ price }).price).toBe(price);
      expect(check({ price: String(price) }).price).toBe(Number(String(price)));
    }),
  );
});
