/** Which features are to be seen: as the catalog has them, but for what the user has switched. Pure. */
import type { FactorCatalogAnswer } from "../../../src/client/answers/factors.js";
import type { FeatureChoice } from "../location.js";

type Factors = FactorCatalogAnswer["factors"];

/** Features that are not to be seen. */
export function hiddenFeatures(factors: Factors, { off, on }: FeatureChoice): ReadonlySet<string> {
  const features = factors.flatMap((factor) =>
    factor.sub_features.map((feature) => ({ ...feature, default: factor.default_visible && feature.default_visible })),
  );
  const hidden = features.filter(({ key, default: byDefault }) => (byDefault ? off.includes(key) : !on.includes(key)));
  return new Set(hidden.map(({ key }) => key));
}

/** The choice with some features switched. Only what differs from the catalog is kept, and what the catalog does not know. */
export function withFeatures(
  factors: Factors,
  choice: FeatureChoice,
  keys: readonly string[],
  visible: boolean,
): FeatureChoice {
  const hidden = new Set(hiddenFeatures(factors, choice));
  for (const key of keys) {
    if (visible) hidden.delete(key);
    else hidden.add(key);
  }
  const off: string[] = [];
  const on: string[] = [];
  for (const factor of factors) {
    for (const { key, default_visible } of factor.sub_features) {
      const byDefault = factor.default_visible && default_visible;
      if (byDefault && hidden.has(key)) off.push(key);
      if (!byDefault && !hidden.has(key)) on.push(key);
    }
  }
  return { off, on };
}
