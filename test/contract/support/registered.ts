/** The routes of the real server, without anything behind them. */
import type { HttpContext } from "../../../src/http/context.js";
import { createHttpServer, type RegisteredRoute } from "../../../src/http/server.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

/** Every route that has a path of its own, by its order. */
export async function registeredRoutes(): Promise<readonly RegisteredRoute[]> {
  const context = { clock: new SimulatedClock(), gates: {}, backfills: {} } as unknown as HttpContext;
  const { routes } = await createHttpServer({
    context,
    corsOrigins: [],
    loopDelay: { read: () => 0, stop: () => undefined },
  });
  return routes.filter(({ path }) => path.startsWith("/"));
}
