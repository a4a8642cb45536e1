import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type AccessToken,
  loadAccessTokens,
  MAX_ACCESS_TOKENS,
  parseAccessTokens,
  SCOPES,
} from "../../src/config/access-tokens.js";
import { ConfigError } from "../../src/config/config-error.js";
import { tempFolder } from "../support/temp.js";

const DIGEST = "a".repeat(64);
const ENTRY = { name: "grafana", sha256: DIGEST, scopes: ["read"] } as const;

function problemsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError && error.code === "access_tokens_invalid") return error.problems;
    throw error;
  }
  return [];
}

/** What is wrong with a file of these tokens. */
function problemsIn(tokens: unknown): readonly string[] {
  return problemsOf(() => parseAccessTokens(JSON.stringify({ tokens }), "t"));
}

/** Tokens that are told apart by their number. */
function numbered(count: number): readonly AccessToken[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `t${at}`,
    sha256: at.toString(16).padStart(64, "0"),
    scopes: ["read"],
  }));
}

describe("the file", () => {
  it("gives its tokens in its order, and what else is said of them is left out", () => {
    const second = { name: "desk.2-b_c", sha256: "0123456789abcdef".repeat(4), scopes: [...SCOPES] };
    const text = JSON.stringify({ comment: 1, tokens: [{ ...ENTRY, note: "for the dashboard" }, second] });
    expect(parseAccessTokens(text, "t")).toEqual([ENTRY, second]);
    expect(() => (parseAccessTokens(text, "t") as AccessToken[]).pop()).toThrow(TypeError);
  });

  it("is read from where it is, byte order mark included", () => {
    const path = join(tempFolder(), "tokens.json");
    writeFileSync(path, `\uFEFF${JSON.stringify({ tokens: [ENTRY] })}`);
    expect(loadAccessTokens(path)).toEqual([ENTRY]);
  });

  it("is not looked for when none is named", () => {
    expect(loadAccessTokens(undefined)).toEqual([]);
  });

  it("must be there when it is named: a slip of the pen opens nothing", () => {
    const path = join(tempFolder(), "tokens.json");
    const remedy = "make one with trade-canvas token, or unset TRADE_CANVAS_ACCESS_TOKENS_PATH";
    expect(problemsOf(() => loadAccessTokens(path))).toEqual([
      `access tokens ${path} cannot be read (there is no such file); ${remedy}`,
    ]);
    mkdirSync(path);
    expect(problemsOf(() => loadAccessTokens(path))).toEqual([expect.stringContaining("it is no regular file")]);
  });

  it.each(["{", "", "tc_secret", '{"tokens": ["tc_secret'])("must be JSON: %j", (text) => {
    const [problem = ""] = problemsOf(() => parseAccessTokens(text, "/etc/t.json"));
    expect(problem).toMatch(/^access tokens \/etc\/t\.json is not valid JSON; it must have the form \{"tokens"/);
    expect(problem).not.toContain("secret");
  });

  it.each(["[]", "null", "1", "{}", '{"tokens": {}}', '{"tokens": null}', '{"token": []}'])(
    "must have its form: %s",
    (text) => {
      expect(problemsOf(() => parseAccessTokens(text, "t"))).toEqual([
        expect.stringMatching(/^access tokens t must have the form \{"tokens": \[/),
      ]);
    },
  );

  it("must hold a token, and no more than are compared", () => {
    expect(problemsIn([])).toEqual(["access tokens t has no token: nobody could come in; add one"]);
    expect(problemsIn(numbered(MAX_ACCESS_TOKENS))).toEqual([]);
    expect(problemsIn(numbered(MAX_ACCESS_TOKENS + 1))).toEqual([
      "access tokens t has 101 tokens; at most 100 are taken",
    ]);
  });
});

describe("an entry", () => {
  it.each([null, 1, "x"])("is an object: %j", (entry) => {
    expect(problemsIn([ENTRY, entry])).toEqual(["access tokens t, entry 1: it is no object"]);
  });

  it.each([undefined, "", "a b", "a\n", "é", "x".repeat(65), 7, null, ["a"]])("has a name that is none: %j", (name) => {
    expect(problemsIn([{ ...ENTRY, name }])).toEqual([
      "access tokens t, entry 0: name must be 1 to 64 letters, digits, dots, dashes or underscores",
    ]);
  });

  it.each([undefined, "", DIGEST.toUpperCase(), DIGEST.slice(1), `${DIGEST}a`, `${DIGEST}\n`, "tc_secret", 7])(
    "has a digest that is none: %j",
    (sha256) => {
      const problems = problemsIn([{ ...ENTRY, sha256 }]);
      expect(problems).toEqual([
        "access tokens t, entry 0: sha256 must be 64 lower-case hex digits, as trade-canvas token prints them",
      ]);
      expect(problems.join()).not.toContain("secret");
    },
  );

  it.each([undefined, [], "read", ["write"], ["read", "READ"], ["read", 1], [["read"]], { read: true }])(
    "has scopes that are none: %j",
    (scopes) => {
      expect(problemsIn([{ ...ENTRY, scopes }])).toEqual([
        "access tokens t, entry 0: scopes must be a list of one or more of read, ingest, debug, dev",
      ]);
    },
  );

  it("tells all that is wrong, of all entries at once", () => {
    expect(problemsIn([{ ...ENTRY, name: "" }, ENTRY, {}])).toHaveLength(4);
  });

  it("is alone with its name and its digest", () => {
    const [a, b] = numbered(2);
    expect(problemsIn([a, b, { ...b, name: "t0" }])).toEqual([
      "access tokens t, entry 2: its name is that of entry 0",
      "access tokens t, entry 2: its sha256 is that of entry 1",
    ]);
  });
});
