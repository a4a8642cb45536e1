import { expect, test } from "vitest";
import { FactorEngine } from "../../src/factors/engine.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";
import { OverlayEngine } from "../../src/overlays/engine.js";
import { seededWalk } from "../support/random-series.js";

test("what has settled is the same while its key is, and with what moves it is all that is live", () => {
  const factors = new FactorEngine({
    factors: STANDARD_FACTORS,
    pivotWindowMajor: 4,
    pivotWindowMinor: 2,
    logicVersion: "",
  });
  const none = { times: new Float64Array(), closes: new Float64Array() };
  const fold = factors.begin(60, () => none);
  const picture = new OverlayEngine({ windowCandles: 2_000 }).begin(60);
  let kept: { readonly key: object; readonly text: string }[] = [];
  let same = 0;
  for (const candle of seededWalk({ seed: 3, count: 240 })) {
    picture.draw(fold.step(candle));
    const parts = picture.settled().map(({ key, make }) => ({ key, made: make() }));
    for (const [at, { key, made }] of parts.entries()) {
      if (kept[at]?.key !== key) continue;
      same += 1;
      expect(JSON.stringify(made)).toBe(kept[at]?.text);
    }
    kept = parts.map(({ key, made }) => ({ key, text: JSON.stringify(made) }));
    const versions = [...picture.moving(), ...parts.flatMap(({ made }) => made)].map((one) => one.version_id);
    expect(versions.sort()).toEqual(
      picture
        .live()
        .map((one) => one.version_id)
        .sort(),
    );
  }
  expect(same).toBeGreaterThan(200);
});
