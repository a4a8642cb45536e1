import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJsonFile, writeJsonFile } from "../../src/storage/json-file.js";
import { tempFolder } from "../support/temp.js";

test("what is written is read, in a folder that is made for it, and nothing is left beside it", async () => {
  const folder = tempFolder();
  const file = join(folder, "deep", "facts.json");
  expect(readJsonFile(file)).toBeUndefined();
  await writeJsonFile(file, { a: [1] });
  await writeJsonFile(file, { a: [2] });
  expect(readJsonFile(file)).toEqual({ a: [2] });
  expect(readdirSync(join(folder, "deep"))).toEqual(["facts.json"]);
});

test("a write that fails leaves what was there; what is no JSON is an error", async () => {
  const file = join(tempFolder(), "facts.json");
  await writeJsonFile(file, 1);
  await expect(writeJsonFile(file, 1n)).rejects.toThrow();
  expect(readJsonFile(file)).toBe(1);
  writeFileSync(file, "{");
  expect(() => readJsonFile(file)).toThrow(SyntaxError);
});
