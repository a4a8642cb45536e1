/** The OpenAPI document: that it is one, that it has every route, and that it says of each what its contract says. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { ALL_SETTINGS } from "../../../src/config/schema.js";
import { accessOf } from "../../../src/http/access/scopes.js";
import { openApiDocument } from "../../../src/http/documents/openapi.js";
import { OPERATIONS } from "../../../src/http/documents/operations/all.js";
import { HTTP_ERRORS } from "../../../src/http/errors.js";
import { SHED_PATHS } from "../../../src/http/read-shedding.js";
import { LIVENESS_PATH } from "../../../src/http/routes/probes.js";
import type { RegisteredRoute } from "../../../src/http/server.js";
import { type RouteContract, routeOf } from "../../contract/support/contract.js";
import { registeredRoutes } from "../../contract/support/registered.js";
import { CONTRACTS } from "../../contract/tables/index.js";
import { danglingReferences } from "./references.js";

/** The parts of an operation that are looked into. */
interface Described {
  readonly operationId: string;
  readonly description: string;
  readonly security?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

let routes: readonly RegisteredRoute[] = [];
let document: Readonly<Record<string, unknown>> = {};
beforeAll(async () => {
  routes = await registeredRoutes();
  document = openApiDocument(routes, OPERATIONS, "0.0.0");
});

function described({ method, path }: { readonly method: string; readonly path: string }): Described {
  const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Described>>>>;
  const operation = paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${path} is not described`);
  return operation;
}

test("it is valid by the official schema of OpenAPI 3.1", async () => {
  const validator = new Validator();
  // The validator keeps what it is given and writes into it.
  const result = await validator.validate(structuredClone(document));
  expect([result.valid, result.errors]).toEqual([true, undefined]);
  expect(validator.version).toBe("3.1");
});

test("what it refers to is there", () => {
  expect(danglingReferences(document)).toEqual([]);
});

test("every route is described, and nothing else", () => {
  const without = routes.map(routeOf).filter((route) => OPERATIONS[route] === undefined);
  expect(without, "routes without an answer: add an operation to src/http/documents/operations").toEqual([]);
  const registered = routes.map(routeOf);
  expect(Object.keys(OPERATIONS).filter((route) => !registered.includes(route))).toEqual([]);
});

test("operations have names of their own, which are names in programs too", () => {
  const ids = Object.values(OPERATIONS).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
});

test("every member that is taken is explained", () => {
  const mute = routes.flatMap((route) =>
    [route.query, route.body].flatMap((schema) => membersWithoutDescription(schema, routeOf(route))),
  );
  expect(mute).toEqual([]);
});

/** Members of a request that say nothing of themselves, those of a candle left out: they are what they are called. */
function membersWithoutDescription(schema: object | undefined, at: string): readonly string[] {
  const { properties = {} } = (schema ?? {}) as { readonly properties?: Readonly<Record<string, object>> };
  return Object.entries(properties).flatMap(([name, member]) => {
    const { description, anyOf = [] } = member as { description?: string; anyOf?: readonly { description?: string }[] };
    const isTold = description !== undefined || anyOf.some((one) => one.description !== undefined);
    return isTold ? [] : [`${at}: ${name}`];
  });
}

test("settings that open a route are settings", () => {
  const known = new Set<string>(ALL_SETTINGS.map(([, { env }]) => env));
  const named = Object.values(OPERATIONS).flatMap(({ opensWith = [] }) => opensWith.flat());
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

/** What a request may be refused with before it is looked at. */
function accessErrors(method: string, path: string): readonly string[] {
  const access = accessOf(method, path);
  return [
    ...(access === "open" ? [] : ["401 token_required", "401 token_unknown", "403 scope_missing:{scope}"]),
    "403 foreign_host",
    ...(method === "POST" ? ["403 foreign_origin"] : []),
    "429 too_many_requests",
  ];
}

/** The errors of a route by its contract, as `<status> <detail>`. */
function errorsOf({ method, path, gate, members, errors }: RouteContract): readonly string[] {
  const takesMembers = Object.keys(members).length > 0;
  const list = [
    ...errors.map(({ status, detail }) => `${status} ${detail}`),
    ...accessErrors(method, path),
    ...(gate === "open" ? [] : ["404 not_found"]),
    ...(takesMembers ? ["422 […]"] : []),
    ...(method === "POST" ? ["413 body_too_large", "400 malformed_request"] : []),
    ...(method === "GET" && SHED_PATHS.has(path) ? ["503 busy"] : []),
    "500 Internal Server Error",
    ...(path === LIVENESS_PATH ? [] : ["503 server_shutting_down"]),
  ];
  return [...new Set(list)].sort();
}

describe.each(CONTRACTS.map((contract) => [routeOf(contract), contract] as const))("%s", (_route, contract) => {
  test("has the errors of its contract, each with its meaning, and no others", () => {
    const { responses } = described(contract);
    const told = Object.entries(responses).flatMap(([status, { description }]) =>
      status === "200" ? [] : [...description.matchAll(/^`(.+?)`: ./gm)].map(([, detail]) => `${status} ${detail}`),
    );
    expect([...new Set(told)].sort()).toEqual(errorsOf(contract));
    const meanings = new Set<string>(Object.values(HTTP_ERRORS).map(({ meaning }) => meaning));
    for (const [, { description }] of Object.entries(responses).filter(([status]) => status !== "200")) {
      for (const line of description.split("\n\n")) expect(meanings).toContain(line.replace(/^`.+?`: /, ""));
    }
  });

  test("names the settings that open it, as its contract does", () => {
    const { description } = described(contract);
    const { gate } = contract;
    const open = gate === "open" ? undefined : gate.opens.map((list) => list.map((name) => `TRADE_CANVAS_${name}`));
    expect(OPERATIONS[routeOf(contract)]?.opensWith).toEqual(open);
    const lists = open?.map((list) => list.map((name) => `\`${name}=1\``).join(" and ")) ?? [];
    expect(description).toContain(open === undefined ? "Gate: none." : `Gate: ${lists.join(" or ")}, otherwise`);
  });
});

test("each route needs a token with its scope, or none where none are configured", () => {
  for (const route of routes) {
    const access = accessOf(route.method, route.path);
    const { security, description } = described(route);
    expect(security, routeOf(route)).toEqual(access === "open" ? undefined : [{ token: [access] }, {}]);
    expect(description).toContain(access === "open" ? "Token: none." : `Token: with scope \`${access}\``);
  }
});

describe("what may be sent", () => {
  test("a member with a default may be left out, though the validator counts on it", () => {
    const { parameters = [] } = described({ method: "GET", path: "/api/market/candles" });
    expect(parameters).toEqual([
      expect.objectContaining({ name: "series_id", in: "query", required: true }),
      expect.objectContaining({ name: "since", in: "query", required: false }),
      expect.objectContaining({ name: "limit", in: "query", required: false }),
    ]);
  });

  test("a route without an operation is left out", () => {
    const { paths } = openApiDocument(routes, {}, "0.0.0");
    expect(paths).toEqual({});
  });
});
