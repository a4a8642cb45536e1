/** The tables of contracts against the routes that the server registers. */
import { beforeAll, describe, expect, test } from "vitest";
import type { RegisteredRoute } from "../../src/http/server.js";
import { type RouteContract, routeOf } from "./support/contract.js";
import type { Member, Members } from "./support/member.js";
import { registeredRoutes } from "./support/registered.js";
import { type FoundMember, membersOf } from "./support/schema-members.js";
import { CONTRACTS } from "./tables/index.js";

let routes: readonly RegisteredRoute[] = [];
beforeAll(async () => {
  routes = await registeredRoutes();
});

test("every route has a table, and every table a route", () => {
  const registered = routes.map(routeOf);
  const tables = CONTRACTS.map(routeOf);
  expect(registered.length).toBeGreaterThan(20);
  expect(new Set(tables).size).toBe(tables.length);
  const without = registered.filter((route) => !tables.includes(route));
  expect(without, "routes without a table: add one to test/contract/tables").toEqual([]);
  expect(tables.filter((route) => !registered.includes(route))).toEqual([]);
});

/** A member of a table as the server's schema would say it. */
function asFound(name: string, member: Member): FoundMember {
  const { kind, need, nullable = false } = member;
  const bounds = "min" in member || "max" in member ? { min: member.min, max: member.max } : {};
  return {
    name,
    kind,
    nullable,
    required: need === "required",
    default: typeof need === "object" ? need.default : undefined,
    min: bounds.min,
    max: bounds.max,
    choices: kind === "choice" ? member.choices : undefined,
  };
}

function flattened(members: Members, prefix = ""): readonly FoundMember[] {
  return Object.entries(members).flatMap(([name, member]) => [
    asFound(prefix + name, member),
    ...(member.kind === "object" ? flattened(member.members, `${prefix}${name}.`) : []),
  ]);
}

describe.each(CONTRACTS.map((contract) => [routeOf(contract), contract] as const))("%s", (route, contract) => {
  test("takes the members of its table and no others, with these bounds and defaults", () => {
    expect(membersOf(routes.find((one) => routeOf(one) === route))).toEqual(flattened(contract.members));
  });

  test("names no error twice in the same way", () => {
    const errors = contract.errors.map(({ arrange, ...error }: RouteContract["errors"][number]) =>
      arrange === undefined ? JSON.stringify(error) : `${error.filled ?? error.detail} arranged`,
    );
    expect(new Set(errors).size).toBe(errors.length);
  });
});
