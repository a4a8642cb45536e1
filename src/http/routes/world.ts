/** World frames and the delta poll. Spec: http-api §7. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { FrameAnswer } from "../../ledger/ledger-reader.js";
import { debugNote, type HttpContext } from "../context.js";
import { answerJson } from "../json-answer.js";
import { ReadSeriesId, readSeriesOf, Time, Version, WindowCandles } from "../wire-schemas.js";

const LiveQuery = Type.Object({ series_id: ReadSeriesId, window_candles: WindowCandles });
type LiveQuery = Static<typeof LiveQuery>;

const AtTimeQuery = Type.Object({ series_id: ReadSeriesId, at_time: Time, window_candles: WindowCandles });
type AtTimeQuery = Static<typeof AtTimeQuery>;

const PollQuery = Type.Object({
  series_id: ReadSeriesId,
  after_id: Version,
  limit: Type.Integer({ minimum: 1, maximum: 5000, default: 2000, description: "Checked, otherwise without effect." }),
  window_candles: WindowCandles,
});
type PollQuery = Static<typeof PollQuery>;

export function worldRoutes(app: FastifyInstance, context: HttpContext): void {
  const { ledgers } = context;

  app.get<{ Querystring: LiveQuery }>(
    "/api/frame/live",
    { schema: { querystring: LiveQuery } },
    async ({ query }, reply) => {
      const frame = await ledgers.liveFrame(readSeriesOf(query.series_id), query.window_candles);
      noteFrame(context, "read.http.world_frame_live", query.series_id, frame);
      return answerJson(reply, frame.json);
    },
  );

  app.get<{ Querystring: AtTimeQuery }>(
    "/api/frame/at_time",
    { schema: { querystring: AtTimeQuery } },
    async ({ query }, reply) => {
      const frame = await ledgers.frameAt(readSeriesOf(query.series_id), query.at_time, query.window_candles);
      noteFrame(context, "read.http.world_frame_at_time", query.series_id, frame);
      return answerJson(reply, frame.json);
    },
  );

  app.get<{ Querystring: PollQuery }>(
    "/api/delta/poll",
    { schema: { querystring: PollQuery } },
    async ({ query: { series_id: series, after_id, window_candles } }, reply) => {
      const { json, nextId, toTime } = await ledgers.poll(readSeriesOf(series), after_id, window_candles);
      if (toTime !== null) {
        const data = { after_id, next_id: nextId, to_candle_time: toTime, has_record: true };
        debugNote(context, { pipe: "read", event: "read.http.world_delta_poll", series, data });
      }
      return answerJson(reply, json);
    },
  );
}

function noteFrame(context: HttpContext, event: string, series: string, { atTime, alignedTime }: FrameAnswer): void {
  const data = { at_time: atTime, aligned_time: alignedTime, candle_id: `${series}:${alignedTime}` };
  debugNote(context, { pipe: "read", event, series, data });
}
