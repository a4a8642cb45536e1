/** What the process is doing, for operators. Spec: http-api §4.1, §4.2. */
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";

export function debugRoutes(app: FastifyInstance, { gates, runtime, metrics }: HttpContext): void {
  app.get("/api/market/debug/ingest_state", async () => {
    if (!gates.debugApi) throw new HttpError("http.gate_closed");
    return runtime.ingestState();
  });

  app.get("/api/market/debug/metrics", async () => {
    if (!gates.debugApi || !gates.runtimeMetrics) throw new HttpError("http.gate_closed");
    return metrics.snapshot();
  });
}
