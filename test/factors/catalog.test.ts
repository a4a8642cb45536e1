import { describe, expect, test } from "vitest";
import { catalogOf } from "../../src/factors/catalog.js";
import type { AnyFactor } from "../../src/factors/definition.js";
import { standardEngine } from "./fold.js";

/** The answer of the contract, to the byte. Spec: factors §3. */
const CATALOG =
  '{"schema_version":1,"factors":[' +
  '{"key":"pivot","label":"Pivot","default_visible":true,"sub_features":[' +
  '{"key":"pivot.major","label":"Major","default_visible":true},' +
  '{"key":"pivot.minor","label":"Minor","default_visible":false}]},' +
  '{"key":"pen","label":"Pen","default_visible":true,"sub_features":[' +
  '{"key":"pen.confirmed","label":"Confirmed","default_visible":true},' +
  '{"key":"pen.extending","label":"Extending","default_visible":true},' +
  '{"key":"pen.candidate","label":"Candidate","default_visible":true}]},' +
  '{"key":"zhongshu","label":"Zhongshu","default_visible":true,"sub_features":[' +
  '{"key":"zhongshu.alive","label":"Alive","default_visible":true},' +
  '{"key":"zhongshu.dead","label":"Dead","default_visible":true}]},' +
  '{"key":"anchor","label":"Anchor","default_visible":true,"sub_features":[' +
  '{"key":"anchor.current","label":"Current","default_visible":true},' +
  '{"key":"anchor.history","label":"History","default_visible":true},' +
  '{"key":"anchor.switch","label":"Switches","default_visible":true}]},' +
  '{"key":"sr","label":"SR","default_visible":true,"sub_features":[' +
  '{"key":"sr.active","label":"Active","default_visible":true},' +
  '{"key":"sr.broken","label":"Broken","default_visible":false}]}]}';

test("the catalog of the standard factors", () => {
  expect(JSON.stringify(standardEngine(50, 5).catalog)).toBe(CATALOG);
});

describe("a factor that says nothing of itself", () => {
  function plain(name: string, ...kinds: string[]): AnyFactor {
    const events = kinds.map((kind) => ({ kind, bucket: kind, key: () => kind }));
    const nothing = () => ({});
    return {
      name,
      dependsOn: [],
      logic: 1,
      events,
      initial: nothing,
      step: nothing,
      present: () => true,
      head: nothing,
    };
  }

  test("is labelled after its name, and lists its kinds of events once each, all visible", () => {
    const [entry] = catalogOf([plain("moving_average-cross", "ma.cross_up", "ma.x.cross-down", "ma.cross_up")]).factors;
    expect(entry).toEqual({
      key: "moving_average-cross",
      label: "Moving Average Cross",
      default_visible: true,
      sub_features: [
        { key: "ma.cross_up", label: "Cross Up", default_visible: true },
        { key: "ma.x.cross-down", label: "Cross Down", default_visible: true },
      ],
    });
  });

  test("has itself as only sub-feature when it emits nothing", () => {
    expect(catalogOf([plain("trend")])).toEqual({
      schema_version: 1,
      factors: [
        {
          key: "trend",
          label: "Trend",
          default_visible: true,
          sub_features: [{ key: "trend", label: "Trend", default_visible: true }],
        },
      ],
    });
  });

  test("keeps its place among the others", () => {
    expect(catalogOf([plain("b"), plain("a")]).factors.map(({ key }) => key)).toEqual(["b", "a"]);
  });
});
