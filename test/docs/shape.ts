/** What of an answer can be compared with an example of it: its shape. */
import { expect } from "vitest";

/** Members whose own members are named by what happened, or by what is described. */
const OPEN_MEMBERS = new Set([
  ...["counters", "gauges", "timers"],
  ...["paths", "schemas", "channels", "messages", "operations"],
]);

/** What of an answer must be the same whenever it is asked: members and types; null and empty lists tell nothing. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : [shapeOf(value[0])];
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, OPEN_MEMBERS.has(name) ? "open" : shapeOf(member)]),
  );
}

/** Leaves out what one of two shapes does not tell. */
export function agree(a: unknown, b: unknown, at: string): void {
  if (a === undefined || b === undefined) return;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    expect(a, at).toEqual(b);
    return;
  }
  expect(Object.keys(a), at).toEqual(Object.keys(b));
  for (const [name, member] of Object.entries(a)) agree(member, (b as Record<string, unknown>)[name], `${at}.${name}`);
}
