/** Every route and WebSocket with every token, against a running daemon: it is let in with the scope that it needs, and only then. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SCOPES } from "../../../src/config/access-tokens.js";
import type { RegisteredRoute } from "../../../src/http/server.js";
import { WEB_SOCKET_PATHS } from "../../../src/http/ws/web-sockets.js";
import { routeOf } from "../../contract/support/contract.js";
import { Daemons } from "../../contract/support/daemons.js";
import { registeredRoutes } from "../../contract/support/registered.js";
import { bearer, keptTokensEnv, TOKENS } from "../../support/access.js";
import type { TestDaemon } from "../../support/daemon.js";
import { call, type HttpAnswer } from "../request.js";
import { designedAccess } from "./designed.js";
import { upgradeStatus } from "./upgrade.js";

const daemons = new Daemons(async () => undefined);
const tokens = keptTokensEnv();
let routes: readonly RegisteredRoute[] = [];
let open: TestDaemon;

beforeAll(async () => {
  routes = await registeredRoutes();
  open = await daemons.open(tokens.env);
});
afterAll(async () => {
  await daemons.stop();
  tokens.remove();
});

const HOLDERS = Object.keys(TOKENS) as readonly (keyof typeof TOKENS)[];

function ask(
  url: string,
  { method, path }: RegisteredRoute,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  // A body that fits nowhere: nothing is done, and what is let in is told that it is wrong.
  return call(url, path, { method, headers, firstChunkOnly: true, ...(method === "POST" ? { body: "[" } : {}) });
}

test("without a token, and with one that is none, only what is open answers", async () => {
  for (const route of routes) {
    const isOpen = designedAccess(route.path) === "open";
    const plain = await ask(open.url, route, {});
    const wrong = await ask(open.url, route, { authorization: "Bearer tc_none" });
    if (isOpen) {
      expect([plain.status, wrong.status], routeOf(route)).not.toContain(401);
      continue;
    }
    expect([plain.status, plain.json], routeOf(route)).toEqual([401, { detail: "token_required" }]);
    expect([wrong.status, wrong.json], routeOf(route)).toEqual([401, { detail: "token_unknown" }]);
  }
});

describe.each(HOLDERS)("with the token %s", (holder) => {
  test("a route is let in if that is its scope, and is told which it needs otherwise", async () => {
    let letIn = 0;
    for (const route of routes) {
      const needed = designedAccess(route.path);
      const answer = await ask(open.url, route, bearer(holder));
      if (needed === "open" || holder === "all" || holder === needed) {
        // The name of a file, which is a part of the path here, is that of none.
        const refused = needed === "open" ? [401, 403] : [401, 403, 404];
        expect(refused, `${routeOf(route)}: ${answer.text}`).not.toContain(answer.status);
        letIn += 1;
      } else {
        expect([answer.status, answer.json], routeOf(route)).toEqual([403, { detail: `scope_missing:${needed}` }]);
      }
    }
    expect(letIn).toBeGreaterThan(1);
  });

  test("a WebSocket likewise, by header and by subprotocol", async () => {
    const inProtocol = `trade-canvas, trade-canvas.token.${Buffer.from(TOKENS[holder]).toString("base64url")}`;
    for (const path of WEB_SOCKET_PATHS) {
      const status = holder === "all" || holder === designedAccess(path) ? 101 : 403;
      expect(await upgradeStatus(open.url, path, bearer(holder)), path).toBe(status);
      expect(await upgradeStatus(open.url, path, { "sec-websocket-protocol": inProtocol }), path).toBe(status);
    }
  });
});

test("a WebSocket without a token, and with one that is none, is refused", async () => {
  for (const path of WEB_SOCKET_PATHS) {
    expect(await upgradeStatus(open.url, path, {})).toBe(401);
    expect(await upgradeStatus(open.url, path, { authorization: "Bearer tc_none" })).toBe(401);
    expect(await upgradeStatus(open.url, `${path}?token=${TOKENS.all}`, {})).toBe(401);
  }
});

test("a path that is none, and a method that is none, need no token to be told so", async () => {
  const unknown = await call(open.url, "/nowhere");
  expect([unknown.status, unknown.json]).toEqual([404, { detail: "Not Found" }]);
  expect((await call(open.url, "/api/market/candles", { method: "DELETE" })).status).toBe(405);
  expect(await upgradeStatus(open.url, "/ws/none", {})).toBe(404);
});

test("a scope opens nothing that a gate has closed, and a closed gate tells nothing to whom it is not to", async () => {
  const closed = await daemons.open({
    ...tokens.env,
    TRADE_CANVAS_ENABLE_DEBUG_API: "0",
    TRADE_CANVAS_ENABLE_DEV_API: "0",
  });
  const debug = "/api/market/debug/ingest_state";
  expect(await call(closed.url, debug, { headers: bearer("all") })).toMatchObject({ status: 404 });
  expect(await call(closed.url, debug, { headers: bearer("read") })).toMatchObject({ status: 403 });
  expect(await call(closed.url, debug)).toMatchObject({ status: 401 });
  const batch = "/api/dev/market/ingest/candles_closed_batch";
  expect(await call(closed.url, batch, { headers: bearer("dev"), body: "[" })).toMatchObject({ status: 404 });
  expect(await upgradeStatus(closed.url, "/ws/debug", bearer("debug"))).toBe(403);
  expect(await upgradeStatus(closed.url, "/ws/debug", {})).toBe(401);
});

test("without tokens configured everybody on the machine is let in, whatever token they have", async () => {
  const free = await daemons.open();
  for (const scope of SCOPES) {
    const route = routes.find(({ path }) => designedAccess(path) === scope) as RegisteredRoute;
    for (const headers of [{}, { authorization: "Bearer tc_none" }]) {
      expect([401, 403, 404], routeOf(route)).not.toContain((await ask(free.url, route, headers)).status);
    }
  }
  for (const path of WEB_SOCKET_PATHS) expect(await upgradeStatus(free.url, path, {})).toBe(101);
});
