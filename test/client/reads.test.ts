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

type Client = TradeCanvasClient;

/** How the client asks each route: the expression of its method, and a call of it. */
const METHODS: Readonly<Record<string, readonly [name: string, ask: (client: Client, values: never) => unknown]>> = {
  "GET /api/market/candles": ["candles", (client, values) => client.candles(values)],
  "POST /api/market/ingest/candle_closed": ["ingestClosed", (client, values) => client.ingestClosed(values)],
  "POST /api/market/ingest/candle_forming": ["ingestForming", (client, values) => client.ingestForming(values)],
  "GET /api/market/whitelist": ["whitelist", (client) => client.whitelist()],
  "GET /api/market/health": ["marketHealth", (client, values) => client.marketHealth(values)],
  "GET /api/market/top_markets": ["topMarkets", (client, values) => client.topMarkets(values)],
  "GET /api/market/top_markets/stream": ["topMarkets", (client, values) => firstOf(client.topMarketsStream(values))],
  "GET /api/factor/catalog": ["factorCatalog", (client) => client.factorCatalog()],
  "GET /api/factor/slices": ["factorSlices", (client, values) => client.factorSlices(values)],
  "GET /api/factor/health": ["factorHealth", (client, values) => client.factorHealth(values)],
  "GET /api/draw/delta": ["drawDelta", (client, values) => client.drawDelta(values)],
  "GET /api/frame/live": ["frameLive", (client, values) => client.frameLive(values)],
  "GET /api/frame/at_time": ["frameAtTime", (client, values) => client.frameAtTime(values)],
  "GET /api/delta/poll": ["deltaPoll", (client, values) => client.deltaPoll(values)],
  "GET /api/feed/gaps": ["gaps", (client, values) => client.gaps(values)],
  "GET /api/feed/state": ["feedState", (client, values) => client.feedState(values)],
  "GET /api/feed/breakers": ["breakers", (client) => client.breakers()],
  "GET /api/feed/reconcile": ["reconcile", (client, values) => client.reconcile(values)],
  "GET /api/runtime/tree": ["runtimeTree", (client, values) => client.runtimeTree(values)],
  "GET /api/market/debug/ingest_state": ["ingestState", (client) => client.ingestState()],
  "GET /api/market/debug/metrics": ["metrics", (client) => client.metrics()],
  "GET /api/market/debug/series_health": ["seriesHealth", (client, values) => client.seriesHealth(values)],
  "POST /api/replay/prepare": ['replay"]["prepare', (client, values) => client.replay.prepare(values)],
  "POST /api/replay/ensure_coverage": ['replay"]["ensureCoverage', (client, v) => client.replay.ensureCoverage(v)],
  "GET /api/replay/coverage_status": ['replay"]["coverageStatus', (client, v) => client.replay.coverageStatus(v)],
  "POST /api/replay/build": ['replay"]["build', (client, values) => client.replay.build(values)],
  "GET /api/replay/status": ['replay"]["status', (client, values) => client.replay.status(values)],
  "GET /api/replay/window": ['replay"]["window', (client, values) => client.replay.window(values)],
  "GET /api/replay/overlay_package/read_only": [
    'overlayPackages"]["readOnly',
    (client, values) => client.overlayPackages.readOnly(values),
  ],
  "POST /api/replay/overlay_package/build": [
    'overlayPackages"]["build',
    (client, values) => client.overlayPackages.build(values),
  ],
  "GET /api/replay/overlay_package/status": [
    'overlayPackages"]["status',
    (client, values) => client.overlayPackages.status(values),
  ],
  "GET /api/replay/overlay_package/window": [
    'overlayPackages"]["window',
    (client, values) => client.overlayPackages.window(values),
  ],
  "POST /api/dev/market/ingest/candles_closed_batch": [
    'dev"]["ingestBatch',
    (client, values) => client.dev.ingestBatch(values),
  ],
  "POST /api/dev/repair/overlay": ['dev"]["repairOverlay', (client, values) => client.dev.repairOverlay(values)],
  "POST /api/dev/breakers/isolate": ['dev"]["isolateBreaker', (client, values) => client.dev.isolateBreaker(values)],
  "POST /api/dev/breakers/reset": ['dev"]["resetBreaker', (client, values) => client.dev.resetBreaker(values)],
  "POST /api/dev/backfill": ['dev"]["backfill', (client, values) => client.dev.backfill(values)],
  "GET /api/dev/backfill": ['dev"]["backfills', (client, values) => client.dev.backfills(values)],
  "POST /api/dev/stop_backfill": ['dev"]["stopBackfill', (client, values) => client.dev.stopBackfill(values)],
  "POST /api/dev/reconcile": ['dev"]["reconcile', (client, values) => client.dev.reconcile(values)],
};

/** Routes that answer with JSON for programs. */
const ROUTES = CONTRACTS.filter(({ path }) => path.startsWith("/api/")).map((one) => [routeOf(one), one] as const);

const daemons = new Daemons(storeSeries, "real");

/** Answers that came, as typed constants of a program. */
const constants: string[] = [];

afterEach(() => void vi.restoreAllMocks());
afterAll(() => daemons.stop());

async function firstOf<Item>(items: AsyncGenerator<Item>): Promise<Item> {
  for await (const item of items) return item;
  throw new Error("the stream ended before its first event");
}

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
      constants.push(`export const answer${constants.length}: Answer<Client["${METHODS[route]?.[0]}"]> =`);
      constants.push(`  ${JSON.stringify(answer)};`);
    }
  });

  test.runIf(contract.errors.length > 0)("a refusal is one error, with status and detail", async () => {
    const simple = contract.errors.find(({ arrange, env }) => arrange === undefined && env === undefined);
    if (simple === undefined) return;
    const failure = await Promise.resolve(asked(contract, simple.values ?? {}, route)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClientError);
    expect(failure).toMatchObject({
      ...{ code: "refused", status: simple.status, detail: simple.filled ?? simple.detail },
    });
  });
});

test("what was answered fits the types, without a member too many or too few", () => {
  expect(constants.length / 2).toBeGreaterThan(ROUTES.length);
  expect(compiled(constants)).toBe("");
  expect(compiled(['export const few: Answer<Client["whitelist"]> = {};'])).toContain("series_ids");
  expect(compiled(['export const many: Answer<Client["whitelist"]> = { series_ids: [], more: 1 };'])).toContain("more");
});

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
