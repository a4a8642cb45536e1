import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/config-error.js";
import { mergeEnv, parseEnvFile, readEnvFile } from "../../src/config/env-file.js";

function problemsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError && error.code === "env_file_invalid") return error.problems;
    throw error;
  }
  return [];
}

describe("parsing", () => {
  it("takes assignments, and passes over comments and blank lines", () => {
    const text = "# head\n\n  A=1\r\nB = two words \n\t# indented\nC=\n_d9=x=y\n";
    expect(parseEnvFile(text, "f")).toEqual({ A: "1", B: "two words", C: "", _d9: "x=y" });
  });

  it("ends a plain value at a comment, but only after a blank", () => {
    expect(parseEnvFile("A=1 # why\nB=a#b\nC=# nothing\nD=\t#x", "f")).toEqual({ A: "1", B: "a#b", C: "", D: "" });
  });

  it("takes a quoted value literally", () => {
    const text = `A=" a # b "\nB='say "hi"' # why\nC=""\nD="it's"\nE="$HOME\\n"`;
    expect(parseEnvFile(text, "f")).toEqual({ A: " a # b ", B: 'say "hi"', C: "", D: "it's", E: "$HOME\\n" });
  });

  it("reads back whatever was written in double quotes", () => {
    const value = fc.string().map((text) => text.replace(/["\r\n]/g, ""));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,9}$/), value), (env) => {
        const text = Object.entries(env).map(([key, entry]) => `${key}="${entry}"`);
        expect(parseEnvFile(text.join("\n"), "f")).toEqual({ ...env });
      }),
    );
  });

  it("lists every line that it cannot understand, with file and line", () => {
    const text = 'A=1\njust words\nexport B=1\nC="open\nD="a" b\n9=1\nA=2\n=1';
    expect(problemsOf(() => parseEnvFile(text, "config/x.env"))).toEqual([
      'config/x.env:2: "just words" is not KEY=VALUE',
      'config/x.env:3: "export B=1" is not KEY=VALUE',
      "config/x.env:4: the quoted value of C does not end where the line does",
      "config/x.env:5: the quoted value of D does not end where the line does",
      'config/x.env:6: "9=1" is not KEY=VALUE',
      "config/x.env:7: A is set a second time; keep one of the two lines",
      'config/x.env:8: "=1" is not KEY=VALUE',
    ]);
  });
});

describe("reading", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "env-file-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("reads a file, byte order mark or not", () => {
    const path = join(folder, "a.env");
    writeFileSync(path, "\uFEFFA=1\n");
    expect(readEnvFile(path)).toEqual({ A: "1" });
  });

  it("names a file that is missing or cannot be read", () => {
    expect(problemsOf(() => readEnvFile(join(folder, "none.env")))).toEqual([
      `${folder}/none.env: cannot be read (there is no such file); name a readable env file`,
    ]);
    expect(problemsOf(() => readEnvFile(folder))).toEqual([
      `${folder}: cannot be read (it is no regular file); name a readable env file`,
    ]);
  });
});

describe("merging", () => {
  it("lets the real environment win, even with an empty value", () => {
    expect(mergeEnv({ A: "file", B: "file", C: "file" }, { B: "real", C: "", D: "real" })).toEqual({
      A: "file",
      B: "real",
      C: "",
      D: "real",
    });
  });

  it("does not take an unset variable for a value", () => {
    expect(mergeEnv({ A: "file" }, { A: undefined })).toEqual({ A: "file" });
  });
});
