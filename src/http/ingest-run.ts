/** Runs the write pipeline on behalf of a request, with the metrics, debug events and errors that belong to it. */

import type { RunPolicy } from "../actors/ingest/policy.js";
import { PipelineError, PublishError, type RunResult } from "../actors/ingest/run-result.js";
import { errorText } from "../actors/runtime/errors.js";
import type { Candle } from "../market/candle.js";
import { debugNote, type HttpContext } from "./context.js";
import { HttpError } from "./errors.js";
import { seriesIdOf } from "./wire-schemas.js";

/** The names under which a kind of ingest is counted and told. */
export interface IngestNames {
  /** `market_ingest_closed` or `market_ingest_closed_batch`. */
  readonly metric: string;
  /** `write.http.ingest_candle_closed` or `write.http.ingest_candles_closed_batch`. */
  readonly event: string;
}

export interface IngestRequest {
  readonly seriesId: string;
  readonly candles: readonly Candle[];
  readonly policy: RunPolicy;
  readonly names: IngestNames;
  /** Data of the start event. */
  readonly startData: Readonly<Record<string, unknown>>;
  /** Data of the done event, besides the durations. */
  readonly doneData: (result: RunResult) => Readonly<Record<string, unknown>>;
}

/** @throws HttpError for a step or a publication that failed; ActorError or TooManySeriesError when it was not taken up. */
export async function runIngest(context: HttpContext, request: IngestRequest): Promise<void> {
  const { runtime, clock, metrics } = context;
  const { seriesId: series, candles, policy, names } = request;
  const id = seriesIdOf(series);
  const startedMs = clock.monotonic();
  debugNote(context, { pipe: "write", event: `${names.event}_start`, series, data: request.startData });
  try {
    const result = await runtime.ingest(id, candles, policy);
    const durationMs = clock.monotonic() - startedMs;
    metrics.count(`${names.metric}_requests_total`, { result: "ok" });
    metrics.time(`${names.metric}_duration_ms`, durationMs, { result: "ok" });
    const lastTime = result.candles.at(-1)?.time;
    if (lastTime !== undefined) metrics.gauge("market_ingest_last_candle_time", lastTime, { series_id: series });
    const data = { ...request.doneData(result), pipeline_duration_ms: result.durationMs, duration_ms: durationMs };
    debugNote(context, { pipe: "write", event: `${names.event}_done`, series, data });
  } catch (error) {
    const step = stepOf(error);
    metrics.count(`${names.metric}_requests_total`, { result: "error", step });
    metrics.time(`${names.metric}_duration_ms`, clock.monotonic() - startedMs, { result: "error" });
    debugNote(context, {
      pipe: "write",
      event: `${names.event}_error`,
      series,
      level: "error",
      data: errorData(series, step, error),
    });
    throw httpErrorOf(series, error);
  }
}

/** Where a run failed; one that the series did not even take up failed at `accept`. */
function stepOf(error: unknown): string {
  if (error instanceof PipelineError) return error.step;
  return error instanceof PublishError ? "publish" : "accept";
}

function errorData(series: string, step: string, error: unknown): Readonly<Record<string, unknown>> {
  const failure = error instanceof PipelineError ? error : undefined;
  return {
    step,
    series_id: series,
    error: failure?.causeText ?? errorText(error),
    compensated: failure?.compensated ?? false,
    overlay_compensated: failure?.compensation.overlayReset ?? false,
    candle_compensated_rows: failure?.compensation.candleRows ?? 0,
    compensation_error: failure?.compensation.error ?? null,
  };
}

function httpErrorOf(series: string, error: unknown): unknown {
  if (error instanceof PipelineError)
    return new HttpError("market.ingest_pipeline_failed", error.detail, { cause: error });
  if (error instanceof PublishError) {
    return new HttpError("market.publish_failed", `ingest_publish_failed:${series}`, { cause: error });
  }
  return error;
}
