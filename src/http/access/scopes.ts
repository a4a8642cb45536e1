/**
 * Which scope each route and WebSocket needs: one table, and nothing is served that is not in it. A row may stand for a route
 * that is not there. A scope opens nothing that a gate has closed.
 */
import type { Scope } from "../../config/access-tokens.js";

/** `open`: without token, also where tokens are configured. Such a route must tell no data. */
export type Access = "open" | Scope;

/** Routes by `METHOD path`; WebSockets by `WebSocket path`. */
const ROUTES: Readonly<Record<string, Access>> = {
  "GET /": "open",
  "GET /healthz": "open",
  "GET /readyz": "open",
  "GET /freshz": "open",
  "GET /openapi.json": "open",
  "GET /asyncapi.json": "open",
  "GET /metrics": "read",
  "GET /api/market/candles": "read",
  "GET /api/market/whitelist": "read",
  "GET /api/market/top_markets": "read",
  "GET /api/market/top_markets/stream": "read",
  "GET /api/market/health": "read",
  "GET /api/feed/breakers": "read",
  "GET /api/feed/gaps": "read",
  "GET /api/feed/reconcile": "read",
  "GET /api/feed/state": "read",
  "GET /api/factor/catalog": "read",
  "GET /api/factor/slices": "read",
  "GET /api/factor/health": "read",
  "GET /api/draw/delta": "read",
  "GET /api/frame/live": "read",
  "GET /api/frame/at_time": "read",
  "GET /api/delta/poll": "read",
  "POST /api/replay/prepare": "read",
  "POST /api/replay/ensure_coverage": "read",
  "GET /api/replay/coverage_status": "read",
  "POST /api/replay/build": "read",
  "GET /api/replay/status": "read",
  "GET /api/replay/window": "read",
  "POST /api/replay/overlay_package/build": "read",
  "GET /api/replay/overlay_package/read_only": "read",
  "GET /api/replay/overlay_package/status": "read",
  "GET /api/replay/overlay_package/window": "read",
  "WebSocket /ws/market": "read",
  "WebSocket /ws/debug": "debug",
};

/** Whole folders, with every method: what is added to one is as well guarded as what is there, or as open. */
const FOLDERS: Readonly<Record<string, Access>> = {
  "/live": "open",
  "/docs": "open",
  "/api/market/ingest": "ingest",
  "/api/market/debug": "debug",
  "/api/runtime": "debug",
  "/api/dev": "dev",
};

/** Methods whose row is that of another. */
const SAME_AS: Readonly<Record<string, string>> = { HEAD: "GET" };

/** A route has no row in the table: the program must not start. */
export class UnlistedRouteError extends Error {
  override readonly name = "UnlistedRouteError";

  constructor(method: string, path: string) {
    super(`${method} ${path} has no row in src/http/access/scopes.ts: say there who may use it`);
  }
}

/**
 * What a route needs.
 * @param method of HTTP, or `WebSocket`.
 * @param path as it was registered: a wildcard is a part of it.
 * @throws UnlistedRouteError
 */
export function accessOf(method: string, path: string): Access {
  const exact = `${SAME_AS[method] ?? method} ${path}`;
  if (Object.hasOwn(ROUTES, exact)) return ROUTES[exact] as Access;
  const folder = Object.keys(FOLDERS).find((name) => path === name || path.startsWith(`${name}/`));
  if (folder === undefined || method === "WebSocket") throw new UnlistedRouteError(method, path);
  return FOLDERS[folder] as Access;
}
