/** Every route of the API through the client, held against its contract, and its answers against the types of the client. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { TradeCanvasClient } from "../../src/client/client.js";
import { ClientError } from "../../src/client/errors.js";
import { goodRequest, type RouteContract, routeOf, type Values } from "../contract/support/contract.js";
import { Daemons } from "../contract/support/daemons.js";
import { storeSeries } from "../contract/support/fixture.js";
import { CONTRACTS } from "../contract/tables/index.js";
import { ROOT } from "../support/root.js";
import { tempFolder } from "../support/temp.js";
import { METHODS } from "./methods.js";

/** Routes that answer with JSON for programs. */
const ROUTES = CONTRACTS.filter(({ path }) => path.startsWith("/api/")).map((one) => [routeOf(one), one] as const);

const daemons = new Daemons(storeSeries, "real");

/** Answers that came, as typed constants of a program. */
const constants: string[] = [];

afterEach(() => void vi.restoreAllMocks());
afterAll(() => daemons.stop());

async function asked(contract: RouteContract, example: Values, route: string): Promise<unknown> {
  const daemon = await daemons.open();
  const client = new TradeCanvasClient({ url: daemon.url });
  const values = { ...(await goodRequest(daemon, contract)), ...example };
  const [, ask] = METHODS[route] ?? [];
  if (ask === undefined) throw new Error(`the client has no method for ${route}`);
  return ask(client, values as never);
}

describe.each(ROUTES)("%s", (route, contract) => {
  test("is asked and answered as its contract says", async () => {
    for (const example of contract.examples) {
      const answer = await asked(contract, example, route);
      expect(contract.answer(answer, JSON.stringify(example))).toEqual([]);
      constants.push(`export const answer${constants.length}: Answer<${typeOf(METHODS[route]?.[0])}> =`);
      constants.push(`  ${JSON.stringify(answer)};`);
    }
  });
});

/** Of each route that can refuse something, without more ado, the first such refusal. */
const REFUSALS = ROUTES.flatMap(([route, contract]) => {
  const refusal = contract.errors.find(({ arrange, env }) => arrange === undefined && env === undefined);
  return refusal === undefined ? [] : [[route, contract, refusal] as const];
});

test.each(REFUSALS)("%s: a refusal is one error, with status and detail", async (route, contract, refusal) => {
  const { values = {}, status, filled, detail } = refusal;
  const failure = await Promise.resolve(asked(contract, values, route)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ClientError);
  expect(failure).toMatchObject({ code: "refused", status, detail: filled ?? detail });
});

test("most routes have a refusal to look at", () => {
  expect(REFUSALS.length).toBeGreaterThan(ROUTES.length / 2);
});

test("what was answered fits the types, without a member too many or too few", () => {
  expect(constants.length / 2).toBeGreaterThan(ROUTES.length);
  expect(compiled(constants)).toBe("");
  expect(compiled(['export const few: Answer<Client["whitelist"]> = {};'])).toContain("series_ids");
  expect(compiled(['export const many: Answer<Client["whitelist"]> = { series_ids: [], more: 1 };'])).toContain("more");
});

/** The type of a method; a stream answers what is asked for once. */
function typeOf(method = ""): string {
  const path = method.replace("topMarketsStream", "topMarkets").split(".");
  return `Client${path.map((name) => `["${name}"]`).join("")}`;
}

/** What the compiler says of a program that has these constants. */
function compiled(lines: readonly string[]): string {
  const folder = tempFolder();
  const root = fileURLToPath(ROOT);
  const program = [
    `import type { TradeCanvasClient as Client } from ${JSON.stringify(join(root, "src/client/index.js"))};`,
    "type Answer<Method> = Method extends (...values: never) => Promise<infer Value> ? Value : never;",
    ...lines,
  ];
  const settings = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(root, "node_modules/@types")] },
    include: ["answers.mts"],
  };
  writeFileSync(join(folder, "answers.mts"), program.join("\n"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  return spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" }).stdout;
}
