/** The draw delta. Spec: http-api §6. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { JsonText } from "../../ledger/json-parts.js";
import { LedgerError } from "../../ledger/ledger-errors.js";
import { debugNote, type HttpContext } from "../context.js";
import { answerJson } from "../json-answer.js";
import { ReadSeriesId, readSeriesOf, Time, Version, WindowCandles } from "../wire-schemas.js";

const DrawQuery = Type.Object({
  series_id: ReadSeriesId,
  cursor_version_id: Version,
  window_candles: WindowCandles,
  at_time: Type.Optional(Time),
});
type DrawQuery = Static<typeof DrawQuery>;

export function drawRoutes(app: FastifyInstance, context: HttpContext): void {
  app.get<{ Querystring: DrawQuery }>(
    "/api/draw/delta",
    { schema: { querystring: DrawQuery } },
    async ({ query }, reply) => answerJson(reply, await drawDelta(context, query)),
  );
}

async function drawDelta(context: HttpContext, query: DrawQuery): Promise<JsonText> {
  const { series_id: series, cursor_version_id: cursor, window_candles: windowCandles, at_time: atTime } = query;
  const { ledgers } = context;
  try {
    const delta = await ledgers.drawDelta(readSeriesOf(series), { cursor, windowCandles, atTime });
    if (delta.patchCount > 0 || delta.nextVersion > cursor) {
      const data = {
        cursor_version_id: cursor,
        next_version_id: delta.nextVersion,
        to_time: delta.toTime,
        patch_len: delta.patchCount,
        active_len: delta.activeCount,
        at_time: atTime ?? null,
      };
      debugNote(context, { pipe: "read", event: "read.http.draw_delta", series, data });
    }
    return delta.json;
  } catch (error) {
    if (error instanceof LedgerError && error.code !== "factor_out_of_sync") {
      const checks = [{ plugin: "overlay", should_rebuild: error.code === "overlay_mismatch", reason: error.message }];
      const data = { at_time: atTime ?? null, strict_mode: ledgers.reader.strict, checks };
      debugNote(context, { pipe: "read", event: "read.http.draw_delta.overlay_out_of_sync", series, data });
    }
    throw error;
  }
}
