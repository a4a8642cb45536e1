import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/config-error.js";
import { loadWhitelist, parseWhitelist } from "../../src/config/whitelist.js";

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError && error.code === "whitelist_invalid") return error.message;
    throw error;
  }
  return "";
}

describe("parsing", () => {
  it("trims, drops empty entries and repeats, and keeps the order", () => {
    const text =
      '{"series_ids": [" binance:spot:B/USDT:1m ", "", "binance:spot:A/USDT:1m", "binance:spot:B/USDT:1m", " "]}';
    expect(parseWhitelist(text, "w")).toEqual(["binance:spot:B/USDT:1m", "binance:spot:A/USDT:1m"]);
  });

  it("takes an empty list, and does not judge what an entry names", () => {
    expect(parseWhitelist('{"series_ids": []}', "w")).toEqual([]);
    expect(parseWhitelist('{"series_ids": ["no series"], "comment": 1}', "w")).toEqual(["no series"]);
  });

  it("gives a list that cannot be changed", () => {
    expect(() => (parseWhitelist('{"series_ids": ["a"]}', "w") as string[]).push("b")).toThrow(TypeError);
  });

  it.each(['{"series_ids": "a"}', '{"series_ids": null}', '{"series_ids": {}}', "{}", "[]", "null", '"a"', "1"])(
    "refuses %s: no list",
    (text) => {
      const message = messageOf(() => parseWhitelist(text, "config/w.json"));
      expect(message).toMatch(/^whitelist series_ids must be a list: config\/w\.json needs the form/);
    },
  );

  it("refuses entries that are no texts, naming the entry", () => {
    expect(messageOf(() => parseWhitelist('{"series_ids": ["a", 7]}', "w.json"))).toBe(
      "whitelist series_ids must hold texts only: w.json has 7 at index 1",
    );
    expect(messageOf(() => parseWhitelist('{"series_ids": [null]}', "w.json"))).toContain("null at index 0");
  });

  it("refuses what is no JSON, with the file and what the parser says", () => {
    expect(messageOf(() => parseWhitelist('{"series_ids": [', "w.json"))).toMatch(
      /^whitelist w\.json is not valid JSON: .*JSON/,
    );
    expect(messageOf(() => parseWhitelist("", "w.json"))).toContain("w.json");
  });
});

describe("loading", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "whitelist-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("reads a file", () => {
    const path = join(folder, "w.json");
    writeFileSync(path, '{"series_ids": ["a"]}');
    expect(loadWhitelist(path)).toEqual(["a"]);
  });

  it("takes a missing file for an empty list", () => {
    expect(loadWhitelist(join(folder, "none.json"))).toEqual([]);
  });

  it("refuses a file that cannot be read", () => {
    expect(messageOf(() => loadWhitelist(folder))).toBe(`whitelist ${folder} cannot be read: it is no regular file`);
  });
});
