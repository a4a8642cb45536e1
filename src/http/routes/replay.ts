/** Replay: prepare, build, status, window. Spec: replay §1, §3, §5; http-api §8. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { JsonText } from "../../ledger/json-parts.js";
import { ReplayError } from "../../replay/replay-error.js";
import { debugNote, type HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { answerJson } from "../json-answer.js";
import { DRAW_NAMES, windowJson, withJsonMembers } from "../replay-answers.js";
import { JobId, orNull, ReadSeriesId, readSeriesOf, Time, zeroOrOne } from "../wire-schemas.js";

const WindowCandles = Type.Integer({ minimum: 1, maximum: 5000, description: "Candles, back from the last." });
const WindowSize = Type.Integer({ minimum: 1, maximum: 2000, description: "Candles of one window." });
const SnapshotInterval = Type.Integer({ minimum: 1, maximum: 200, description: "Candles between two checkpoints." });

const PrepareBody = Type.Object({
  series_id: ReadSeriesId,
  to_time: orNull(Time),
  window_candles: orNull(WindowCandles),
});
type PrepareBody = Static<typeof PrepareBody>;

const BuildBody = Type.Object({
  series_id: ReadSeriesId,
  to_time: orNull(Time),
  window_candles: orNull(WindowCandles),
  window_size: orNull(WindowSize),
  snapshot_interval: orNull(SnapshotInterval),
});
type BuildBody = Static<typeof BuildBody>;

const StatusQuery = Type.Object({
  job_id: JobId,
  include_preload: zeroOrOne("1: with the window that holds the last candle."),
});
type StatusQuery = Static<typeof StatusQuery>;

const WindowQuery = Type.Object({
  job_id: JobId,
  target_idx: Type.Integer({ minimum: 0, description: "Index of a candle; the window that holds it is answered." }),
});
type WindowQuery = Static<typeof WindowQuery>;

export function replayRoutes(app: FastifyInstance, context: HttpContext): void {
  const requireOpen = (): void => {
    if (!context.gates.replay) throw new HttpError("http.gate_closed");
  };

  app.post<{ Body: PrepareBody }>("/api/replay/prepare", { schema: { body: PrepareBody } }, ({ body }) =>
    prepare(context, body),
  );

  app.post<{ Body: BuildBody }>("/api/replay/build", { schema: { body: BuildBody } }, async ({ body }) => {
    requireOpen();
    const { key, status } = context.replay.packages.build({
      id: readSeriesOf(body.series_id),
      toTime: body.to_time ?? null,
      windowCandles: body.window_candles,
      windowSize: body.window_size,
      snapshotInterval: body.snapshot_interval,
    });
    return { status, job_id: key, cache_key: key };
  });

  app.get<{ Querystring: StatusQuery }>(
    "/api/replay/status",
    { schema: { querystring: StatusQuery } },
    async ({ query }, reply) => {
      requireOpen();
      return answerJson(reply, await status(context, query));
    },
  );

  app.get<{ Querystring: WindowQuery }>(
    "/api/replay/window",
    { schema: { querystring: WindowQuery } },
    async ({ query: { job_id, target_idx } }, reply) => {
      requireOpen();
      const window = await context.replay.packages.window(job_id, target_idx);
      const members = { window: windowJson(window, DRAW_NAMES), factor_snapshots: window.factorSnapshots };
      return answerJson(reply, withJsonMembers({ job_id }, members));
    },
  );
}

async function prepare(context: HttpContext, { series_id: series, to_time, window_candles }: PrepareBody) {
  const { requestedTime, alignedTime, windowCandles, heads, computed } = await context.replay.prepare(
    readSeriesOf(series),
    to_time ?? null,
    window_candles ?? null,
  );
  const data = {
    requested_time: requestedTime,
    aligned_time: alignedTime,
    window_candles: windowCandles,
    factor_head_time: heads.factor,
    overlay_head_time: heads.overlay,
    computed,
  };
  debugNote(context, { pipe: "read", event: "read.http.replay_prepare", series, data });
  return { ok: true, series_id: series, ...data };
}

async function status({ replay }: HttpContext, { job_id, include_preload }: StatusQuery): Promise<JsonText> {
  const { packages } = replay;
  const { status: stands, error } = packages.standing(job_id);
  const isDone = stands === "done";
  const found = isDone ? await packages.meta(job_id) : undefined;
  // A package that cannot be read any more is to be built again.
  if (stands === "build_required" || (isDone && found === undefined)) {
    throw new ReplayError("not_found", `there is no job and no package ${job_id}`);
  }
  // What a replay begins with is its end: the window that holds the last candle.
  const preload =
    found !== undefined && include_preload === 1
      ? await packages.windowAt(job_id, found, found.meta.total_candles - 1)
      : undefined;
  return withJsonMembers(
    { status: stands, job_id, cache_key: job_id, error, metadata: found?.meta ?? null },
    { preload_window: preload && windowJson(preload, DRAW_NAMES) },
  );
}
