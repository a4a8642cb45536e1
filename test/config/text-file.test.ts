import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CONFIG_FILE_MAX_BYTES, readTextFile } from "../../src/config/text-file.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "text-file-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

it("reads text, without a byte order mark", () => {
  expect(readTextFile(write("a", "grün\n"))).toEqual({ status: "read", text: "grün\n" });
  expect(readTextFile(write("b", "\uFEFFa"))).toEqual({ status: "read", text: "a" });
});

it("tells a missing file from one that cannot be read", () => {
  expect(readTextFile(join(folder, "none"))).toEqual({ status: "missing" });
  expect(readTextFile(folder)).toEqual({ status: "unreadable", reason: "it is no regular file" });
  expect(readTextFile(join(write("c", ""), "below"))).toEqual({
    status: "unreadable",
    reason: expect.stringContaining("ENOTDIR"),
  });
});

it("does not read more than the bound", () => {
  expect(readTextFile(write("d", new Uint8Array(CONFIG_FILE_MAX_BYTES))).status).toBe("read");
  expect(readTextFile(write("e", new Uint8Array(CONFIG_FILE_MAX_BYTES + 1)))).toEqual({
    status: "unreadable",
    reason: "it has 1048577 bytes, more than 1048576",
  });
});
