/** The page of requirements: none is left out, every test that is named exists and runs, and every place is there. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const PAGE = readFileSync(new URL("docs/traceability.md", ROOT), "utf8");

/** Where a requirement is kept. */
type Place =
  | { readonly type: "test"; readonly file: string; readonly title: string }
  | { readonly type: "words"; readonly file: string; readonly words: string };

interface Row {
  readonly id: string;
  readonly required: string;
  readonly places: readonly Place[];
}

const ROWS: readonly Row[] = [...PAGE.matchAll(/^\| ([SAD][\w.-]+) \| (.+?) \| (.+) \|$/gm)].map(
  ([, id = "", required = "", kept = ""]) => ({ id, required, places: kept.split(" · ").map(parsePlace) }),
);

/** @throws Error for what is no place. */
function parsePlace(text: string): Place {
  const [, testFile, title] = /^`(test\/[^`]+\.test\.ts)`: (.+)$/.exec(text) ?? [];
  if (testFile !== undefined && title !== undefined) return { type: "test", file: testFile, title };
  const [, file, words] = /^`([^`]+)` \(`(.+)`\)$/.exec(text) ?? [];
  if (file !== undefined && words !== undefined) return { type: "words", file, words };
  throw new Error(`'${text}' is neither a test nor a place`);
}

const PLACES = ROWS.flatMap(({ id, places }) => places.map((place) => ({ id, ...place })));

/** Steps of a scenario. */
const steps = (scenario: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${scenario}.${at + 1}`);

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${at + 1}`);

const textOf = (file: string): string => readFileSync(new URL(file, ROOT), "utf8");

/** Calls that begin a test, or a group of them, with their titles. */
const TEST_CALL = /(\b(?:test|it|describe)(?:\.\w+)*|\))\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)\s*,/g;

/** The first test whose title begins like this, as the call that begins it. */
function callOf(file: string, title: string): string | undefined {
  for (const [, call, plain, template] of textOf(file).matchAll(TEST_CALL)) {
    if ((plain ?? template ?? "").startsWith(title)) return call;
  }
  return undefined;
}

test("every requirement, scenario and decision has its line, once, in order", () => {
  expect(ROWS.map(({ id }) => id)).toEqual([
    ...numbered("S0", 47),
    ...numbered("S1", 53),
    ...numbered("S2", 40),
    ...numbered("S3", 36),
    ...numbered("S4", 20),
    ...steps("A-0", 7),
    ...steps("A-1", 6),
    ...["A-1.R1", "A-1.R2", "A-1.R3"],
    ...steps("A-2", 6),
    ...steps("A-3", 5),
    ...steps("A-4", 6),
    ...numbered("D", 21),
  ]);
  // What looks like a line of the table is one that was understood.
  expect(PAGE.match(/^\| [SAD]\d?-/gm)).toHaveLength(ROWS.length);
});

test("every test that is named exists, and runs", () => {
  for (const { id, file, ...place } of PLACES) {
    if (place.type !== "test") continue;
    const call = callOf(file, place.title);
    expect(call, `${id}: ${place.title} in ${file}`).toBeDefined();
    expect(call, `${id} is skipped`).not.toMatch(/\.(skip|todo)/);
  }
});

test("every place that is named is there", () => {
  for (const { id, file, ...place } of PLACES) {
    if (place.type === "words")
      expect(textOf(file).includes(place.words), `${id}: '${place.words}' in ${file}`).toBe(true);
  }
});
