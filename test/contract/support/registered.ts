/** The routes of the real server, without anything behind them. */

import { AccessGuard } from "../../../src/http/access/access-guard.js";
import type { HttpContext } from "../../../src/http/context.js";
import { createHttpServer, type RegisteredRoute } from "../../../src/http/server.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { OPEN_ACCESS } from "../../support/access.js";

/** Pages and their files: they answer no question; test/http/routes/live.test.ts and documents.test.ts have what they do. */
const PAGE = ["/", "/live", "/live/", "/live/assets/:name", "/docs", "/docs/", "/docs/:name"];

/** Every route of the API, by its order. */
export async function registeredRoutes(): Promise<readonly RegisteredRoute[]> {
  const clock = new SimulatedClock();
  const context = { clock, gates: {}, backfills: {} } as unknown as HttpContext;
  const { routes } = await createHttpServer({
    context,
    guard: new AccessGuard(OPEN_ACCESS, clock),
    corsOrigins: [],
    loopDelay: { read: () => 0, stop: () => undefined },
  });
  return routes.filter(({ path }) => path.startsWith("/") && !PAGE.includes(path));
}
