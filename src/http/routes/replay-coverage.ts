/** Coverage of a series for replay. Spec: replay §6; http-api §8. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { nowSeconds } from "../../clock/clock.js";
import { slotAtOrBefore } from "../../market/slots.js";
import { ReplayError } from "../../replay/replay-error.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { JobId, LONGEST_SERIES_ID, orNull, SERIES_ID_FORM, seriesIdOf, Time } from "../wire-schemas.js";

const EnsureBody = Type.Object({
  series_id: Type.String({ minLength: 1, maxLength: LONGEST_SERIES_ID, description: SERIES_ID_FORM }),
  target_candles: Type.Integer({
    minimum: 1,
    maximum: 5000,
    default: 2000,
    description: "Candles that are to be there.",
  }),
  to_time: orNull(Time),
});
type EnsureBody = Static<typeof EnsureBody>;

const StatusQuery = Type.Object({ job_id: JobId });
type StatusQuery = Static<typeof StatusQuery>;

export function replayCoverageRoutes(app: FastifyInstance, context: HttpContext): void {
  const requireOpen = (): void => {
    const { replay, replayCoverage } = context.gates;
    if (!replay || !replayCoverage) throw new HttpError("http.gate_closed");
  };

  app.post<{ Body: EnsureBody }>("/api/replay/ensure_coverage", { schema: { body: EnsureBody } }, async ({ body }) => {
    requireOpen();
    const { store, runtime, replay } = context;
    const id = seriesIdOf(body.series_id);
    const now = () => slotAtOrBefore(nowSeconds(runtime.clockOf(id)), id.timeframeSeconds);
    const toTime = body.to_time ?? store.head(id.text).lastTime ?? now();
    const { status, jobId } = replay.coverage.ensure({ id, toTime, target: body.target_candles });
    return { status, job_id: jobId, error: null };
  });

  app.get<{ Querystring: StatusQuery }>(
    "/api/replay/coverage_status",
    { schema: { querystring: StatusQuery } },
    async ({ query: { job_id } }) => {
      requireOpen();
      const { status, error, progress } = context.replay.coverage.standing(job_id);
      if (progress === undefined) throw new ReplayError("not_found", `there is no coverage job ${job_id}`);
      return {
        status,
        job_id,
        candles_ready: progress.ready,
        required_candles: progress.required,
        head_time: progress.headTime,
        error,
      };
    },
  );
}
