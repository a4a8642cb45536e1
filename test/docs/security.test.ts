/** The page of security, and the policy: what they say of scopes, limits and tests is so. */
import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { parseAccessTokens, SCOPES } from "../../src/config/access-tokens.js";
import { ALL_SETTINGS } from "../../src/config/schema.js";
import { MAX_HEADERS } from "../../src/http/access/access-guard.js";
import { CONNECTION_TIMES, MAX_HEADER_BYTES } from "../../src/http/access/bounded-server.js";
import { RESERVED_FILES } from "../../src/http/access/connection-limit.js";
import { BURST_S } from "../../src/http/access/rate-limit.js";
import { accessOf } from "../../src/http/access/scopes.js";
import { WEB_SOCKET_PATHS } from "../../src/http/ws/web-sockets.js";
import { registeredRoutes } from "../contract/support/registered.js";

const ROOT = new URL("../../", import.meta.url);
const PAGE = readFileSync(new URL("docs/security.md", ROOT), "utf8");

/** The cells of the rows of a table below a heading. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, text = ""] = new RegExp(`^## ${heading}\n(.*?)(?=^## |$(?![\\s\\S]))`, "ms").exec(PAGE) ?? [];
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(1).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const inCode = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);

describe("the table of scopes", () => {
  const rows = rowsUnder("Tokens").map(([scope = "", paths = ""]) => ({
    access: inCode(scope)[0] ?? "open",
    patterns: inCode(paths),
  }));
  let routes: readonly (readonly [string, string])[] = [];
  beforeAll(async () => {
    const http = (await registeredRoutes()).map(({ method, path }) => [method, path] as const);
    routes = [...http, ...WEB_SOCKET_PATHS.map((path) => ["WebSocket", path] as const)];
  });

  const covers = (pattern: string, path: string): boolean =>
    pattern.endsWith("/**") ? path === pattern.slice(0, -3) || path.startsWith(pattern.slice(0, -2)) : path === pattern;

  test("has a row for each scope, and one for none", () => {
    expect(rows.map(({ access }) => access)).toEqual(["open", ...SCOPES]);
  });

  test("names every route once, with the scope that the program asks for", () => {
    for (const [method, path] of routes) {
      const named = rows.filter(({ patterns }) => patterns.some((pattern) => covers(pattern, path)));
      expect(
        named.map(({ access }) => access),
        path,
      ).toEqual([accessOf(method, path)]);
    }
  });

  test("the example of a file is one", () => {
    const [, example = ""] = /```json\n([^`]*)```/.exec(PAGE) ?? [];
    expect(parseAccessTokens(example, "the example")).toHaveLength(1);
  });
});

describe("the table of limits", () => {
  const rows = rowsUnder("Limits").map(
    ([what = "", much = "", setting = ""]) => [what, much, inCode(setting)[0]] as const,
  );
  const defaultOf = (name: string): number =>
    Number(ALL_SETTINGS.find(([, { env }]) => env === `TRADE_CANVAS_${name}`)?.[1].default);

  test("is that of the program", () => {
    const { headersMs, requestMs, keepAliveMs, stalledMs } = CONNECTION_TIMES;
    const numbers = rows.map(([, much]) =>
      (much.match(/\d[\d,]*/g) ?? []).map((text) => Number(text.replaceAll(",", ""))),
    );
    const rate = (name: string): readonly number[] => [defaultOf(name), defaultOf(name) * BURST_S];
    expect(numbers).toEqual([
      [defaultOf("MAX_CONNECTIONS"), RESERVED_FILES],
      [defaultOf("MAX_CONNECTIONS_PER_ADDRESS")],
      rate("REQUESTS_PER_SECOND"),
      rate("CLIENT_MESSAGES_PER_SECOND"),
      [MAX_HEADERS, MAX_HEADER_BYTES / 1024],
      ...[headersMs, requestMs, keepAliveMs, stalledMs].map((ms) => [ms / 1_000]),
    ]);
  });

  test("names the settings of the group, and each is there", () => {
    const named = rows.flatMap(([, , setting]) => (setting === undefined ? [] : [setting]));
    expect(named).toHaveLength(4);
    for (const name of named) expect(defaultOf(name)).toBeGreaterThan(0);
  });

  test("says the same as the page of the API", () => {
    const api = readFileSync(new URL("docs/api/README.md", ROOT), "utf8");
    for (const text of [
      "25,000, of one address 256",
      "100 a second, 2,000 at once",
      "| headers of a request | 100 |",
    ]) {
      expect(api).toContain(text);
    }
  });
});

test("each protection names tests that are there", () => {
  const rows = rowsUnder("What is done");
  expect(rows.length).toBeGreaterThan(10);
  for (const [against = "", , tests = ""] of rows) {
    expect(inCode(tests), against).not.toEqual([]);
    for (const file of inCode(tests)) expect(existsSync(new URL(file, ROOT)), file).toBe(true);
  }
});

test("every setting and link of both pages is there", () => {
  for (const page of ["docs/security.md", "SECURITY.md"]) {
    const text = readFileSync(new URL(page, ROOT), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(new URL(target, new URL(page, ROOT))), `${page} -> ${target}`).toBe(true);
    }
    const known = [...ALL_SETTINGS.map(([, { env }]): string => env), "TRADE_CANVAS_TOKEN"];
    for (const [name] of text.matchAll(/TRADE_CANVAS_[A-Z_]+/g)) expect(known, page).toContain(name);
  }
});
