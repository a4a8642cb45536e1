/** The catalog: how the factors and their features are named and whether they show by default. Spec: factors §3. */
import type { AnyFactor, CatalogEntry, SubFeature } from "./definition.js";

export interface Catalog {
  readonly schema_version: 1;
  readonly factors: readonly CatalogFactor[];
}

export interface CatalogFactor {
  readonly key: string;
  readonly label: string;
  readonly default_visible: boolean;
  readonly sub_features: readonly {
    readonly key: string;
    readonly label: string;
    readonly default_visible: boolean;
  }[];
}

export function catalogOf(factors: readonly AnyFactor[]): Catalog {
  return {
    schema_version: 1,
    factors: factors.map((factor) => {
      const { label, visible, subFeatures } = factor.catalog ?? plainEntry(factor);
      const sub_features = subFeatures.map((sub) => ({
        key: sub.key,
        label: sub.label,
        default_visible: sub.visible,
      }));
      return { key: factor.name, label, default_visible: visible, sub_features };
    }),
  };
}

/** For a factor that says nothing of itself. */
function plainEntry({ name, events }: AnyFactor): CatalogEntry {
  const kinds: SubFeature[] = [...new Set(events.map(({ kind }) => kind))].map((key) => ({
    key,
    label: labelOf(key.slice(key.lastIndexOf(".") + 1)),
    visible: true,
  }));
  const subFeatures = kinds.length > 0 ? kinds : [{ key: name, label: labelOf(name), visible: true }];
  return { label: labelOf(name), visible: true, subFeatures };
}

function labelOf(name: string): string {
  return name
    .split(/[_-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
