/** Backfills of a running daemon: asked for, shown and ended. Behind the dev API. Design: docs/feed.md. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { type BackfillEntry, TooManyBackfillsError } from "../../actors/feed/backfill-board.js";
import { type BackfillRequest, BackfillRequestError, readBackfillRequest } from "../../actors/feed/backfill-request.js";
import type { SlotRange } from "../../market/slots.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { IngestSeriesId, ReadSeriesId, Time } from "../wire-schemas.js";

const PATH = "/api/dev/backfill";

const AskBody = Type.Object({
  series_id: IngestSeriesId,
  from: Time,
  to: Type.Optional(Type.Union([Time, Type.Null()])),
});
type AskBody = Static<typeof AskBody>;

const ListQuery = Type.Object({ series_id: Type.Optional(ReadSeriesId) });
type ListQuery = Static<typeof ListQuery>;

const StopBody = Type.Object({ id: Type.Integer({ minimum: 1, description: "Number of the backfill." }) });
type StopBody = Static<typeof StopBody>;

export function backfillRoutes(app: FastifyInstance, context: HttpContext): void {
  const onRequest = async (): Promise<void> => {
    if (!context.gates.devApi) throw new HttpError("http.gate_closed");
  };

  app.post<{ Body: AskBody }>(PATH, { schema: { body: AskBody }, onRequest }, async ({ body }) => {
    const request = readRequest(context, body);
    try {
      const { entry, joined } = context.backfills.jobs.ask(request, body.to === undefined || body.to === null);
      return { ok: true, joined, backfill: backfillView(context, entry) };
    } catch (error) {
      if (error instanceof TooManyBackfillsError) throw new HttpError("feed.too_many_backfills");
      throw error;
    }
  });

  app.get<{ Querystring: ListQuery }>(PATH, { schema: { querystring: ListQuery }, onRequest }, async ({ query }) => ({
    schema_version: 1,
    now_ms: Math.round(context.clock.now()),
    backfills: context.backfills.jobs.list(query.series_id).map((entry) => backfillView(context, entry)),
  }));

  app.post<{ Body: StopBody }>(
    "/api/dev/stop_backfill",
    { schema: { body: StopBody }, onRequest },
    async ({ body }) => ({
      ok: true,
      stopped: context.backfills.jobs.end(body.id),
    }),
  );
}

function readRequest({ clock }: HttpContext, { series_id, from, to }: AskBody): BackfillRequest {
  try {
    return readBackfillRequest(series_id, from, to ?? undefined, clock.now());
  } catch (error) {
    if (error instanceof BackfillRequestError) throw new HttpError("feed.bad_backfill", error.message);
    throw error;
  }
}

/** A backfill on the wire. */
export type WireBackfill = ReturnType<typeof backfillView>;

function backfillView({ runtime }: HttpContext, { id, request, askedMs, report }: BackfillEntry) {
  const { state, range, upToS, candles, candlesDone, added, absentCandles, absent } = report();
  const weight = runtime.exchangeFor(request.series)?.facts()?.weight ?? null;
  return {
    id,
    series_id: request.series.text,
    from: range.fromS,
    to: range.toS,
    asked_at_ms: Math.round(askedMs),
    state: state.type,
    error: "error" in state ? state.error : null,
    wait_until_ms: state.type === "waiting" ? Math.round(state.untilMs) : null,
    wait_demanded: state.type === "waiting" && state.isDemanded,
    done_up_to: upToS,
    candles,
    candles_done: candlesDone,
    candles_stored: added,
    absent_candles: absentCandles,
    absent: absent.map(wireRange),
    weight_used: weight?.used ?? null,
    weight_limit: weight?.limit ?? null,
  };
}

function wireRange({ fromS, toS }: SlotRange): { readonly from: number; readonly to: number } {
  return { from: fromS, to: toS };
}
