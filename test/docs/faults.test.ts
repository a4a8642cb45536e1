/** The page of faults and bounds: nothing of the catalogue is left out, and every test that it names is there. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const PAGE = readFileSync(new URL("docs/faults.md", ROOT), "utf8");

const rows = [...PAGE.matchAll(/^\| ([FB]\d+) \|.*\| `(test\/[^`]+)`: (.+) \|$/gm)].map(
  ([, id = "", file = "", title = ""]) => ({ id, file, title }),
);

const numbered = (letter: string, count: number, digits: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${letter}${String(at + 1).padStart(digits, "0")}`);

test("every fault and every bound has its line, once, in order", () => {
  expect(rows.map(({ id }) => id)).toEqual([...numbered("F", 40, 2), ...numbered("B", 23, 1)]);
});

test("every test that is named exists, and runs", () => {
  for (const { id, file, title } of rows) {
    const text = readFileSync(new URL(file, ROOT), "utf8");
    const named = text
      .split("\n")
      .find((line) => line.includes(title) && /\b(test|it|describe)\b.*\(|^\s*\]/.test(line));
    expect(named, `${id}: ${title} in ${file}`).toBeDefined();
    expect(named, `${id} is skipped`).not.toMatch(/\.(skip|todo)/);
  }
});
