/** The access tokens: who may use the daemon, and for what. The file holds digests, so that whoever reads it gets in nowhere. */
import { ConfigError } from "./config-error.js";
import { readTextFile } from "./text-file.js";

/** What a token may be good for; which route needs which is in `src/http/access/scopes.ts`. */
export const SCOPES = ["read", "ingest", "debug", "dev"] as const;

export type Scope = (typeof SCOPES)[number];

/** One entry of the file. */
export interface AccessToken {
  /** For logs and limits; says who holds the token. */
  readonly name: string;
  /** SHA-256 of the token's text in UTF-8, in 64 lower-case hex digits. */
  readonly sha256: string;
  /** None includes another. */
  readonly scopes: readonly Scope[];
}

/** A request is compared with all of them. */
export const MAX_ACCESS_TOKENS = 100;

/** The names that a token may have. */
export const TOKEN_NAME = /^[A-Za-z0-9._-]{1,64}$/;

const DIGEST = /^[0-9a-f]{64}$/;

const FORM = '{"tokens": [{"name": "<name>", "sha256": "<64 hex digits>", "scopes": ["read"]}]}';

/**
 * The tokens of a file, in its order, at least one; none at all when no file is named.
 * @throws ConfigError `access_tokens_invalid` when a named file is missing, cannot be read, or has an entry that is none.
 */
export function loadAccessTokens(path: string | undefined): readonly AccessToken[] {
  if (path === undefined) return [];
  const file = readTextFile(path);
  if (file.status === "read") return parseAccessTokens(file.text, path);
  const reason = file.status === "missing" ? "there is no such file" : file.reason;
  const remedy = "make one with trade-canvas token, or unset TRADE_CANVAS_ACCESS_TOKENS_PATH";
  throw invalid([`access tokens ${path} cannot be read (${reason}); ${remedy}`]);
}

/**
 * Parses `{"tokens": [{"name", "sha256", "scopes"}]}`. No problem tells what a digest was: somebody may have put the token there.
 * @param path only for the errors.
 * @throws ConfigError `access_tokens_invalid` with every entry that is none.
 */
export function parseAccessTokens(text: string, path: string): readonly AccessToken[] {
  const entries = tokensMember(parseJson(text, path));
  if (!Array.isArray(entries)) throw invalid([`access tokens ${path} must have the form ${FORM}`]);
  if (entries.length === 0) throw invalid([`access tokens ${path} has no token: nobody could come in; add one`]);
  if (entries.length > MAX_ACCESS_TOKENS) {
    throw invalid([`access tokens ${path} has ${entries.length} tokens; at most ${MAX_ACCESS_TOKENS} are taken`]);
  }
  const problems = entries.flatMap((entry: unknown, index) =>
    problemsOf(entry).map((problem) => `access tokens ${path}, entry ${index}: ${problem}`),
  );
  if (problems.length > 0) throw invalid(problems);
  const tokens = entries as readonly AccessToken[];
  const repeats = [...repeated(tokens, "name"), ...repeated(tokens, "sha256")];
  if (repeats.length > 0) throw invalid(repeats.map((problem) => `access tokens ${path}, ${problem}`));
  return Object.freeze(tokens.map(({ name, sha256, scopes }) => ({ name, sha256, scopes })));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says would quote the file.
    throw invalid([`access tokens ${path} is not valid JSON; it must have the form ${FORM}`]);
  }
}

function tokensMember(value: unknown): unknown {
  return typeof value === "object" && value !== null && "tokens" in value ? value.tokens : undefined;
}

function problemsOf(entry: unknown): readonly string[] {
  if (typeof entry !== "object" || entry === null) return ["it is no object"];
  const { name, sha256, scopes } = entry as Readonly<Record<string, unknown>>;
  const known: readonly unknown[] = SCOPES;
  const hasScopes = Array.isArray(scopes) && scopes.length > 0 && scopes.every((scope) => known.includes(scope));
  return [
    ...(typeof name === "string" && TOKEN_NAME.test(name)
      ? []
      : ["name must be 1 to 64 letters, digits, dots, dashes or underscores"]),
    ...(typeof sha256 === "string" && DIGEST.test(sha256)
      ? []
      : ["sha256 must be 64 lower-case hex digits, as trade-canvas token prints them"]),
    ...(hasScopes ? [] : [`scopes must be a list of one or more of ${SCOPES.join(", ")}`]),
  ];
}

function repeated(tokens: readonly AccessToken[], member: "name" | "sha256"): readonly string[] {
  return tokens.flatMap((token, index) => {
    const first = tokens.findIndex((other) => other[member] === token[member]);
    return first === index ? [] : [`entry ${index}: its ${member} is that of entry ${first}`];
  });
}

function invalid(problems: readonly string[]): ConfigError {
  return new ConfigError("access_tokens_invalid", problems);
}
