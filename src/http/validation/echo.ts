/**
 * What of an offending value is sent back. It may be as large as the largest body and nested as deep, and be the subject
 * of many problems: only a small one is echoed, for another there is null.
 */
import type { Problem } from "./problem.js";

/** Members, items and scalars of an echoed value at most. */
const MAX_VALUES = 100;

/** Characters of its texts and names at most. */
const MAX_CHARACTERS = 1_000;

/** The problems with values that are too large to be echoed left out. */
export function withSmallInputs(problems: readonly Problem[]): readonly Problem[] {
  const known = new Map<unknown, boolean>();
  return problems.map((problem) => {
    const { input } = problem;
    const small = known.get(input) ?? isSmall(input);
    known.set(input, small);
    return small ? problem : { ...problem, input: null };
  });
}

function isSmall(value: unknown): boolean {
  const waiting = [value];
  let values = 0;
  let characters = 0;
  while (waiting.length > 0) {
    const next = waiting.pop();
    values += 1;
    if (typeof next === "string") characters += next.length;
    else if (typeof next === "object" && next !== null) {
      const names = Object.keys(next);
      if (values + names.length > MAX_VALUES) return false;
      if (!Array.isArray(next)) characters += names.reduce((sum, name) => sum + name.length, 0);
      waiting.push(...Object.values(next));
    }
    if (values > MAX_VALUES || characters > MAX_CHARACTERS) return false;
  }
  return true;
}
