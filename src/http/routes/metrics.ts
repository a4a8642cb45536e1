/** Metrics for Prometheus. Design: docs/operations.md; every metric: docs/metrics.md. */
import type { FastifyInstance } from "fastify";
import { EXPOSITION_TYPE, exposition } from "../../observability/exposition.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { METRICS } from "../metrics/metric-table.js";
import { scrape } from "../metrics/scrape.js";
import type { WebSockets } from "../ws/web-sockets.js";

export function metricRoutes(app: FastifyInstance, context: HttpContext, webSockets: WebSockets): void {
  app.get("/metrics", async (_request, reply) => {
    if (!context.gates.runtimeMetrics) throw new HttpError("http.gate_closed");
    return reply.type(EXPOSITION_TYPE).send(exposition(METRICS, scrape(context, webSockets.clients())));
  });
}
