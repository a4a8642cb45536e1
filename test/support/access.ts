/** Access tokens of tests: files of them, and who may come in. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCOPES, type Scope } from "../../src/config/access-tokens.js";
import type { AccessOptions } from "../../src/http/access/access-guard.js";
import { tempFolder } from "./temp.js";

/** Everybody of this machine, as much as they like. */
export const OPEN_ACCESS: AccessOptions = {
  tokens: [],
  host: "127.0.0.1",
  corsOrigins: [],
  maxConnections: 1_000,
  maxConnectionsPerAddress: 1_000,
  requestsPerSecond: 1_000,
  clientMessagesPerSecond: 1_000,
  limitsLoopback: false,
};

/** A token for each scope, and one for all of them. */
export const TOKENS = {
  ...Object.fromEntries(SCOPES.map((scope) => [scope, `tc_${scope}-of-the-test`])),
  all: "tc_all",
} as Readonly<Record<Scope | "all", string>>;

export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** The settings that name a file of tokens. */
type TokensEnv = { readonly TRADE_CANVAS_ACCESS_TOKENS_PATH: string };

/** Writes a file with {@link TOKENS} that is removed when the running test ends. */
export function tokensEnv(): TokensEnv {
  return writeTokens(tempFolder());
}

/** The same for all tests of a file. */
export function keptTokensEnv(): { readonly env: TokensEnv; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "trade-canvas-access-"));
  return { env: writeTokens(folder), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function writeTokens(folder: string): TokensEnv {
  const path = join(folder, "access-tokens.json");
  const tokens = Object.entries(TOKENS).map(([name, token]) => ({
    name,
    sha256: digestOf(token),
    scopes: name === "all" ? SCOPES : [name],
  }));
  writeFileSync(path, JSON.stringify({ tokens }));
  return { TRADE_CANVAS_ACCESS_TOKENS_PATH: path };
}

/** The header with a token of {@link TOKENS}. */
export function bearer(name: keyof typeof TOKENS): { readonly authorization: string } {
  return { authorization: `Bearer ${TOKENS[name]}` };
}
