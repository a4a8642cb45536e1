/** Which scope a path needs by design (docs/security.md), told another way than the program's table does. */
import type { Access } from "../../../src/http/access/scopes.js";

/** What tells no data. */
const OPEN = /^\/(|healthz|readyz|freshz|openapi\.json|asyncapi\.json|live(\/.*)?|docs(\/.*)?)$/;

const DEBUG = /^(\/api\/market\/debug\/|\/api\/runtime\/|\/ws\/debug$)/;

export function designedAccess(path: string): Access {
  if (OPEN.test(path)) return "open";
  if (path.startsWith("/api/market/ingest/")) return "ingest";
  if (path.startsWith("/api/dev/")) return "dev";
  return DEBUG.test(path) ? "debug" : "read";
}
