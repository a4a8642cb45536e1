/**
 * What scenarios A-1.R3 and ask of the source itself: one definition of what is shared, no second names, routes in
 * the folder of routes, and entry files that assemble and decide nothing. Which layer may import which is the linter's
 * (lint.test.ts).
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const SOURCE = new URL("../src/", import.meta.url);

/** Source texts without comments, by path below src. */
const SOURCES: ReadonlyMap<string, string> = new Map(
  readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => [path, withoutComments(readFileSync(new URL(path, SOURCE), "utf8"))]),
);

/** Files that put the program together. */
const ENTRIES = ["main.ts", "app.ts", "assembly.ts", "http/server.ts"] as const;

/** Words that mean two things in two contexts that never meet. */
const HOMONYMS: Readonly<Record<string, string>> = {
  BreakerTransition: "inside of an endpoint's breaker, and on the wire",
  Difference: "of a derived candle from the exchange's own, and of two ledgers",
  Gap: "what one subscriber misses, and an entry of the gap ledger",
  Point: "of a drawing, and of a measurement",
  Rows: "of lines in the drawing's rows, and of candles in a chunk",
};

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function textOf(path: string): string {
  const text = SOURCES.get(path);
  if (text === undefined) throw new Error(`there is no src/${path}`);
  return text;
}

/** Files whose text matches. */
function filesWith(pattern: RegExp): readonly string[] {
  return [...SOURCES].filter(([, text]) => pattern.test(text)).map(([path]) => path);
}

/** Where each exported interface, type and class is defined. */
function definitions(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [path, text] of SOURCES) {
    // The simulator shares nothing with what is tested against it, so that both cannot be wrong in the same way; the client
    // stands by itself.
    if (path.startsWith("sim/") || path.startsWith("client/")) continue;
    for (const [, name = ""] of text.matchAll(/^export (?:abstract )?(?:interface|type|class) (\w+)/gm)) {
      found.set(name, [...(found.get(name) ?? []), path]);
    }
  }
  return found;
}

describe("A-1.R3: one definition of each thing", () => {
  test("an exported interface, type or class is defined in one place", () => {
    const all = definitions();
    expect(all.size).toBeGreaterThan(200);
    const repeated = [...all].filter(([, paths]) => paths.length > 1);
    expect(repeated.filter(([name]) => !Object.hasOwn(HOMONYMS, name))).toEqual([]);
    expect(repeated.map(([name]) => name).sort()).toEqual(Object.keys(HOMONYMS).sort());
  });

  test("nothing is passed on from a second place or under a second name", () => {
    // But for the one file that says what the client's package exports.
    expect(filesWith(/^export\s+(\*|(type\s+)?\{)/m)).toEqual(["client/index.ts"]);
  });

  test("routes are registered by the files of src/http/routes, and by no other", () => {
    const registering = filesWith(/\bapp\.(get|post|put|patch|delete|route)\s*(<|\()/);
    expect(registering.length).toBeGreaterThan(8);
    expect(registering.filter((path) => !path.startsWith("http/routes/"))).toEqual([]);
  });
});

describe("A-4.5: the entry files assemble", () => {
  test.each(ENTRIES)("%s reaches for nothing of the domain", (path) => {
    const imported = [...textOf(path).matchAll(/from "([^"]+)"/g)].map(([, from = ""]) => from);
    expect(imported.length).toBeGreaterThan(2);
    expect(imported.filter((from) => /\/(market|factors|overlays)\//.test(from))).toEqual([]);
  });

  test.each(["app.ts", "assembly.ts"] as const)(
    "%s has no loop, no case distinction over messages and no class",
    (path) => {
      expect(textOf(path)).not.toMatch(/^\s*(export )?(for|while|switch|class)\b/m);
    },
  );

  test("the environment is read in one place", () => {
    expect(filesWith(/process\.env/)).toEqual(["main.ts"]);
  });
});
