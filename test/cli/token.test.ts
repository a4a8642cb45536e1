import { describe, expect, test } from "vitest";
import { makeToken, tokenCommand } from "../../src/cli/token.js";
import { type AccessToken, parseAccessTokens, SCOPES } from "../../src/config/access-tokens.js";
import { TokenBook } from "../../src/http/access/token-book.js";
import { digestOf } from "../support/access.js";

async function run(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (l: string) => void out.push(l),
    err: (l: string) => void err.push(l),
    env: {},
    stop: new AbortController().signal,
  };
  return { code: await tokenCommand.run(args, io), out, err };
}

test("prints the entry to stdout, and the token once to stderr", async () => {
  const { code, out, err } = await run("grafana", "--scope", "read", "--scope", "debug");
  expect(code).toBe(0);
  expect(out).toHaveLength(1);
  const token = err.at(-1) ?? "";
  expect(token).toMatch(/^tc_[A-Za-z0-9_-]{43}$/);
  expect(JSON.parse(out[0] ?? "")).toEqual({ name: "grafana", sha256: digestOf(token), scopes: ["read", "debug"] });
  expect([...out, ...err].join("\n").split(token)).toHaveLength(2);
});

test("the entry is one that a daemon takes, and the token lets its holder in", async () => {
  const { out, err } = await run("desk.2", "--scope=ingest");
  const tokens = parseAccessTokens(`{"tokens": [${out[0]}]}`, "t");
  expect(new TokenBook(tokens).holderOf(err.at(-1) ?? "")).toMatchObject({ name: "desk.2", scopes: ["ingest"] });
});

test("is good for reading unless it is told more, and a scope counts once", async () => {
  const scopesOf = async (...args: readonly string[]) =>
    (JSON.parse((await run("a", ...args)).out[0] ?? "") as AccessToken).scopes;
  expect(await scopesOf()).toEqual(["read"]);
  expect(await scopesOf("--scope", "dev", "--scope", "dev")).toEqual(["dev"]);
  expect(await scopesOf(...SCOPES.flatMap((scope) => ["--scope", scope]))).toEqual(SCOPES);
});

test("is never the same twice", async () => {
  const tokens = await Promise.all(Array.from({ length: 50 }, async () => (await run("a")).err.at(-1)));
  expect(new Set(tokens).size).toBe(50);
});

test("has every bit of the randomness in it", () => {
  const plan = { name: "a", scopes: ["read"] } as const;
  for (let bit = 0; bit < 256; bit += 1) {
    const secret = Buffer.alloc(32);
    secret.writeUInt8(1 << (bit % 8), Math.floor(bit / 8));
    const { token } = makeToken(plan, secret);
    expect(Buffer.from(token.slice(3), "base64url")).toEqual(secret);
  }
});

describe("wrong usage says what is wrong, makes nothing, and exits with 2", () => {
  test.each([
    [[], "no name is given"],
    [["a", "b"], "'b' is one name too many"],
    [["a b"], "'a b' is no name"],
    [[""], "'' is no name"],
    [["x".repeat(65)], "is no name"],
    [["a", "--scope", "write"], "--scope write is none of read, ingest, debug, dev"],
    [["a", "--scope", ""], "is none of"],
    [["a", "--scope"], "--scope"],
    [["a", "--all"], "--all"],
  ])("%j", async (args, problem) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err.join("\n")).toContain(problem);
    expect(err.join("\n")).not.toMatch(/tc_[A-Za-z0-9_-]{43}/);
  });
});

test("--help tells where the entry belongs", async () => {
  expect((await run("--help")).out.join("\n")).toContain("TRADE_CANVAS_ACCESS_TOKENS_PATH");
});
