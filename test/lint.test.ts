/** The rules of the house that a linter keeps: layers, no ambient clock, no ambient randomness. Each must be able to fail. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const imports = (from: string) => `import { something } from "${from}";\n\nexport const used = something;\n`;
const uses = (expression: string) => `export const value = ${expression};\n`;

const FORBIDDEN_IMPORTS = [
  ["market", "../storage/store.js"],
  ["market", "node:fs"],
  ["market", "../clock/clock.js"],
  ["factors", "../overlays/engine.js"],
  ["overlays", "../actors/market-runtime.js"],
  ["storage", "../actors/market-runtime.js"],
  ["exchange/binance", "../../actors/market-runtime.js"],
  ["ledger", "../http/server.js"],
  ["actors/ingest", "../../http/server.js"],
  ["actors/ingest", "../../config/schema.js"],
  ["http", "../exchange/binance/wire.js"],
  ["replay", "../http/server.js"],
  ["sim", "../exchange/binance/wire.js"],
  ["actors", "node:timers/promises"],
  ["client", "../market/candle.js"],
  ["client", "node:http"],
  ["client", "ws"],
  ["client/answers", "../../market/candle.js"],
] as const;

const ALLOWED_IMPORTS = [
  ["overlays", "../factors/engine.js"],
  ["storage", "../market/candle.js"],
  ["actors/ingest", "../../storage/store.js"],
  ["http", "../storage/store.js"],
  ["client", "./errors.js"],
  ["client", "./answers/market.js"],
  ["client/answers", "./market.js"],
  ["cli", "../client/client.js"],
] as const;

const AMBIENT = [
  ["Date.now()", "noRestrictedGlobals"],
  ["performance.now()", "noRestrictedGlobals"],
  ["setTimeout(() => undefined, 1)", "noRestrictedGlobals"],
  ["setInterval(() => undefined, 1)", "noRestrictedGlobals"],
  ["setImmediate(() => undefined)", "noRestrictedGlobals"],
  ["Math.random()", "plugin"],
  ["AbortSignal.timeout(1)", "plugin"],
] as const;

const AMBIENT_FOLDERS = ["actors", "http", "sim", "client"] as const;

/** One file per case, all linted in one run with the project's own rules. */
const CASES = [
  ...[...FORBIDDEN_IMPORTS, ...ALLOWED_IMPORTS].map(([folder, from]) => ({ folder, text: imports(from) })),
  ...AMBIENT.flatMap(([expression]) => AMBIENT_FOLDERS.map((folder) => ({ folder, text: uses(expression) }))),
];

let project: string;
let complaints: ReadonlyMap<string, readonly string[]>;

const fileOf = (folder: string, text: string) =>
  `src/${folder}/case-${CASES.findIndex((one) => one.folder === folder && one.text === text)}.ts`;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "trade-canvas-lint-"));
  const rules = JSON.parse(readFileSync(join(ROOT, "biome.json"), "utf8"));
  writeFileSync(join(project, "biome.json"), JSON.stringify({ ...rules, vcs: { enabled: false } }));
  cpSync(join(ROOT, "lint"), join(project, "lint"), { recursive: true });
  for (const { folder, text } of CASES) {
    const file = join(project, fileOf(folder, text));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const biome = join(ROOT, "node_modules", ".bin", "biome");
  const args = ["lint", "--reporter=json", "--max-diagnostics=none", "src"];
  const { stdout } = spawnSync(biome, args, { cwd: project, encoding: "utf8" });
  const found = new Map<string, string[]>();
  for (const { category, location } of JSON.parse(stdout).diagnostics) {
    const file = typeof location.path === "string" ? location.path : location.path.file;
    found.set(file, [...(found.get(file) ?? []), category]);
  }
  complaints = found;
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("imports point inwards", () => {
  test.each(FORBIDDEN_IMPORTS)("src/%s may not import %s", (folder, from) => {
    expect(complaints.get(fileOf(folder, imports(from)))).toEqual(["lint/style/noRestrictedImports"]);
  });

  test.each(ALLOWED_IMPORTS)("src/%s may import %s", (folder, from) => {
    expect(complaints.get(fileOf(folder, imports(from)))).toBeUndefined();
  });
});

describe("time and randomness are injected", () => {
  test.each(AMBIENT)("%s is not used", (expression, rule) => {
    for (const folder of AMBIENT_FOLDERS) {
      const found = complaints.get(fileOf(folder, uses(expression)));
      expect(found).toEqual([expect.stringContaining(rule)]);
    }
  });
});
