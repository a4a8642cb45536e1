/** Overlay packages of replay, behind their own switch. Spec: replay §7; http-api §8. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { JsonText } from "../../ledger/json-parts.js";
import type { PackageQuery } from "../../replay/preflight.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { answerJson } from "../json-answer.js";
import { STORED_NAMES, windowJson, withJsonMembers } from "../replay-answers.js";
import { JobId, orNull, ReadSeriesId, readSeriesOf, Time, zeroOrOne } from "../wire-schemas.js";

const PATH = "/api/replay/overlay_package";

const WindowCandles = Type.Integer({ minimum: 1, maximum: 2000, description: "Candles, back from the last." });
const WindowSize = Type.Integer({ minimum: 1, maximum: 2000, description: "Candles of one window." });
const SnapshotInterval = Type.Integer({ minimum: 1, maximum: 200, description: "Candles between two checkpoints." });

const BuildBody = Type.Object({
  series_id: ReadSeriesId,
  to_time: orNull(Time),
  window_candles: orNull(WindowCandles),
  window_size: orNull(WindowSize),
  snapshot_interval: orNull(SnapshotInterval),
});
type BuildBody = Static<typeof BuildBody>;

const LookQuery = Type.Object({
  series_id: ReadSeriesId,
  to_time: Type.Optional(Time),
  window_candles: Type.Optional(WindowCandles),
  window_size: Type.Optional(WindowSize),
  snapshot_interval: Type.Optional(SnapshotInterval),
});
type LookQuery = Static<typeof LookQuery>;

const StatusQuery = Type.Object({
  job_id: JobId,
  include_delta_package: zeroOrOne("1: with all bars and the first window."),
});
type StatusQuery = Static<typeof StatusQuery>;

const WindowQuery = Type.Object({
  job_id: JobId,
  target_idx: Type.Integer({ minimum: 0, description: "Index of a candle; the window that holds it is answered." }),
});
type WindowQuery = Static<typeof WindowQuery>;

const COMPUTE_HINT = `build_required:POST ${PATH}/build`;

export function overlayPackageRoutes(app: FastifyInstance, context: HttpContext): void {
  const requireOpen = (): void => {
    if (!context.gates.overlayPackages) throw new HttpError("http.gate_closed");
  };

  app.get<{ Querystring: LookQuery }>(
    `${PATH}/read_only`,
    { schema: { querystring: LookQuery } },
    async ({ query }) => {
      requireOpen();
      const { overlayPackages } = context.replay;
      const { key, isThere } = overlayPackages.find(queryOf(query));
      const found = isThere ? await overlayPackages.meta(key) : undefined;
      return {
        status: found === undefined ? "build_required" : "done",
        job_id: key,
        cache_key: key,
        delta_meta: found?.meta ?? null,
        compute_hint: found === undefined ? COMPUTE_HINT : null,
      };
    },
  );

  app.post<{ Body: BuildBody }>(`${PATH}/build`, { schema: { body: BuildBody } }, async ({ body }) => {
    requireOpen();
    const { key, status } = context.replay.overlayPackages.build(queryOf(body));
    return { status, job_id: key, cache_key: key };
  });

  app.get<{ Querystring: StatusQuery }>(
    `${PATH}/status`,
    { schema: { querystring: StatusQuery } },
    async ({ query }, reply) => {
      requireOpen();
      return answerJson(reply, await status(context, query));
    },
  );

  app.get<{ Querystring: WindowQuery }>(
    `${PATH}/window`,
    { schema: { querystring: WindowQuery } },
    async ({ query: { job_id, target_idx } }, reply) => {
      requireOpen();
      const window = await context.replay.overlayPackages.window(job_id, target_idx);
      return answerJson(reply, withJsonMembers({ job_id }, { window: windowJson(window, STORED_NAMES) }));
    },
  );
}

function queryOf(given: LookQuery | BuildBody): PackageQuery {
  return {
    id: readSeriesOf(given.series_id),
    toTime: given.to_time ?? null,
    windowCandles: given.window_candles,
    windowSize: given.window_size,
    snapshotInterval: given.snapshot_interval,
  };
}

async function status({ replay }: HttpContext, { job_id, include_delta_package }: StatusQuery): Promise<JsonText> {
  const { overlayPackages } = replay;
  const { status: stands, error } = overlayPackages.standing(job_id);
  const found = stands === "done" ? await overlayPackages.meta(job_id) : undefined;
  // A package that cannot be read any more is to be built again.
  const shown = stands === "done" && found === undefined ? "build_required" : stands;
  const isWhole = found !== undefined && include_delta_package === 1;
  const preload = isWhole ? await overlayPackages.windowAt(job_id, found, 0) : undefined;
  return withJsonMembers(
    { status: shown, job_id, cache_key: job_id, error, delta_meta: found?.meta ?? null },
    {
      kline: isWhole ? await overlayPackages.bars(job_id) : undefined,
      preload_window: preload && windowJson(preload, STORED_NAMES),
    },
  );
}
