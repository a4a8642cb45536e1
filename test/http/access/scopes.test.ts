/** The table of scopes: complete, and what it is by design. */
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { SCOPES } from "../../../src/config/access-tokens.js";
import { AccessGuard } from "../../../src/http/access/access-guard.js";
import { accessOf, UnlistedRouteError } from "../../../src/http/access/scopes.js";
import type { HttpContext } from "../../../src/http/context.js";
import { WEB_SOCKET_PATHS } from "../../../src/http/ws/web-sockets.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { registeredRoutes } from "../../contract/support/registered.js";
import { OPEN_ACCESS } from "../../support/access.js";
import { designedAccess } from "./designed.js";

let routes: readonly (readonly [string, string])[] = [];
beforeAll(async () => {
  routes = [
    ...(await registeredRoutes()).map(({ method, path }) => [method, path] as const),
    ...WEB_SOCKET_PATHS.map((path) => ["WebSocket", path] as const),
  ];
});

afterEach(() => {
  vi.doUnmock("../../../src/http/routes/world.js");
  vi.doUnmock("../../../src/http/access/scopes.js");
  vi.resetModules();
});

test("every route and WebSocket has the scope that it was designed to have", () => {
  expect(routes.length).toBeGreaterThan(40);
  for (const [method, path] of routes) expect(accessOf(method, path), `${method} ${path}`).toBe(designedAccess(path));
});

test("every scope is needed by something", () => {
  const needed = new Set(routes.map(([method, path]) => accessOf(method, path)));
  for (const scope of SCOPES) expect(needed).toContain(scope);
});

describe("what is not there yet", () => {
  test.each([
    ["/", "open"],
    ["/healthz", "open"],
    ["/readyz", "open"],
    ["/freshz", "open"],
    ["/openapi.json", "open"],
    ["/asyncapi.json", "open"],
    ["/docs", "open"],
    ["/docs/*", "open"],
    ["/live", "open"],
    ["/live/", "open"],
    ["/live/*", "open"],
    ["/metrics", "read"],
    ["/api/runtime/tree", "debug"],
    ["/api/market/debug/anything", "debug"],
  ])("GET and HEAD of %s are %s", (path, access) => {
    expect([accessOf("GET", path), accessOf("HEAD", path)]).toEqual([access, access]);
  });

  test.each([
    ["POST", "/api/market/ingest/anything", "ingest"],
    ["DELETE", "/api/dev/anything", "dev"],
  ])("%s %s needs %s, whatever the method", (method, path, access) => {
    expect(accessOf(method, path)).toBe(access);
  });
});

describe("what is in no row is refused", () => {
  test.each([
    ["GET", "/api/market/new"],
    ["GET", "/api/market/candles/"],
    ["GET", "/api/market/candles/x"],
    ["POST", "/api/market/candles"],
    ["DELETE", "/healthz"],
    ["GET", "/api/market/ingested"],
    ["GET", "/api/development"],
    ["GET", "/liver"],
    ["GET", "*"],
    ["GET", ""],
    ["WebSocket", "/ws/new"],
    ["WebSocket", "/api/dev/x"],
    ["GET", "/ws/market"],
    ["GET", "constructor"],
  ])("%s %s", (method, path) => {
    expect(() => accessOf(method, path)).toThrow(UnlistedRouteError);
    expect(() => accessOf(method, path)).toThrow(`${method} ${path} has no row in src/http/access/scopes.ts`);
  });

  /** Makes a server of what the modules are now. */
  async function start(): Promise<unknown> {
    const { createHttpServer } = await import("../../../src/http/server.js");
    const clock = new SimulatedClock();
    const context = { clock, gates: {}, backfills: {} } as unknown as HttpContext;
    const guard = new AccessGuard(OPEN_ACCESS, clock);
    return createHttpServer({ context, guard, corsOrigins: [], loopDelay: { read: () => 0, stop: () => undefined } });
  }

  test("a route: the server does not come about", async () => {
    vi.resetModules();
    vi.doMock("../../../src/http/routes/world.js", () => ({
      worldRoutes: (app: { get(path: string, handler: () => Promise<string>): void }) =>
        app.get("/api/new", async () => ""),
    }));
    await expect(start()).rejects.toThrow("GET /api/new has no row in src/http/access/scopes.ts");
  });

  test("a WebSocket: likewise", async () => {
    vi.resetModules();
    vi.doMock("../../../src/http/access/scopes.js", async (original) => ({
      ...(await original<object>()),
      accessOf: (method: string, path: string) => accessOf(method, path.replace("/ws/debug", "/ws/new")),
    }));
    await expect(start()).rejects.toThrow("WebSocket /ws/new has no row");
  });

  test("with nothing amiss it does", async () => {
    vi.resetModules();
    await expect(start()).resolves.toBeDefined();
  });
});
