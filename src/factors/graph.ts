/** The factor graph: which factor comes before which. Spec: factors §2. */
import type { AnyFactor } from "./definition.js";

/** The factors cannot be put in order; the message says why, with a stable code first. */
export class FactorGraphError extends Error {
  override readonly name = "FactorGraphError";
}

/**
 * Every factor after those it depends on; otherwise in the order of their names.
 * @throws FactorGraphError `empty_factor_name`, `duplicate_factor:<name>`, `missing_deps:[…]` or `cycle:a->b->a`.
 */
export function inOrder(factors: readonly AnyFactor[]): readonly AnyFactor[] {
  const byName = new Map<string, AnyFactor>();
  for (const factor of factors) {
    if (factor.name.trim() === "") throw new FactorGraphError("empty_factor_name");
    if (byName.has(factor.name)) throw new FactorGraphError(`duplicate_factor:${factor.name}`);
    byName.set(factor.name, factor);
  }
  const missing = factors
    .flatMap(({ name, dependsOn }) => dependsOn.filter((dep) => !byName.has(dep)).map((dep) => `${name}->${dep}`))
    .sort();
  if (missing.length > 0) throw new FactorGraphError(`missing_deps:[${missing.join(", ")}]`);
  const ordered = new Set<AnyFactor>();
  const visit = (name: string, path: readonly string[]): void => {
    const factor = byName.get(name);
    if (factor === undefined || ordered.has(factor)) return;
    const seen = path.indexOf(name);
    if (seen >= 0) throw new FactorGraphError(`cycle:${[...path.slice(seen), name].join("->")}`);
    for (const dependency of [...factor.dependsOn].sort()) visit(dependency, [...path, name]);
    ordered.add(factor);
  };
  for (const name of [...byName.keys()].sort()) visit(name, []);
  return [...ordered];
}
