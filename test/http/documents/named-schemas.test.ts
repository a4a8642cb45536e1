import { Type } from "typebox";
import { expect, test } from "vitest";
import { NamedSchemas } from "../../../src/http/documents/named-schemas.js";

const Point = Type.Object({ x: Type.Number() }, { title: "Point" });

test("a schema with a name stands once, and is referred to wherever it is", () => {
  const named = new NamedSchemas();
  const schema = Type.Object({
    one: Point,
    perhaps: Type.Optional(Point),
    many: Type.Array(Point),
    either: Type.Union([Point, Type.Null()]),
    each: Type.Record(Type.String(), Point),
  });
  const reference = { $ref: "#/components/schemas/Point" };
  expect(named.refer(schema)).toMatchObject({
    required: ["one", "many", "either", "each"],
    properties: {
      one: reference,
      perhaps: reference,
      many: { type: "array", items: reference },
      either: { anyOf: [reference, { type: "null" }] },
      each: { type: "object", patternProperties: { "^.*$": reference } },
    },
  });
  expect(named.schemas).toEqual({
    Point: { type: "object", required: ["x"], properties: { x: { type: "number" } }, title: "Point" },
  });
});

test("names inside of named schemas are found, and members that are called like a keyword are members", () => {
  const named = new NamedSchemas();
  const Line = Type.Object({ title: Type.String(), items: Type.Array(Point) }, { title: "Line" });
  expect(named.refer(Line)).toEqual({ $ref: "#/components/schemas/Line" });
  expect(Object.keys(named.schemas)).toEqual(["Point", "Line"]);
  expect(named.schemas.Line).toMatchObject({ properties: { title: { type: "string" } } });
});

test("two schemas cannot have one name", () => {
  const named = new NamedSchemas();
  named.refer(Point);
  const other = Type.Object({ y: Type.Number() }, { title: "Point" });
  expect(() => named.refer(other)).toThrow("two schemas are called Point");
});
