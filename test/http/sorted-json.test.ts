import { expect, test } from "vitest";
import { sortedJson } from "../../src/http/sorted-json.js";

test("members are in the order of their names at every depth, lists as they are", () => {
  const value = { b: [{ z: 1, a: [3, 1] }, null], a: { y: "ü", x: 1.5 }, c: undefined };
  expect(sortedJson(value)).toBe('{"a":{"x":1.5,"y":"ü"},"b":[{"a":[3,1],"z":1},null]}');
  expect(sortedJson([])).toBe("[]");
});
