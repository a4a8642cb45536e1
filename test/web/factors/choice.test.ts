import { expect, test } from "vitest";
import { hiddenFeatures, withFeatures } from "../../../web/src/factors/choice.js";

const feature = (key: string, default_visible = true) => ({ key, label: key, default_visible });
const FACTORS = [
  { ...feature("pivot"), sub_features: [feature("pivot.major"), feature("pivot.minor", false)] },
  { ...feature("pen"), sub_features: [feature("pen.confirmed")] },
  { ...feature("own", false), sub_features: [feature("own.line")] },
];
const NONE = { off: [], on: [] };

test("without a choice it is as the catalog has it", () => {
  expect([...hiddenFeatures(FACTORS, NONE)]).toEqual(["pivot.minor", "own.line"]);
});

test("a switch keeps what differs from the catalog, and nothing else", () => {
  const off = withFeatures(FACTORS, NONE, ["pen.confirmed"], false);
  expect(off).toEqual({ off: ["pen.confirmed"], on: [] });
  const both = withFeatures(FACTORS, off, ["pivot.minor", "own.line"], true);
  expect(both).toEqual({ off: ["pen.confirmed"], on: ["pivot.minor", "own.line"] });
  expect([...hiddenFeatures(FACTORS, both)]).toEqual(["pen.confirmed"]);
  expect(withFeatures(FACTORS, both, ["pen.confirmed"], true)).toEqual({ off: [], on: ["pivot.minor", "own.line"] });
});

test("features that the catalog does not know hide nothing", () => {
  expect([...hiddenFeatures(FACTORS, { off: ["gone"], on: ["gone.too"] })]).toEqual(["pivot.minor", "own.line"]);
});
