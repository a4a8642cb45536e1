/** How derived candles agree with the exchange's own. Spec: docs/derived-timeframes.md, "Reconciliation". */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { ReconcileRequestError } from "../../actors/feed/reconciliation.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { ReadSeriesId, seriesIdOf, Time } from "../wire-schemas.js";

const ViewQuery = Type.Object({ series_id: ReadSeriesId });
type ViewQuery = Static<typeof ViewQuery>;

const AskBody = Type.Object({ series_id: ReadSeriesId, from: Time, to: Time });
type AskBody = Static<typeof AskBody>;

export function feedReconcileRoutes(app: FastifyInstance, { runtime, gates }: HttpContext): void {
  app.get<{ Querystring: ViewQuery }>(
    "/api/feed/reconcile",
    { schema: { querystring: ViewQuery } },
    async ({ query }) => ({ schema_version: 1, ...runtime.reconciliation.view(seriesIdOf(query.series_id)) }),
  );

  const onRequest = async (): Promise<void> => {
    if (!gates.devApi) throw new HttpError("http.gate_closed");
  };
  app.post<{ Body: AskBody }>("/api/dev/reconcile", { schema: { body: AskBody }, onRequest }, async ({ body }) => {
    const { series_id, from, to } = body;
    try {
      const { fromS, toS } = runtime.reconciliation.request(seriesIdOf(series_id), from, to);
      return { ok: true, series_id, from: fromS, to: toS };
    } catch (error) {
      if (error instanceof ReconcileRequestError) throw new HttpError("feed.bad_reconcile", error.message);
      throw error;
    }
  });
}
