import fc from "fast-check";
import { expect, test } from "vitest";
import type { AnyFactor } from "../../src/factors/definition.js";
import { FactorEngine } from "../../src/factors/engine.js";
import { FactorGraphError, inOrder } from "../../src/factors/graph.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";

function factor(name: string, ...dependsOn: string[]): AnyFactor {
  const nothing = () => ({});
  return { name, dependsOn, logic: 1, events: [], initial: nothing, step: nothing, present: () => true, head: nothing };
}

function namesInOrder(factors: readonly AnyFactor[]): string[] {
  return inOrder(factors).map(({ name }) => name);
}

test("the standard factors step in the order of the contract, however they are listed", () => {
  const order = ["pivot", "pen", "zhongshu", "anchor", "sr"];
  expect(namesInOrder(STANDARD_FACTORS)).toEqual(order);
  expect(namesInOrder(STANDARD_FACTORS.toReversed())).toEqual(order);
});

test("where dependencies leave a choice, names decide: of roots, and of what a factor depends on", () => {
  expect(namesInOrder([factor("c"), factor("a"), factor("b")])).toEqual(["a", "b", "c"]);
  expect(namesInOrder([factor("a", "z", "y"), factor("z"), factor("y"), factor("b")])).toEqual(["y", "z", "a", "b"]);
});

test("a factor stays the same object", () => {
  const [one, other] = [factor("one", "other"), factor("other")];
  expect(inOrder([one, other])).toEqual([other, one]);
  expect(inOrder([one, other])[1]).toBe(one);
});

test("no factors are an order, too", () => {
  expect(inOrder([])).toEqual([]);
});

test.each([
  { what: "an empty name", factors: [factor("a"), factor("")], message: "empty_factor_name" },
  { what: "a blank name", factors: [factor("  ")], message: "empty_factor_name" },
  { what: "a name given twice", factors: [factor("a"), factor("b"), factor("a")], message: "duplicate_factor:a" },
  {
    what: "dependencies that are not there, all of them, sorted",
    factors: [factor("b", "x", "a", "y"), factor("a", "z")],
    message: "missing_deps:[a->z, b->x, b->y]",
  },
  { what: "a factor that depends on itself", factors: [factor("a", "a")], message: "cycle:a->a" },
  {
    what: "a cycle, without the way that led into it",
    factors: [factor("a", "b"), factor("b", "c"), factor("c", "d"), factor("d", "b")],
    message: "cycle:b->c->d->b",
  },
])("refuses $what", ({ factors, message }) => {
  expect(() => inOrder(factors)).toThrow(new FactorGraphError(message));
  // At start-up: an engine that cannot step is never made.
  const settings = { pivotWindowMajor: 2, pivotWindowMinor: 1, logicVersion: "" };
  expect(() => new FactorEngine({ factors, ...settings })).toThrow(FactorGraphError);
});

test("what is missing is said before a cycle is looked for", () => {
  expect(() => inOrder([factor("a", "a", "b")])).toThrow("missing_deps:[a->b]");
});

test("whatever the graph: each factor once, after all it depends on, in an order that the listing does not change", () => {
  const graph = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { maxLength: 12 }).map((edges) =>
    edges.map((targets, index) => {
      const earlier = index === 0 ? [] : targets.map((target) => `f${target % index}`);
      return factor(`f${index}`, ...new Set(earlier));
    }),
  );
  const shuffled = graph.chain((factors) =>
    fc.shuffledSubarray(factors, { minLength: factors.length }).map((listed) => ({ factors, listed })),
  );
  fc.assert(
    fc.property(shuffled, ({ factors, listed }) => {
      const order = namesInOrder(listed);
      expect(order).toEqual(namesInOrder(factors));
      expect([...order].sort()).toEqual(factors.map(({ name }) => name).sort());
      for (const { name, dependsOn } of factors) {
        for (const dependency of dependsOn) expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(name));
      }
    }),
  );
});
