/** Whether the pages of docs/api are complete: every member, gate and error of a route, and none besides. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { ALL_SETTINGS } from "../../src/config/schema.js";
import { SHED_PATHS } from "../../src/http/read-shedding.js";
import type { RegisteredRoute } from "../../src/http/server.js";
import { type RouteContract, routeOf } from "../contract/support/contract.js";
import { registeredRoutes } from "../contract/support/registered.js";
import { type FoundMember, membersOf } from "../contract/support/schema-members.js";
import { CONTRACTS } from "../contract/tables/index.js";
import { pageOf } from "./pages.js";

let routes: readonly RegisteredRoute[] = [];
beforeAll(async () => {
  routes = await registeredRoutes();
});

function read({ method, path }: Pick<RegisteredRoute, "method" | "path">): string {
  return readFileSync(new URL(`../../docs/api/${pageOf(method, path)}`, import.meta.url), "utf8");
}

/** The text under a heading. */
function section(page: string, heading: string): string {
  return new RegExp(`^## ${heading}\n(.*?)(?=^## )`, "ms").exec(page)?.[1] ?? "";
}

/** The cells of a table's rows, heads left out. */
function rows(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => /^\| [`\d]/.test(line));
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const names = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

/** How a page says what a member takes: its type, or its words; its default, and its bounds. */
function inWords({ kind, nullable, required, min, max, choices, ...member }: FoundMember): readonly string[] {
  const type = choices?.map((word) => `\`${word}\``).join(" or ") ?? kind;
  const fallback = typeof member.default === "string" ? `\`${member.default}\`` : String(member.default);
  const standard = required ? "required" : member.default === undefined ? "(free)" : fallback;
  return [`${type}${nullable ? " or null" : ""}`, standard, boundsInWords(kind, min, max)];
}

function boundsInWords(kind: FoundMember["kind"], min: number | undefined, max: number | undefined): string {
  const unit = { text: " characters", list: " items" }[kind as string] ?? "";
  const one = min === 1 ? unit.replace(/s$/, "") : unit;
  if (min !== undefined && max !== undefined) return `${min} to ${max}${unit}`;
  if (min !== undefined) return unit === "" ? `≥ ${min}` : `at least ${min}${one}`;
  if (max !== undefined) return unit === "" ? `≤ ${max}` : `at most ${max}${unit}`;
  return kind === "number" ? "finite" : "";
}

/** What the page says of each member, in the words of {@link inWords}. */
function documented(page: string): Readonly<Record<string, readonly string[]>> {
  const table = rows(section(page, "Parameters") + section(page, "Body"));
  return Object.fromEntries(
    table.flatMap(([cell = "", type = "", standard = "", bounds = ""]) =>
      names(cell).map((name) => [name, [type, plain(standard), plain(bounds)]] as const),
    ),
  );
}

/** 20,000 and 20000 are one number, and so are 2.0 and 2. */
function plain(words: string): string {
  return words.replace(/(\d),(?=\d{3})/g, "$1").replace(/^(\d+)\.0$/, "$1");
}

test("each page lists the members of its route with type, default and bounds, and no others", () => {
  for (const route of routes) {
    const page = read(route);
    const found = membersOf(route).filter(({ kind }) => kind !== "object");
    const said = documented(page);
    for (const member of found) {
      const [type, standard, bounds] = inWords(member);
      const [saidType, saidDefault = "", saidBounds] = said[member.name] ?? [];
      const where = `${routeOf(route)}: ${member.name}`;
      expect([saidType, saidBounds], where).toEqual([type, bounds]);
      if (standard === "(free)")
        expect(saidDefault, `${where} may be left out: say what counts then`).toMatch(/^(?!required).+/);
      else expect(saidDefault, where).toBe(standard);
    }
    expect(Object.keys(said), routeOf(route)).toEqual(found.map(({ name }) => name));
    if (found.length === 0) expect(page, routeOf(route)).toMatch(/\bParameters: none\.$/m);
  }
});

/** The errors that a page has to list: its route's own, and what follows from its gate, its members and its kind. */
function errorsOf({ method, path, gate, members, errors }: RouteContract): readonly string[] {
  const list = [
    ...errors.map(({ status, detail }) => `${status} ${detail}`),
    ...(gate === "open" ? [] : ["404 not_found"]),
    ...(Object.keys(members).length === 0 ? [] : ["422 […]"]),
    ...(method === "GET" && SHED_PATHS.has(path) ? ["503 busy"] : []),
  ];
  return [...new Set(list)].sort();
}

const ON_BY_DEFAULT: ReadonlySet<string> = new Set(
  ALL_SETTINGS.flatMap(([, setting]) => (setting.default === true ? [setting.env] : [])),
);

/** What every body is subject to; a page may say so where it is likely. */
const OF_EVERY_BODY = "413 body_too_large";

describe.each(CONTRACTS.map((contract) => [routeOf(contract), contract] as const))("%s", (_route, contract) => {
  test("its page lists every error of it, and no other", () => {
    const table = rows(section(read(contract), "Errors"));
    const listed = table.map(([status = "", detail = ""]) => `${status} ${names(detail)[0]}`);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((error) => error !== OF_EVERY_BODY).sort()).toEqual(errorsOf(contract));
  });

  test("its page says what opens it, and whether that is asked first", () => {
    const [gateText = ""] = /^Gate: .*?(?=\n\n)/ms.exec(read(contract)) ?? [];
    const { gate, members } = contract;
    if (gate === "open") {
      expect(gateText).toMatch(/^Gate: none\./);
      return;
    }
    const settings = (list: readonly string[]) => list.map((name) => `\`TRADE_CANVAS_${name}=1\``).join(" and ");
    expect(gateText.replaceAll("\n", " ")).toContain(`Gate: ${gate.opens.map(settings).join(" or ")}.`);
    const isOpenByDefault = gate.opens.some((list) => list.every((name) => ON_BY_DEFAULT.has(`TRADE_CANVAS_${name}`)));
    expect(gateText.includes("Open by default."), "open by default").toBe(isOpenByDefault);
    if (Object.keys(members).length === 0) return;
    const saysAfter = gateText.replaceAll("\n", " ").includes("The request is validated before the gate is asked.");
    expect(saysAfter).toBe(gate.asked === "after validation");
  });
});
