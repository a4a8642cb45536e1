import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../../src/cli/command.js";
import { readDaemonToken, tokenHeader, tokenRemedy } from "../../src/cli/daemon-token.js";
import { tempFolder } from "../support/temp.js";

function fileWith(text: string): string {
  const path = join(tempFolder(), "token");
  writeFileSync(path, text);
  return path;
}

test("a token comes from the file, or else from the environment", () => {
  const env = { TRADE_CANVAS_TOKEN: "tc_of-the-environment" };
  expect(readDaemonToken(fileWith("tc_of-the-file\n"), env)).toBe("tc_of-the-file");
  expect(readDaemonToken(undefined, env)).toBe("tc_of-the-environment");
  expect(readDaemonToken(undefined, { TRADE_CANVAS_TOKEN: " tc_a\n" })).toBe("tc_a");
});

test.each([undefined, "", "  \n"])("there is none where the variable is %j", (text) => {
  expect(readDaemonToken(undefined, { TRADE_CANVAS_TOKEN: text })).toBeUndefined();
});

test.each([
  "",
  "\n",
  "tc_secret\ntc_secret",
  "tc_se cret",
  "tc_sécret",
  "tc_secret\u0000",
  `tc_secret${"x".repeat(512)}`,
])("a file without a token is wrong usage, and what it holds is not told: %j", (text) => {
  const path = fileWith(text);
  expect(() => readDaemonToken(path, {})).toThrow(UsageError);
  expect(() => readDaemonToken(path, {})).toThrow(
    new RegExp(`^--token-file ${path} holds no token: it must be one line`),
  );
  if (text.trim() === "") return;
  expect(() => readDaemonToken(undefined, { TRADE_CANVAS_TOKEN: text })).toThrow(
    /^TRADE_CANVAS_TOKEN holds no token: (?!.*secret)/,
  );
});

test("a file that is not there, or none, is wrong usage even when the environment has a token", () => {
  const folder = tempFolder();
  const env = { TRADE_CANVAS_TOKEN: "tc_a" };
  expect(() => readDaemonToken(join(folder, "none"), env)).toThrow(/none cannot be read: there is no such file/);
  expect(() => readDaemonToken(folder, env)).toThrow(/cannot be read: it is no regular file/);
});

test("goes into the header that carries it, and nowhere when there is none", () => {
  expect(tokenHeader("tc_a")).toEqual({ authorization: "Bearer tc_a" });
  expect(tokenHeader(undefined)).toEqual({});
});

test("the remedy is told where a token is the remedy", () => {
  expect(tokenRemedy(401)).toBe("; give an access token by --token-file or TRADE_CANVAS_TOKEN");
  for (const status of [400, 403, 404, 500]) expect(tokenRemedy(status)).toBe("");
});
