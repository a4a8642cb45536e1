import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectRoot } from "../../src/config/project-root.js";

let folder = "";
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "project-root-")));
  writeFileSync(join(folder, "package.json"), "{}");
  for (const built of ["src", "dist"]) mkdirSync(join(folder, built, "config"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

it("is the folder of this project's package.json", () => {
  expect(JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8"))).toMatchObject({ name: "trade-canvas" });
});

it.each(["src/config/project-root.ts", "dist/config/project-root.js"])("is found from %s", (module) => {
  expect(projectRoot(pathToFileURL(join(folder, module)).href)).toBe(folder);
});

it("says so when the installation has none", () => {
  expect(() => projectRoot("file:///no-such-folder/config/a.js")).toThrow(
    "no package.json in /no-such-folder/config or above: reinstall the project",
  );
});
